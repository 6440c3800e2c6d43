import type { CSSProperties, ReactNode } from 'react';
import type { ExposureView, SerialView } from '../../../api/index.ts';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { headline } from '../words/alert.ts';
import { degrees } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { clock, local, span } from '../words/when.ts';
import css from './LifeLine.module.css';

const MINUTE_MS = 60_000;

/** From when it was first known until now, or until it was last heard of: the air it was in, where, in what, and what was said of it. */
export function LifeLine({ serial, now }: { serial: SerialView; now: number }) {
  const zone = useZone();
  const { journey, exposures, presence, containment, alerts, dispositions } = serial;
  if (journey === null) return null;
  const life = { from: Date.parse(journey.from), to: Math.max(Date.parse(journey.to), Date.parse(journey.from) + 1) };
  const at = (from: string, to: string | null): CSSProperties => {
    const begin = Math.max(Date.parse(from), life.from);
    const end = Math.min(to === null ? now : Date.parse(to), life.to);
    const share = (moment: number) => (100 * (moment - life.from)) / (life.to - life.from);
    return { left: `${share(begin)}%`, width: `${Math.max(0, share(end) - share(begin))}%` };
  };
  const label = say('serial.line.label', {
    ...{ from: local(life.from, zone), to: local(life.to, zone), legs: exposures.length },
    beyond: span(journey.minutesOutOfRange * MINUTE_MS),
    unknown: span(journey.minutesUnknown * MINUTE_MS),
  });
  return (
    <section className="panel section" aria-labelledby="line">
      <h2 id="line">{say('serial.line')}</h2>
      <div role="img" aria-label={label}>
        <Row name={say('serial.line.air')}>
          {exposures.map((leg) => (
            <Stretch key={leg.from} style={at(leg.from, leg.to)} tone={css[toneOf(leg)]} text={airText(leg)} />
          ))}
        </Row>
        {presence.length === 0 ? null : (
          <Row name={say('serial.line.places')}>
            {presence.map(({ place, from, to }) => (
              <Stretch key={from} style={at(from, to)} tone={css.place} text={place.name} />
            ))}
          </Row>
        )}
        {containment.length === 0 ? null : (
          <Row name={say('serial.line.units')}>
            {containment.map(({ parent, from, to }) => (
              <Stretch key={from} style={at(from, to)} tone={css.unit} text={unitText(parent)} />
            ))}
          </Row>
        )}
        {alerts.length + dispositions.length === 0 ? null : (
          <Row name={say('serial.line.alerts')}>
            {alerts.map((alert) => (
              <Stretch key={alert.id} style={at(alert.from, alert.to)} tone={css.beyond} text={headline(alert, now)} />
            ))}
            {dispositions.map(({ case: id, number, at: moment, disposition }) => (
              <Stretch
                key={`${id} ${number}`}
                style={at(moment, moment)}
                tone={css.decision}
                text={say(`case.decided.${disposition}`)}
              />
            ))}
          </Row>
        )}
        <p className={`${css.ends} muted figure`}>
          <span>{clock(life.from, zone)}</span>
          <span>{clock(life.to, zone)}</span>
        </p>
      </div>
    </section>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.row}>
      <span className={`${css.name} muted`}>{name}</span>
      <div className={css.lane}>{children}</div>
    </div>
  );
}

function Stretch({ style, tone, text }: { style: CSSProperties; tone: string | undefined; text: string }) {
  return (
    <span className={`${css.stretch} ${tone ?? ''}`} style={style} title={text}>
      {text}
    </span>
  );
}

/** Never green: that nothing was beyond is what was measured, and no decision. */
function toneOf(leg: ExposureView): 'unknown' | 'beyond' | 'within' {
  if (leg.devices.length === 0 || leg.min === null) return 'unknown';
  return leg.minutesOutOfRange > 0 ? 'beyond' : 'within';
}

function airText(leg: ExposureView): string {
  if (leg.devices.length === 0 || leg.min === null || leg.max === null) return say('serial.line.notMeasured');
  if (leg.minutesOutOfRange > 0) return say('serial.line.beyond', { lasted: span(leg.minutesOutOfRange * MINUTE_MS) });
  return say('serial.line.inRange', { low: degrees(leg.min), high: degrees(leg.max) });
}
