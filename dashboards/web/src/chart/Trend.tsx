import { useQuery } from '@tanstack/react-query';
import type { Bucket } from '../../../api/index.ts';
import { trendOptions } from '../queries.ts';
import { say } from '../text/say.ts';
import { degrees } from '../words/figures.ts';
import css from './Trend.module.css';

const WIDTH = 120;
const HEIGHT = 34;
const HOURS = 24;
const HOUR_MS = 3_600_000;
/** Hours further apart than this are not joined. */
const GAP_MS = 1.5 * HOUR_MS;

interface Limits {
  readonly min: number | null;
  readonly max: number | null;
}

/** The last day of one logger in a thumbnail: the band allowed, the spread of each hour, red where it left the band. */
export function Trend({ device, limits, now }: { device: string; limits: Limits; now: number }) {
  const { data: hours } = useQuery(trendOptions(device, HOURS * HOUR_MS));
  if (hours === undefined || hours.length < 2) return <span className={css.trend} aria-hidden="true" />;
  const lows = [...hours.map(({ min }) => min), ...(limits.min === null ? [] : [limits.min])];
  const highs = [...hours.map(({ max }) => max), ...(limits.max === null ? [] : [limits.max])];
  const low = Math.min(...lows);
  const high = Math.max(...highs);
  const room = Math.max((high - low) * 0.08, 0.2);
  const x = (at: number) => WIDTH * (1 - (now - at - HOUR_MS / 2) / (HOURS * HOUR_MS));
  const y = (value: number) => HEIGHT * (1 - (value - low + room) / (high - low + 2 * room));
  const point = ({ time }: Bucket, value: number) => `${x(Date.parse(time)).toFixed(1)} ${y(value).toFixed(1)}`;
  const top = limits.max === null ? 0 : y(limits.max);
  const bottom = limits.min === null ? HEIGHT : y(limits.min);
  return (
    <svg className={css.trend} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label(hours, limits)}>
      <rect className={css.trendBand} x="0" y={top} width={WIDTH} height={Math.max(0, bottom - top)} rx="2" />
      {stretches(hours).map((stretch) => (
        <g key={stretch[0]?.time}>
          <path
            className={css.trendSpread}
            d={`M${stretch.map((hour) => point(hour, hour.max)).join('L')}L${stretch
              .toReversed()
              .map((hour) => point(hour, hour.min))
              .join('L')}Z`}
          />
          <path className={css.trendLine} d={`M${stretch.map((hour) => point(hour, hour.mean)).join('L')}`} />
        </g>
      ))}
      {hours
        .filter((hour) => isBeyond(hour, limits))
        .map((hour) => {
          const worst = limits.max !== null && hour.max > limits.max ? hour.max : hour.min;
          return (
            <path key={hour.time} className={css.trendBeyond} d={`M${point(hour, hour.mean)}L${point(hour, worst)}`} />
          );
        })}
    </svg>
  );
}

function isBeyond({ min, max }: Bucket, limits: Limits): boolean {
  return (limits.max !== null && max > limits.max) || (limits.min !== null && min < limits.min);
}

function stretches(hours: readonly Bucket[]): Bucket[][] {
  const found: Bucket[][] = [];
  for (const hour of hours) {
    const last = found.at(-1);
    const before = last?.at(-1);
    if (last === undefined || before === undefined || Date.parse(hour.time) - Date.parse(before.time) > GAP_MS) {
      found.push([hour]);
    } else last.push(hour);
  }
  return found;
}

function label(hours: readonly Bucket[], limits: Limits): string {
  const low = degrees(Math.min(...hours.map(({ min }) => min)));
  const high = degrees(Math.max(...hours.map(({ max }) => max)));
  const beyond = hours.filter((hour) => isBeyond(hour, limits)).length;
  return say('chart.last24HoursToC', { low, high, beyond });
}
