import { Fragment } from 'react';
import { Link } from 'react-router';
import type { ExposureView, JourneyView, SerialView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { WhenExact } from '../parts/When.tsx';
import { degrees, limitText, shortEpc } from '../words/figures.ts';
import { span } from '../words/when.ts';
import css from './SerialExposure.module.css';

const MINUTE_MS = 60_000;

/** What a serial was exposed to: the whole journey in figures, then leg by leg. */
export function SerialExposure({ serial }: { serial: SerialView }) {
  const { journey, exposures } = serial;
  return (
    <section className="section-open" aria-labelledby="exposure">
      <h2 id="exposure">What it was exposed to</h2>
      {journey === null ? (
        <div className="panel section muted">Nobody knows yet where it is, so nobody knows what air it was in.</div>
      ) : (
        <>
          <Whole journey={journey} profile={exposures.findLast((leg) => leg.profile !== null)?.profile ?? null} />
          <div className="panel section">
            <ol className="history">
              {exposures.toReversed().map((leg) => (
                <Leg key={leg.from} leg={leg} />
              ))}
            </ol>
          </div>
        </>
      )}
    </section>
  );
}

function Whole({ journey, profile }: { journey: JourneyView; profile: ExposureView['profile'] }) {
  const { budget, highestMkt } = journey;
  const whole = Date.parse(journey.to) - Date.parse(journey.from);
  return (
    <dl className="panel facts">
      <Fact name="Lowest">{journey.min === null ? 'Not known' : degrees(journey.min)}</Fact>
      <Fact name="Highest">{journey.max === null ? 'Not known' : degrees(journey.max)}</Fact>
      {profile?.max === null || profile?.max === undefined ? null : (
        <Fact name={`Above ${limitText(profile.max)}`}>
          <Minutes minutes={journey.minutesAbove} />
        </Fact>
      )}
      {profile?.min === null || profile?.min === undefined ? null : (
        <Fact name={`Below ${limitText(profile.min)}`}>
          <Minutes minutes={journey.minutesBelow} />
        </Fact>
      )}
      <Fact name="Not measured">
        {journey.minutesUnknown === 0 ? 'Never' : span(journey.minutesUnknown * MINUTE_MS)}{' '}
        <span className="muted">of {span(whole)}</span>
      </Fact>
      <Fact name="Mean kinetic temperature">
        {journey.mkt === null ? 'Not known' : degrees(journey.mkt)}
        {highestMkt === null ? null : (
          <span className="muted">
            , at most {degrees(highestMkt.mkt)} over {spoken(highestMkt.window)}
          </span>
        )}
      </Fact>
      {budget === null ? null : (
        <Fact name="Stability budget left">
          <span className={budget.used >= budget.budget ? 'ink-excursion' : undefined}>
            {budget.left === 0 ? 'None' : span(budget.left * MINUTE_MS)}
          </span>{' '}
          <span className="muted">
            of {span(budget.budget * MINUTE_MS)}
            {budget.carriedIn > 0 ? `, ${span(budget.carriedIn * MINUTE_MS)} used before` : ''}
            {budget.usedAtWorst >= budget.budget && budget.used < budget.budget
              ? '; used up if it was out of range while not measured'
              : ''}
          </span>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figure">{children}</dd>
    </div>
  );
}

function Minutes({ minutes }: { minutes: number }) {
  if (minutes === 0) return 'Never';
  return <span className="ink-excursion">{span(minutes * MINUTE_MS)}</span>;
}

function Leg({ leg }: { leg: ExposureView }) {
  const isUnknown = leg.devices.length === 0;
  return (
    <li>
      <b className={isUnknown ? 'muted' : undefined}>{carrier(leg)}</b>
      {isUnknown ? null : (
        <span className={css.legDevices}>
          {leg.devices.map((device, index) => (
            <Fragment key={device}>
              {index === 0 ? ' ' : ', '}
              <Link to={`/devices/${encodeURIComponent(device)}`}>{device}</Link>
            </Fragment>
          ))}
        </span>
      )}
      <p className="muted">
        <WhenExact at={leg.from} />
        {leg.to === null ? ' until now' : ' to '}
        {leg.to === null ? null : <WhenExact at={leg.to} />}
      </p>
      {isUnknown ? null : <LegFigures leg={leg} />}
    </li>
  );
}

function carrier({ unit, place, devices }: ExposureView): string {
  if (devices.length === 0) return 'No logger was with it';
  if (unit !== null) return `In unit ${shortEpc(unit)}, measured by`;
  return place === null ? 'Measured by' : `At ${place.name}, measured by`;
}

function LegFigures({ leg }: { leg: ExposureView }) {
  const { min, max, minutesAbove, minutesBelow, minutesUnknown, profile } = leg;
  const state = minutesAbove + minutesBelow > 0 ? 'excursion' : min === null ? 'unknown' : 'inRange';
  const said = [
    min === null || max === null ? 'Nothing was measured' : `${degrees(min)} to ${degrees(max)}`,
    minutesAbove === 0 ? '' : `${span(minutesAbove * MINUTE_MS)} above ${limitText(profile?.max ?? 0)}`,
    minutesBelow === 0 ? '' : `${span(minutesBelow * MINUTE_MS)} below ${limitText(profile?.min ?? 0)}`,
    minutesUnknown === 0 || min === null ? '' : `${span(minutesUnknown * MINUTE_MS)} not measured`,
  ].filter((part) => part !== '');
  return (
    <p className={`${css.legFigures} figure`}>
      {profile === null && state === 'inRange' ? null : <ConditionMark state={state} size={14} label={null} />}
      {said.join(', ')}
    </p>
  );
}

/** `24h` as people say it. */
function spoken(window: string): string {
  const [, amount = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(window) ?? [];
  const words: Readonly<Record<string, string>> = { d: 'day', h: 'hour', m: 'minute' };
  const word = words[unit];
  return word === undefined ? window : `${amount} ${word}${amount === '1' ? '' : 's'}`;
}
