import { IconAlertTriangle, IconCheck, IconDoor, IconGavel, IconMail, type IconProps } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import { Link } from 'react-router';
import { segment } from '../ask.ts';
import type { Span } from '../chart/silence.ts';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { summaryText } from '../words/alert.ts';
import { unitText } from '../words/printed.ts';
import { plainText } from '../words/said.ts';
import { clock, span } from '../words/when.ts';
import { GUTTER } from './gestures.ts';
import css from './Journey.module.css';
import type { JourneyModel, Logger, UnitGroup } from './journey-model.ts';
import { briefText, excusedText, suspectText, unitsText } from './journey-words.ts';
import { clustersOf, type Mark } from './marks.ts';
import { useViewState } from './useViewStore.ts';
import { type Extent, viewOf } from './view.ts';
import type { ViewStore } from './view-store.ts';

interface StripsProps {
  readonly model: JourneyModel;
  readonly marks: readonly Mark[];
  readonly silences: readonly Span[];
  readonly loggers: readonly Logger[];
  readonly store: ViewStore;
  /** Of the whole chart, px. */
  readonly width: number;
}

const GROUPS_MOST = 6;
const MARK_PX = 22;

/** Below the axis: what was beyond limits, what is not known, where the units were, in what, and what people did. */
export function Strips({ model, marks, silences, loggers, store, width }: StripsProps) {
  const zone = useZone();
  const { shown } = useViewState(store);
  const plotWidth = Math.max(1, width - GUTTER.left - GUTTER.right);
  const drawn = model.alerts.filter(({ what: { kind } }) => kind === 'threshold');
  const silent = model.alerts.filter(({ what: { kind } }) => kind === 'silence');
  const shownGroups = model.groups.slice(0, GROUPS_MOST);
  const more = model.groups.slice(GROUPS_MOST).reduce((sum, { units }) => sum + units.length, 0);
  const isNotKnown = silences.length + model.suspects.length + silent.length > 0;
  return (
    <div className={css.strips}>
      {drawn.length + model.brief.length === 0 ? null : (
        <Strip title={say('journey.strip.beyond')}>
          {model.brief.map(({ what, ...extent }) => (
            <Segment key={`${what.device} ${what.from}`} extent={extent} shown={shown} className={css.brief}>
              <Closer extent={extent} store={store} text={briefText(what)} />
            </Segment>
          ))}
          {drawn.map(({ what, ...extent }) => (
            <Segment key={what.id} extent={extent} shown={shown} className={css.excursion}>
              <Link
                to={`/alerts/${segment(what.id)}`}
                title={plainText(summaryText(what), zone)}
                className={css.segmentLink}
                tabIndex={-1}
              >
                {span(extent.to - extent.from)}
              </Link>
            </Segment>
          ))}
        </Strip>
      )}
      {model.excused.length === 0 ? null : (
        <Strip title={say('journey.strip.excused')}>
          {model.excused.map(({ what, ...extent }) => (
            <Segment
              key={`${what.device} ${what.from} ${what.how}`}
              extent={extent}
              shown={shown}
              className={css.excused}
            >
              <Closer extent={extent} store={store} text={excusedText(what)} />
            </Segment>
          ))}
        </Strip>
      )}
      {isNotKnown ? (
        <Strip title={say('journey.strip.gaps')}>
          {silences.map((silence) => {
            const lane = loggers.findIndex(({ label }) => label === silence.of);
            const text = say('journey.silence', { lasted: span(silence.to - silence.from) });
            return (
              <Segment
                key={`${silence.of} ${silence.from}`}
                extent={silence}
                shown={shown}
                className={css.silence}
                lane={{ at: Math.max(lane, 0), of: Math.max(loggers.length, 1) }}
                title={silence.of === undefined ? text : `${silence.of}: ${text}`}
              >
                {loggers.length > 1 ? null : text}
              </Segment>
            );
          })}
          {silent.map(({ what, ...extent }) => (
            <Segment key={what.id} extent={extent} shown={shown} className={css.silence}>
              <Link
                to={`/alerts/${segment(what.id)}`}
                title={plainText(summaryText(what), zone)}
                className={css.segmentLink}
                tabIndex={-1}
              >
                {plainText(summaryText(what), zone)}
              </Link>
            </Segment>
          ))}
          {model.suspects.map(({ what, ...extent }) => (
            <Segment
              key={`${what.device} ${what.from}`}
              extent={extent}
              shown={shown}
              className={css.suspect}
              title={suspectText(what)}
            />
          ))}
        </Strip>
      ) : null}
      {shownGroups.map((group) => (
        <Whereabouts key={group.units.join()} group={group} loggers={model.loggers} shown={shown} />
      ))}
      {more === 0 ? null : <p className={`${css.stripNote} muted`}>{say('journey.moreUnits', { count: more })}</p>}
      {marks.length === 0 ? null : (
        <Strip title={say('journey.strip.events')}>
          {clustersOf(
            marks.filter(({ at }) => at >= shown.from && at <= shown.to),
            ((shown.to - shown.from) * MARK_PX) / plotWidth,
          ).map((cluster) => (
            <Marked key={cluster[0]?.key} cluster={cluster} shown={shown} store={store} />
          ))}
        </Strip>
      )}
    </div>
  );
}

