import type { Metric } from '../../domain/index.ts';
import { type Row, textOf } from './cell.ts';
import type { MeasuredTable } from './columns.ts';
import {
  type DecimalMark,
  decimalMarkOf,
  decimalsIn,
  inOurUnit,
  numberOf,
  temperatureUnit,
  type UnitName,
  unitsOfCell,
} from './quantity.ts';

export const SUMMARY_FIGURES = ['min', 'max', 'mean', 'mkt', 'count'] as const;
export type SummaryFigure = (typeof SUMMARY_FIGURES)[number];

/** A figure as the file gives it, in our unit. */
export interface StatedFigure {
  readonly figure: SummaryFigure;
  readonly metric: Metric;
  /** null: the file says it once for all. */
  readonly probe: number | null;
  readonly value: number;
  /** Half of its last digit: so much off it may be. */
  readonly precision: number;
}

/** A line `key: value` of what stands around the table. */
export interface StatedLine {
  readonly key: string;
  readonly value: string;
}

const KEYS: readonly (readonly [SummaryFigure, RegExp])[] = [
  ['mkt', /\bmkt\b|mean kinetic|kinetisch/i],
  ['max', /^(?:max(?:imum|\.)?|highest|peak|höchst\w*|maximal\w*)(?![a-z])/i],
  ['min', /^(?:min(?:imum|\.)?|lowest|tiefst\w*|niedrigst\w*|minimal\w*)(?![a-z])/i],
  ['mean', /^(?:avg|avrg|average|mean|mittel\w*|durchschnitt\w*)(?![a-z])/i],
  [
    'count',
    /^(?:(?:total )?(?:number|no\.?|#) of (?:readings|data ?points|measurements|points|samples|records)|(?:total )?(?:readings|data ?points|measurements|samples)(?: recorded)?|anzahl(?: der)?(?: messwerte| messungen)?|messwerte)$/i,
  ],
];
/** What a figure is held against, and when it was measured, is no figure. */
const NO_FIGURE =
  /limit|alarm|alert|grenz|set ?point|soll|threshold|allowed|zulässig|\btime\b|\bdate\b|zeit|datum|running|transport|delay/i;
const HUMID = /humid|feucht|\br\.? ?[hf]\b|%\s?r/i;
const ALARM = /alarm|alert|excursion|violation|verletz|grenzwertüber/i;
const MOST_ALARMS = 20;

/** The lines `key: value` in some rows: of two cells, or one that a colon parts. */
export function statedLines(rows: readonly Row[]): StatedLine[] {
  return rows.flatMap(({ cells }): StatedLine[] => {
    const texts = cells.map((cell) => textOf(cell)).filter((text) => text !== '');
    const [first, second, third] = texts;
    if (first === undefined) return [];
    if (second === undefined) {
      const [, key, value] = /^([^:=]{1,60})[:=]\s*(\S.*)$/.exec(first) ?? [];
      return key === undefined || value === undefined ? [] : [{ key: key.trim(), value }];
    }
    return [{ key: first.replace(/[:=]\s*$/, ''), value: third === undefined ? second : `${second} ${third}` }];
  });
}

/** The figures among lines. @param unit of temperatures that bring none */
export function statedFigures(lines: readonly StatedLine[], unit: UnitName | null): StatedFigure[] {
  const mark = decimalMarkOf(lines.map(({ value }) => value));
  return lines.flatMap(({ key, value }) => {
    const figure = KEYS.find(([, pattern]) => pattern.test(key.trim()))?.[0];
    if (figure === undefined || NO_FIGURE.test(key)) return [];
    const metric: Metric = HUMID.test(key) || /%/.test(value) ? 'humidity' : 'temperature';
    const found = figureOf(
      firstNumber(value),
      figure,
      metric,
      mark,
      temperatureUnit(value) ?? temperatureUnit(key) ?? unit,
    );
    return found === null ? [] : [{ ...found, probe: null }];
  });
}

/** `+12.7°C (17.04.2023 15:23)`: the number in front is meant. */
function firstNumber(value: string): string {
  return /^[+\-−–]?\s?[\d.,']+/.exec(value.trim())?.[0].replace(/[.,]$/, '') ?? '';
}

function figureOf(
  text: string,
  figure: SummaryFigure,
  metric: Metric,
  mark: DecimalMark,
  unit: UnitName | null,
): Omit<StatedFigure, 'probe'> | null {
  const value = numberOf(text, mark);
  if (value === null) return null;
  const half = 0.5 * 10 ** -decimalsIn(text, mark);
  if (figure === 'count') return Number.isInteger(value) ? { figure, metric, value, precision: 0 } : null;
  if (metric !== 'temperature') return { figure, metric, value, precision: half };
  if (unit === null) return null;
  return { figure, metric, value: inOurUnit(value, unit), precision: unit === '°F' ? (half * 5) / 9 : half };
}

/** A row of totals under the table: `Max;;9,1;8,2`. Empty where the row is none. */
export function totalsIn({ cells }: Row, table: MeasuredTable, mark: DecimalMark): StatedFigure[] {
  const label = cells.map((cell) => textOf(cell)).find((text) => text !== '') ?? '';
  const key = label.replace(/[:=]\s*$/, '');
  const figure = KEYS.find(([, pattern]) => pattern.test(key))?.[0];
  if (figure === undefined || NO_FIGURE.test(key)) return [];
  return table.columns.flatMap(({ column, metric, unit, probe }) => {
    const text = textOf(cells[column]);
    if (text === '' || text === label || unit === null) return [];
    // Totals in another unit than their column are none of it.
    if (unitsOfCell(cells[column])?.includes(unit) === false) return [];
    const found = figureOf(text, figure, metric, mark, unit);
    return found === null ? [] : [{ ...found, probe }];
  });
}

/** What the file says of alarms, as it says it. */
export function statedAlarms(lines: readonly StatedLine[]): string[] {
  return lines
    .filter(({ key, value }) => ALARM.test(key) && value !== '')
    .slice(0, MOST_ALARMS)
    .map(({ key, value }) => `${key}: ${value}`.slice(0, 200));
}

const SERIAL =
  /^(?:.*\b)?(?:serial(?: ?(?:number|no\.?|#|nr\.?))?|s\/n|sn|seriennummer|serien-?nr\.?|logger ?id|device ?id|monitor ?id|geräte-?(?:id|nummer|nr\.?)|logger ?(?:number|nummer|nr\.?)|trip ?number|identification number)\.?$/i;

/** The serial number that the file gives its device; null where it gives none. */
export function statedSerial(lines: readonly StatedLine[]): string | null {
  const found = lines.find(({ key, value }) => SERIAL.test(key.trim()) && value !== '');
  return found === undefined ? null : found.value.trim();
}
