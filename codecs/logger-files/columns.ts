import type { Metric } from '../../domain/index.ts';
import { type Row, textOf } from './cell.ts';
import { type DateOrder, orderInPattern, writtenTime } from './civil-time.ts';
import {
  decimalMarkOf,
  numberOf,
  temperatureUnit,
  type UnitName,
  unitIn,
  unitLeftUnsaid,
  unitsOfCell,
} from './quantity.ts';

/** Where the time of a row stands: one column, or one of the date and one of the time of day. */
export type TimeColumns = readonly [number] | readonly [number, number];

/** A column of measured values. */
export interface ValueColumn {
  /** From 0. */
  readonly column: number;
  readonly metric: Metric;
  /** null: the file names none, and the metric has several. */
  readonly unit: UnitName | null;
  /** From 1; null where the file has one probe. */
  readonly probe: number | null;
  /** Where each row says the unit of its own, from 0. */
  readonly unitColumn?: number;
}

/** A table of measured values in a file. */
export interface MeasuredTable {
  /** The layout's name, for a person. */
  readonly layout: string;
  readonly time: TimeColumns;
  readonly columns: readonly ValueColumn[];
  /** Where the header or the file says it. */
  readonly order: DateOrder | null;
  /** Minutes east of UTC of all times, where the header says it. */
  readonly offset: number | null;
  /** How many columns a row may fill: what stands behind is a decimal comma that parted a cell. */
  readonly width: number;
  /** Header cells, for a repeated header and for a mapping by hand. */
  readonly header: Row;
  /** What stands before and behind the table belongs to it too. */
  readonly rows: readonly Row[];
  readonly before: readonly Row[];
}

const TIME_WORDS =
  /\b(?:time ?stamp|date ?time|time|clock|zeit|uhrzeit|zeitpunkt|zeitstempel|messzeit|messzeitpunkt)\b|\bhh?:mm/i;
const DATE_WORDS =
  /\b(?:date|datum|day|tag|date ?time|time ?stamp|zeitstempel|zeitpunkt|messzeitpunkt|recorded(?: at)?|measured(?: at)?|logged at)\b|\b(?:yy|jj|dd|tt|mm)[./-]/i;
const NO_TIME = /\b(?:elapsed|duration|interval|since|remaining|dauer|seit|vergangen|laufzeit)\b|zeit seit/i;

/** Columns that hold what was made of measurements, or what they are held against. */
const DERIVED =
  /\b(?:max(?:imum)?|min(?:imum)?|avg|avrg|average|mean|mittel(?:wert)?|mkt|kinetic|dew ?point|taupunkt|absolute|wet ?bulb|limit|alarm|alert|grenz\w*|set ?point|sollwert|soll|threshold|delta|diff\w*|std\w*|high|low|upper|lower|obere\w*|untere\w*|status|elapsed|cumulative|voltage|volt)\b/i;

const METRIC_WORDS: readonly (readonly [Metric, RegExp])[] = [
  ['humidity', /humid|feucht|\br\.? ?h\b|\br\.? ?f\b|%\s?r\.?\s?[hf]/i],
  ['light', /\blight|\blicht|hellig|\blux\b|\blx\b|illumin/i],
  ['pressure', /pressure|druck|\bhpa\b|\bmbar\b|\bkpa\b/i],
  ['shock', /shock|schock|\bsto(?:ss|ß)|accel|beschleunig/i],
  ['battery', /batter(?:y|ie).*%|%.*batter/i],
  ['tilt', /\btilt|neigung/i],
  ['temperature', /temp|temperatur|celsius|fahrenheit|°\s?[cf]|º\s?[cf]|\bt ?\d{0,2}\b(?!\w)/i],
];

