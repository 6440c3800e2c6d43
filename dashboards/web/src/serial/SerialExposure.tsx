import { Fragment } from 'react';
import { Link } from 'react-router';
import type { ExposureView, JourneyView, SerialView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { WhenExact } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { degrees, limitText } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { span } from '../words/when.ts';
import css from './SerialExposure.module.css';

const MINUTE_MS = 60_000;

/** What a serial was exposed to: the whole journey in figures, then leg by leg. */
export function SerialExposure({ serial }: { serial: SerialView }) {
  const { journey, exposures } = serial;
  return (
    <section className="section-open" aria-labelledby="exposure">
      <h2 id="exposure">{say('serial.whatItWasExposedTo')}</h2>
      {journey === null ? (
        <div className="panel section muted">{say('serial.nobodyKnowsYetWhereIt')}</div>
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
      <Fact name={say('serial.lowest')}>{journey.min === null ? say('serial.notKnown') : degrees(journey.min)}</Fact>
      <Fact name={say('serial.highest')}>{journey.max === null ? say('serial.notKnown') : degrees(journey.max)}</Fact>
      {profile?.max === null || profile?.max === undefined ? null : (
        <Fact name={say('serial.above', { max: limitText(profile.max) })}>
          <Minutes minutes={journey.minutesAbove} />
        </Fact>
      )}
      {profile?.min === null || profile?.min === undefined ? null : (
        <Fact name={say('serial.below', { min: limitText(profile.min) })}>
          <Minutes minutes={journey.minutesBelow} />
        </Fact>
      )}
      <Fact name={say('serial.notMeasured')}>
        {journey.minutesUnknown === 0 ? say('serial.never') : span(journey.minutesUnknown * MINUTE_MS)}{' '}
        <span className="muted">{say('serial.of', { whole: span(whole) })}</span>
      </Fact>
      <Fact name={say('serial.meanKineticTemperature')}>
        {journey.mkt === null ? say('serial.notKnown') : degrees(journey.mkt)}
        {highestMkt === null ? null : (
          <span className="muted">
            {say('serial.atMostOver', { mkt: degrees(highestMkt.mkt), window: spoken(highestMkt.window) })}
          </span>
        )}
      </Fact>
      {budget === null ? null : (
        <Fact name={say('serial.stabilityBudgetLeft')}>
          <span className={budget.used >= budget.budget ? 'ink-excursion' : undefined}>
            {budget.left === 0 ? say('serial.none') : span(budget.left * MINUTE_MS)}
          </span>{' '}
          <span className="muted">
            {say('serial.of2', {
              span: span(budget.budget * MINUTE_MS),
              detail:
                budget.carriedIn > 0 ? say('serial.usedBefore', { span: span(budget.carriedIn * MINUTE_MS) }) : '',
              detail2:
                budget.usedAtWorst >= budget.budget && budget.used < budget.budget ? say('serial.usedUpIfItWas') : '',
            })}
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
  if (minutes === 0) return say('serial.never');
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
        {leg.to === null ? say('serial.untilNow') : say('serial.to')}
        {leg.to === null ? null : <WhenExact at={leg.to} />}
      </p>
      {isUnknown ? null : <LegFigures leg={leg} />}
    </li>
  );
}

function carrier({ unit, place, devices }: ExposureView): string {
  if (devices.length === 0) return say('serial.noLoggerWasWithIt');
  if (unit !== null) return say('serial.inUnitMeasuredBy', { unit: unitText(unit) });
  return place === null ? say('serial.measuredBy') : say('serial.atMeasuredBy', { name: place.name });
}

function LegFigures({ leg }: { leg: ExposureView }) {
  const { min, max, minutesAbove, minutesBelow, minutesUnknown, profile } = leg;
  // What was not measured may have been anything: no leg with a hole in it is shown as fine.
  const hasHole = min === null || minutesUnknown > 0;
  const state = minutesAbove + minutesBelow > 0 ? 'excursion' : hasHole ? 'unknown' : 'inRange';
  const said = [
    min === null || max === null
      ? say('serial.leg.nothingMeasured')
      : say('serial.leg.lowToHigh', { low: degrees(min), high: degrees(max) }),
    minutesAbove === 0
      ? ''
      : say('serial.leg.above', { span: span(minutesAbove * MINUTE_MS), limit: limitText(profile?.max ?? 0) }),
    minutesBelow === 0
      ? ''
      : say('serial.leg.below', { span: span(minutesBelow * MINUTE_MS), limit: limitText(profile?.min ?? 0) }),
    minutesUnknown === 0 || min === null
      ? ''
      : say('serial.leg.notMeasured', { span: span(minutesUnknown * MINUTE_MS) }),
  ].filter((part) => part !== '');
  return (
    <p className={`${css.legFigures} figure`}>
      {profile === null && state === 'inRange' ? null : <ConditionMark state={state} size={14} label={null} />}
      {said.join(', ')}
    </p>
  );
}

/** `24h` as people say it; a length that is written otherwise as it is written. */
function spoken(window: string): string {
  const [, amount, unit] = /^(\d+)([dhm])$/.exec(window) ?? [];
  if (amount === undefined || unit === undefined) return window;
  const count = Number(amount);
  if (unit === 'd') return say('serial.window.d', { count });
  return unit === 'h' ? say('serial.window.h', { count }) : say('serial.window.m', { count });
}
