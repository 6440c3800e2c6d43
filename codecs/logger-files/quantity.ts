import type { Metric } from '../../domain/index.ts';
import { type Cell, textOf } from './cell.ts';

/** Units that values are written in, with what makes our unit of them. */
interface Unit {
  readonly metric: Metric;
  readonly toOurs: (value: number) => number;
}

const same = (value: number) => value;

/** By the name a mapping uses. */
export const UNITS = {
  '°C': { metric: 'temperature', toOurs: same },
  '°F': { metric: 'temperature', toOurs: (value) => ((value - 32) * 5) / 9 },
  K: { metric: 'temperature', toOurs: (value) => value - 273.15 },
  '%RH': { metric: 'humidity', toOurs: same },
  hPa: { metric: 'pressure', toOurs: same },
  kPa: { metric: 'pressure', toOurs: (value) => value * 10 },
  Pa: { metric: 'pressure', toOurs: (value) => value / 100 },
  lux: { metric: 'light', toOurs: same },
  g: { metric: 'shock', toOurs: same },
  '°': { metric: 'tilt', toOurs: same },
  '%': { metric: 'battery', toOurs: same },
} as const satisfies Readonly<Record<string, Unit>>;

export type UnitName = keyof typeof UNITS;
export const UNIT_NAMES = Object.keys(UNITS) as UnitName[];

/** A metric that is written in one unit only needs none said. */
const SILENT_UNITS: Readonly<Partial<Record<Metric, UnitName>>> = { humidity: '%RH', shock: 'g', battery: '%' };

export function unitLeftUnsaid(metric: Metric): UnitName | null {
  return SILENT_UNITS[metric] ?? null;
}

/** The degree sign, and what programs have made of it: another ring, a question mark, two bytes read as signs. */
const DEGREE = '(?:°|º|˚|Â°|Âº|\\?|\\ufffd|deg\\.?|degrees?|grad)';
const CELSIUS = new RegExp(`${DEGREE}\\s?c(?:elsius)?(?![a-z])|celsius|℃`, 'i');
const FAHRENHEIT = new RegExp(`${DEGREE}\\s?f(?:ahrenheit)?(?![a-z])|fahrenheit|℉`, 'i');
/** A bare letter is a unit only where a unit is set apart: `Temp (C)`, `T [F]`, `Temp, C`, or alone. */
const BARE = /(?:[([,/]\s?|^|(?:temp(?:erature?)?|temperatur|\bT)[ _]?)([CFK])(?:\s?[)\],/]|$)/;

/** The unit of a temperature that a text names; null where it names none. */
export function temperatureUnit(text: string): UnitName | null {
  if (CELSIUS.test(text)) return '°C';
  if (FAHRENHEIT.test(text)) return '°F';
  const letter = BARE.exec(text.trim())?.[1];
  if (letter === 'C') return '°C';
  if (letter === 'F') return '°F';
  return letter === 'K' || /\bkelvin\b/i.test(text) ? 'K' : null;
}

/** The unit of any metric that a text names. */
export function unitIn(text: string, metric: Metric): UnitName | null {
  if (metric === 'temperature') return temperatureUnit(text);
  if (metric === 'pressure') {
    if (/\b(?:hpa|mbar|millibar)\b/i.test(text)) return 'hPa';
    if (/\bkpa\b/i.test(text)) return 'kPa';
    return /\bpa\b/i.test(text) ? 'Pa' : null;
  }
  if (metric === 'light') return /\b(?:lux|lx)\b/i.test(text) ? 'lux' : null;
  return unitLeftUnsaid(metric);
}

/** What our unit makes of a value, as the decimal that is meant: 24.3 and not 24.300000000000001. */
export function inOurUnit(value: number, unit: UnitName): number {
  const ours = UNITS[unit].toOurs(value);
  return ours === value ? value + 0 : Math.round(ours * 10_000) / 10_000 + 0;
}

/** A number with its unit behind it, or nothing: `5.1`, `-0,5 °C`, `+12.7°C`, `1.234,5`. */
const NUMBER =
  /^([+\-−–]?)\s?(\d+(?:[.,']\d+)*|[.,]\d+)\s*((?:°|º|˚|Â°|\ufffd|\?|deg)?\s?[CFK]|%\s?(?:rh|r\.?\s?[fh]\.?)?|lux|lx|hpa|mbar|g|℃|℉)?$/i;
/** What {@link NUMBER} takes behind a number, by how it is written. */
const WRITTEN_UNITS: readonly (readonly [RegExp, readonly UnitName[]])[] = [
  [/c$|℃/i, ['°C']],
  [/f$|℉/i, ['°F']],
  [/k$/i, ['K']],
  [/lux|lx/i, ['lux']],
  [/hpa|mbar/i, ['hPa']],
  [/g$/i, ['g']],
];

export type DecimalMark = '.' | ',';

/**
 * A cell as a number; null where it is none.
 * @param mark what parts the decimals; the other one, and the apostrophe, may part thousands in front of it
 */
export function numberOf(cell: Cell | undefined, mark: DecimalMark): number | null {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  const [, sign = '', digits = ''] = NUMBER.exec(textOf(cell)) ?? [];
  if (digits === '') return null;
  const thousands = mark === '.' ? /[,']/g : /[.']/g;
  const [whole = '', decimals, ...more] = digits.split(mark);
  if (more.length > 0) return null;
  // What parts thousands stands before three digits; anything else is a number of another writing.
  if (/[,.']/.test(whole) && !/^\d{1,3}(?:[,.']\d{3})+$/.test(whole)) return null;
  if (decimals !== undefined && /[^\d]/.test(decimals)) return null;
  const value = Number(`${whole.replaceAll(thousands, '') || '0'}.${decimals ?? '0'}`);
  if (!Number.isFinite(value)) return null;
  return sign === '' || sign === '+' ? value : -value;
}

/**
 * The units that a cell may mean by what stands behind its number (`5.1 °C`, `45 %`); null where it brings none, or is no
 * number. Behind a percentage it can be of humidity or of a battery.
 */
export function unitsOfCell(cell: Cell | undefined): readonly UnitName[] | null {
  if (typeof cell === 'number') return null;
  const written = NUMBER.exec(textOf(cell))?.[3] ?? '';
  if (written === '') return null;
  if (written.startsWith('%')) return written === '%' ? ['%RH', '%'] : ['%RH'];
  return WRITTEN_UNITS.find(([pattern]) => pattern.test(written))?.[1] ?? null;
}

/**
 * What parts the decimals in some cells: the mark that stands there. A comma before exactly three digits could part
 * thousands; where any cell has a point as well, it does.
 */
export function decimalMarkOf(cells: Iterable<Cell | undefined>): DecimalMark {
  let hasPoint = false;
  for (const cell of cells) {
    if (typeof cell === 'number') continue;
    const text = textOf(cell);
    const [comma, point] = [text.lastIndexOf(','), text.lastIndexOf('.')];
    if (comma < 0 && point < 0) continue;
    if (!/^[+\-−–]?\s?[\d.,']+/.test(text)) continue;
    // Both: the last one is it.
    if (comma >= 0 && point >= 0) return comma > point ? ',' : '.';
    if (comma >= 0 && !hasPoint) return ',';
    if (point >= 0) hasPoint = true;
  }
  return '.';
}

/** How many decimals a number is written with. */
export function decimalsIn(text: string, mark: DecimalMark): number {
  const digits = NUMBER.exec(text.trim())?.[2] ?? '';
  return digits.split(mark)[1]?.length ?? 0;
}
