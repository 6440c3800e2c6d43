import { metricByName } from '../../domain/index.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A duration in its two largest units: `1 h 30 min`. */
export function lasting(ms: number): string {
  const at = UNITS.findIndex(([, size]) => ms >= size);
  const [largest, next] = UNITS.slice(at < 0 ? UNITS.length - 1 : at);
  if (largest === undefined) return '0 ms';
  const whole = Math.floor(ms / largest[1]);
  const rest = next === undefined ? 0 : Math.floor((ms - whole * largest[1]) / next[1]);
  const first = `${whole} ${largest[0]}`;
  return next === undefined || rest === 0 ? first : `${first} ${rest} ${next[0]}`;
}

/** A value with its unit, to a thousandth. */
export function amount(value: number, metric: string): string {
  const unit = metricByName(metric)?.unit ?? '';
  return withUnit(value, unit);
}

export function withUnit(value: number, unit: string): string {
  const text = String(Math.round(value * 1_000) / 1_000);
  return unit === '' ? text : `${text}${unit === '°' ? '' : ' '}${unit}`;
}