/** A name as words: `temperature_1`, `dateTime` and `Temp.1` are several. */
function words(text: string): string {
  return text
    .replaceAll(/([a-zäöü])([A-Z])/g, '$1 $2')
    .replaceAll(/[_#]+/g, ' ')
    .replaceAll(/([A-Za-z])\.?(\d)/g, '$1 $2')
    .trim();
}

/** The metric that a column's name is of; null for one that measures nothing of ours, or what was made of measurements. */
export function metricOf(name: string): Metric | null {
  const text = words(name);
  const found = METRIC_WORDS.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
  if (found === null) return temperatureUnit(name) === null || DERIVED.test(text) ? null : 'temperature';
  return DERIVED.test(text) ? null : found;
}

interface Named {
  readonly time: TimeColumns;
  readonly values: readonly { readonly column: number; readonly metric: Metric; readonly name: string }[];
}

/** The columns that a row names, where it is a header: a time, and something measured. */
function namesIn({ cells }: Row): Named | null {
  const names = cells.map((cell) => (typeof cell === 'string' ? textOf(cell) : ''));
  const isTime = (name: string) => TIME_WORDS.test(words(name)) && !NO_TIME.test(name);
  const isDate = (name: string) => DATE_WORDS.test(words(name)) && !NO_TIME.test(name);
  const values = names.flatMap((name, column) => {
    if (name === '' || name.length > 120 || isTime(name) || isDate(name)) return [];
    const metric = metricOf(name);
    return metric === null ? [] : [{ column, metric, name }];
  });
  const date = names.findIndex(isDate);
  const clock = names.findIndex((name, i) => i !== date && isTime(name));
  if (values.length === 0 || (date < 0 && clock < 0)) return null;
  // A date and a time of day in two columns, wherever one of them is not both.
  const isWhole = (name: string) => isDate(name) && isTime(name);
  const first = date < 0 ? clock : date;
  const hasTwo = date >= 0 && clock >= 0 && !isWhole(names[date] ?? '');
  return { time: hasTwo ? [date, clock] : [first], values };
}

/** The fixed zone that a header names: `Date Time, GMT-07:00`, `Time (UTC)`. Minutes east. */
function offsetIn(name: string): number | null {
  const [, sign, hours, minutes = '00'] = /\b(?:GMT|UTC)\s?([+\-−])(\d{1,2}):?(\d\d)?/.exec(name) ?? [];
  if (hours !== undefined) return (Number(hours) * 60 + Number(minutes)) * (sign === '+' ? 1 : -1);
  return /[([,\s](?:UTC|GMT|Z)[)\]]?\s*$/.test(name) ? 0 : null;
}

/** Rows that a header may stand below. */
const HEADER_WITHIN = 500;
/** Rows below a header one of which is a measurement: units, blanks and a start mark may come first. */
const DATA_WITHIN = 12;

/** The first table of measurements in some rows whose header names time and quantity; null where there is none. */
export function findTable(rows: readonly Row[], layout = 'table'): MeasuredTable | null {
  for (const [i, header] of rows.slice(0, HEADER_WITHIN).entries()) {
    const named = namesIn(header);
    if (named === null) continue;
    const below = rows.slice(i + 1, i + 1 + DATA_WITHIN);
    if (!below.some((row) => isMeasured(row, named))) continue;
    return tableOf(named, { header, before: rows.slice(0, i), rows: rows.slice(i + 1), layout });
  }
  return null;
}

/** Whether any of the first rows of a table holds a time and a number. */
export function isFilled({ time, columns, rows }: MeasuredTable): boolean {
  return rows.slice(0, HEADER_WITHIN).some((row) => isMeasured(row, { time, values: columns }));
}

function isMeasured(
  { cells }: Row,
  { time, values }: { readonly time: TimeColumns; readonly values: readonly { readonly column: number }[] },
): boolean {
  const [first, second] = time;
  if (writtenTime(cells[first], second === undefined ? undefined : cells[second]) === null) return false;
  return values.some(({ column }) => {
    const cell = cells[column];
    return numberOf(cell, '.') !== null || numberOf(cell, ',') !== null;
  });
}

function tableOf(
  { time, values }: Named,
  found: Pick<MeasuredTable, 'header' | 'before' | 'rows' | 'layout'>,
): MeasuredTable {
  const { header, before, rows } = found;
  const timeName = time.map((column) => textOf(header.cells[column])).join(' ');
  const below = rows[0];
  // A row of units of its own, as some programs write below the names.
  const hasUnitRow = below !== undefined && !isMeasured(below, { time, values });
  const fileUnit = before.map(unitSaid).find((unit) => unit !== null) ?? null;
  const unitsAt = header.cells.findIndex((name) => /^(?:unit|einheit)s?$/i.test(textOf(name)));
  const counts = new Map<Metric, number>();
  const columns = values.map(({ column, metric, name }) => {
    const probe = (counts.get(metric) ?? 0) + 1;
    counts.set(metric, probe);
    const hasOwn = metric === 'temperature' && unitsAt >= 0;
    const ownColumn = hasOwn ? onlyUnit(unitsAt, rows) : null;
    const inRow = hasUnitRow ? unitIn(textOf(below.cells[column]), metric) : null;
    const inCells = rows.slice(0, DATA_WITHIN).map(({ cells }) => cellUnit(textOf(cells[column]), metric));
    const unit =
      unitIn(name, metric) ??
      inRow ??
      ownColumn ??
      inCells.find((one) => one !== null) ??
      (metric === 'temperature' ? fileUnit : unitLeftUnsaid(metric));
    return { column, metric, unit, probe, ...(hasOwn && { unitColumn: unitsAt }) };
  });
  const isOne = [...counts.values()].every((count) => count === 1);
  const patterns = [timeName, ...before.flatMap(({ cells }) => cells.map((cell) => textOf(cell)))];
  return {
    ...found,
    ...{ time, columns: columns.map((column) => (isOne ? { ...column, probe: null } : column)) },
    order: patterns.map(orderInPattern).find((order) => order !== null) ?? null,
    offset: offsetIn(timeName),
    width: Math.max(header.cells.length, 1),
  };
}

/** The one unit that a column says in every row; null where it says several. */
function onlyUnit(at: number, rows: readonly Row[]): UnitName | null {
  const said = new Set(rows.map(({ cells }) => textOf(cells[at])).filter((text) => text !== ''));
  const [only] = said;
  return said.size === 1 && only !== undefined ? temperatureUnit(only) : null;
}

/**
 * What a row says of the unit of a value, in its cell or in its column of units, where that is not the unit of the column.
 * @returns null where it says the same, or nothing
 */
export function contradiction({ cells }: Row, { column, unit, unitColumn }: ValueColumn): string | null {
  const cell = cells[column];
  const inCell = unitsOfCell(cell);
  if (unit !== null && inCell !== null && !inCell.includes(unit)) return textOf(cell);
  const beside = unitColumn === undefined ? '' : textOf(cells[unitColumn]);
  const own = temperatureUnit(beside);
  return own === null || own === unit ? null : `${textOf(cell)} ${beside}`;
}

/** `5.1 °C`: a cell that brings its unit. */
function cellUnit(text: string, metric: Metric): UnitName | null {
  return /\d/.test(text) ? unitIn(text.replace(/^[+\-\d.,\s]+/, ''), metric) : null;
}

/** The unit of temperatures that a line before the table says: `Temp unit: C`, `Unit;°F`. */
function unitSaid({ cells }: Row): UnitName | null {
  const texts = cells.map((cell) => textOf(cell)).filter((text) => text !== '');
  const [key = '', value = ''] = texts.length === 1 ? (texts[0] ?? '').split(/[:=]\s*/) : texts;
  if (!/unit|einheit|temp/i.test(key)) return temperatureUnit(texts.join(' '));
  return temperatureUnit(value);
}

/** Cells of the columns that are measured. */
export function* measuredCells({ rows, columns }: Pick<MeasuredTable, 'rows' | 'columns'>) {
  for (const { cells } of rows) for (const { column } of columns) yield cells[column];
}

/** What parts decimals in the measured columns. */
export function markOf(table: Pick<MeasuredTable, 'rows' | 'columns'>) {
  return decimalMarkOf(measuredCells(table));
}
