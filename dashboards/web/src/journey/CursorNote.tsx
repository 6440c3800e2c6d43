import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { silenceAfter } from '../chart/silence.ts';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { summaryText, unitOf } from '../words/alert.ts';
import { valueText } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { plainText } from '../words/said.ts';
import { full, utc, zoneName } from '../words/when.ts';
import { GUTTER } from './gestures.ts';
import css from './Journey.module.css';
import { isAt, type JourneyModel, type Logger, parentAt, placeAt, valueAt } from './journey-model.ts';
import { briefText, excusedText, suspectText } from './journey-words.ts';
import type { Mark } from './marks.ts';
import type { Drawn } from './useDrawn.ts';
import { useViewState } from './useViewStore.ts';
import type { ViewStore } from './view-store.ts';

interface CursorNoteProps {
  readonly model: JourneyModel;
  readonly drawn: readonly Drawn[];
  readonly marks: readonly Mark[];
  readonly store: ViewStore;
  readonly colourOf: (logger: Logger) => string;
  readonly width: number;
}

/** Marks so near to what is pointed at are said with it, px. */
const NEAR_PX = 8;
const NARROW_PX = 560;

/** A line through everything at the moment that is pointed at, and what was then: time and zone, values, units, places. */
export function CursorNote(props: CursorNoteProps) {
  const { model, store, width } = props;
  const zone = useZone();
  const { cursor, shown } = useViewState(store);
  if (cursor === null || cursor.at < shown.from || cursor.at > shown.to) return null;
  const share = (cursor.at - shown.from) / (shown.to - shown.from);
  const left = GUTTER.left + share * (width - GUTTER.left - GUTTER.right);
  const rows = props.drawn.reduce(
    (found, one) => found.set(one.logger, [...(found.get(one.logger) ?? []), one]),
    new Map<Logger, Drawn[]>(),
  );
  const said = notesAt(props, cursor.at, ((shown.to - shown.from) * NEAR_PX) / width, zone);
  const lines = [...rows].flatMap(([logger, drawn]) => lineAt(model, logger, drawn, cursor.at));
  const when = `${full(cursor.at, zone)} (${zoneName(zone)})`;
  return (
    <>
      <div className={css.cursor} style={{ transform: `translateX(${left}px)` }} />
      <div
        className={css.note}
        style={
          width < NARROW_PX
            ? { left: 8, right: 8 }
            : share > 0.5
              ? { left: GUTTER.left + 8 }
              : { right: GUTTER.right + 8 }
        }
      >
        <p>
          <b>{when}</b> <span className="muted">{zone === 'UTC' ? null : utc(cursor.at, zone)}</span>
        </p>
        {lines.map(({ logger, values, where }) => (
          <div key={logger.id} className={css.noteRow}>
            <span className={css.swatch} style={{ background: props.colourOf(logger) }} />
            <div>
              <span>{logger.label}</span> <b className="figure">{values}</b>
              <div className="muted">{where}</div>
            </div>
          </div>
        ))}
        {said.map(({ key, text, className }) => (
          <p key={key} className={className}>
            {text}
          </p>
        ))}
      </div>
      <Aloud isOn={cursor.by === 'key'}>
        {[
          when,
          ...lines.map(({ logger, values, where }) => `${logger.label}: ${values}, ${where}`),
          ...said.map(({ text }) => text),
        ].join('. ')}
      </Aloud>
    </>
  );
}

function Aloud({ isOn, children }: { isOn: boolean; children: ReactNode }) {
  return <VisuallyHidden aria-live="polite">{isOn ? children : null}</VisuallyHidden>;
}

function lineAt(model: JourneyModel, logger: Logger, drawn: readonly Drawn[], at: number) {
  const spell = logger.on.findLast((one) => isAt(one, at));
  if (spell === undefined) return [];
  const values = drawn.flatMap(({ metric, series }) => {
    const found = valueAt(series, at, Math.max(silenceAfter(series.time), (series.width ?? 0) * 1.5));
    if (found === null) return [];
    const unit = unitOf(metric);
    const [min, max] = [series.min?.[found.row], series.max?.[found.row]];
    const text = valueText(found.value, unit);
    if (min === undefined || max === undefined || min === max) return [text];
    return [`${text} (${say('chart.to', { min: valueText(min, unit), max: valueText(max, unit) })})`];
  });
  const { unit } = spell.what;
  const parent = parentAt(model.groups, unit, at);
  const place = placeAt(model.groups, unit, at);
  const where = [
    unitText(unit),
    ...(parent === null ? [] : [say('journey.inUnit', { parent: unitText(parent) })]),
    place === null ? say('journey.onTheWay') : say('journey.at', { place }),
  ].join(' · ');
  return [{ logger, values: values.length === 0 ? say('journey.silentNow') : values.join(', '), where }];
}

function notesAt({ model, marks }: CursorNoteProps, at: number, nearMs: number, zone: string) {
  const near = <T extends { readonly from: number; readonly to: number }>({ from, to }: T) =>
    at >= from - nearMs && at <= to + nearMs;
  return [
    ...model.alerts.filter(near).map(({ what }) => ({
      ...{ key: what.id, text: plainText(summaryText(what), zone) },
      className: what.severity === 'critical' ? 'ink-excursion' : 'ink-warning',
    })),
    ...model.brief.filter(near).map(({ what }) => ({
      ...{ key: `${what.device} ${what.from}`, text: briefText(what), className: 'ink-warning' },
    })),
    ...model.suspects.filter(near).map(({ what }) => ({
      ...{ key: `${what.device} ${what.from} suspect`, text: suspectText(what), className: 'ink-warning' },
    })),
    ...model.excused.filter(near).map(({ what }) => ({
      ...{ key: `${what.device} ${what.from} ${what.how}`, text: excusedText(what), className: 'ink-inRange' },
    })),
    ...marks
      .filter((mark) => Math.abs(mark.at - at) <= nearMs && mark.kind !== 'alert')
      .slice(0, 4)
      .map((mark) => ({ key: mark.key, text: mark.text, className: undefined })),
  ];
}