function Strip({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div className={css.strip}>
      <p className={`${css.stripTitle} muted`}>{title}</p>
      <div className={css.lane}>{children}</div>
    </div>
  );
}

interface SegmentProps {
  readonly extent: Extent;
  readonly shown: Extent;
  readonly className: string | undefined;
  readonly title?: string;
  /** One of several in a strip. */
  readonly lane?: { readonly at: number; readonly of: number };
  readonly children?: ReactNode;
}

function Segment({ extent, shown, className, title, lane, children }: SegmentProps) {
  if (extent.to < shown.from || extent.from > shown.to) return null;
  const { left, width } = placed(extent, shown);
  const within =
    lane === undefined || lane.of < 2 ? {} : { top: `${(100 * lane.at) / lane.of}%`, height: `${100 / lane.of}%` };
  return (
    <div className={`${css.segment} ${className ?? ''}`} style={{ left, width, ...within }} title={title}>
      <span className={css.segmentText}>{children}</span>
    </div>
  );
}

function placed(extent: Extent, shown: Extent): { left: string; width: string } {
  const whole = shown.to - shown.from;
  const from = Math.max(extent.from, shown.from);
  const to = Math.min(extent.to, shown.to);
  return { left: `${(100 * (from - shown.from)) / whole}%`, width: `${(100 * (to - from)) / whole}%` };
}

/** Shows a stretch with as much beside it. */
function Closer({ extent, store, text }: { extent: Extent; store: ViewStore; text: string }) {
  const beside = Math.max(extent.to - extent.from, 300_000) * 3;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={css.segmentLink}
      title={text}
      aria-label={say('journey.jump', { what: text })}
      onClick={() =>
        store.setView(viewOf({ from: extent.from - beside, to: extent.to + beside }, store.state().bounds))
      }
    >
      {text}
    </button>
  );
}

function Whereabouts({ group, loggers, shown }: { group: UnitGroup; loggers: readonly Logger[]; shown: Extent }) {
  const labels = loggers.filter(({ id }) => group.loggers.includes(id)).map(({ label }) => label);
  const title = [unitsText(group.units), ...labels].join(' · ');
  return (
    <Strip title={title}>
      <div className={css.unknownWay} title={say('journey.notKnown')} />
      {group.places.length > 0 ? null : <span className={`${css.unknownText} muted`}>{say('journey.notKnown')}</span>}
      {group.places.map(({ what: { place }, from, to }) => (
        <Segment
          key={from}
          extent={{ from, to }}
          shown={shown}
          className={place === null ? css.onTheWay : css.place}
          title={place ?? say('journey.onTheWay')}
        >
          {place ?? say('journey.onTheWay')}
        </Segment>
      ))}
      {group.parents.map(({ what: { parent }, from, to }) => {
        const text = say('journey.inUnit', { parent: unitText(parent) });
        return (
          <Segment key={`in ${from}`} extent={{ from, to }} shown={shown} className={css.inUnit} title={text}>
            {text}
          </Segment>
        );
      })}
    </Strip>
  );
}

const ICONS: Readonly<Record<Mark['kind'], ComponentType<IconProps>>> = {
  pass: IconDoor,
  alert: IconAlertTriangle,
  decision: IconGavel,
  message: IconMail,
  act: IconCheck,
};

interface MarkedProps {
  readonly cluster: readonly Mark[];
  readonly shown: Extent;
  readonly store: ViewStore;
}

function Marked({ cluster, shown, store }: MarkedProps) {
  const zone = useZone();
  const [first] = cluster;
  const last = cluster.at(-1);
  if (first === undefined || last === undefined) return null;
  const left = `${(100 * (first.at - shown.from)) / (shown.to - shown.from)}%`;
  const Icon = ICONS[first.kind];
  const isTrouble = cluster.some((mark) => mark.isTrouble);
  const className = `${css.mark} ${isTrouble ? css.markTrouble : ''}`;
  const said = `${clock(first.at, zone)}: ${first.text}`;
  const text = cluster.length === 1 ? said : say('journey.cluster', { count: cluster.length, first: said });
  const face = (
    <>
      <Icon size={14} stroke={1.8} aria-hidden="true" />
      {cluster.length > 1 ? <span className={css.markCount}>{cluster.length}</span> : null}
    </>
  );
  if (cluster.length === 1 && first.href !== null)
    return (
      <Link to={first.href} className={className} style={{ left }} title={text} aria-label={text} tabIndex={-1}>
        {face}
      </Link>
    );
  const beside = Math.max((last.at - first.at) * 0.25, 30_000);
  return (
    <button
      type="button"
      className={className}
      style={{ left }}
      title={text}
      aria-label={text}
      tabIndex={-1}
      onClick={() => store.setView(viewOf({ from: first.at - beside, to: last.at + beside }, store.state().bounds))}
    >
      {face}
    </button>
  );
}
