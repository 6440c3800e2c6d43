import { useQuery } from '@tanstack/react-query';
import type { Bucket } from '../../../api/index.ts';
import { trendOptions } from '../queries.ts';
import { say } from '../text/say.ts';
import { degrees } from '../words/figures.ts';
import css from './Trend.module.css';
import { stretchesOf } from './trend-stretches.ts';

const WIDTH = 120;
const HEIGHT = 34;
const HOURS = 24;
const HOUR_MS = 3_600_000;

interface Limits {
  readonly min: number | null;
  readonly max: number | null;
}

/** The last day of one logger in a thumbnail: the band allowed, the spread of each hour, red where it left the band. */
export function Trend({ device, limits, now }: { device: string; limits: Limits; now: number }) {
  const { data: hours } = useQuery(trendOptions(device, HOURS * HOUR_MS));
  if (hours === undefined || hours.length === 0) return <span className={css.trend} aria-hidden="true" />;
  const lows = [...hours.map(({ min }) => min), ...(limits.min === null ? [] : [limits.min])];
  const highs = [...hours.map(({ max }) => max), ...(limits.max === null ? [] : [limits.max])];
  const low = Math.min(...lows);
  const high = Math.max(...highs);
  const room = Math.max((high - low) * 0.08, 0.2);
  const x = (at: number) => WIDTH * (1 - (now - at - HOUR_MS / 2) / (HOURS * HOUR_MS));
  const y = (value: number) => HEIGHT * (1 - (value - low + room) / (high - low + 2 * room));
  const point = (at: number, value: number) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
  const top = limits.max === null ? 0 : y(limits.max);
  const bottom = limits.min === null ? HEIGHT : y(limits.min);
  return (
    <svg className={css.trend} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label(hours, limits)}>
      <rect className={css.trendBand} x="0" y={top} width={WIDTH} height={Math.max(0, bottom - top)} rx="2" />
      {stretchesOf(hours).map((stretch) => (
        <g key={stretch[0]?.at}>
          <path
            className={css.trendSpread}
            d={`M${stretch.map(({ at, max }) => point(at, max)).join('L')}L${stretch
              .toReversed()
              .map(({ at, min }) => point(at, min))
              .join('L')}Z`}
          />
          <path className={css.trendLine} d={`M${stretch.map(({ at, mean }) => point(at, mean)).join('L')}`} />
        </g>
      ))}
      {hours
        .filter((hour) => isBeyond(hour, limits))
        .map((hour) => {
          const worst = limits.max !== null && hour.max > limits.max ? hour.max : hour.min;
          const at = Date.parse(hour.time);
          return <path key={at} className={css.trendBeyond} d={`M${point(at, hour.mean)}L${point(at, worst)}`} />;
        })}
    </svg>
  );
}

function isBeyond({ min, max }: Bucket, limits: Limits): boolean {
  return (limits.max !== null && max > limits.max) || (limits.min !== null && min < limits.min);
}

function label(hours: readonly Bucket[], limits: Limits): string {
  const low = degrees(Math.min(...hours.map(({ min }) => min)));
  const high = degrees(Math.max(...hours.map(({ max }) => max)));
  const beyond = hours.filter((hour) => isBeyond(hour, limits)).length;
  return say('chart.last24HoursToC', { low, high, beyond });
}
