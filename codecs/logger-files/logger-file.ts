import { InputError, isPhysical, type Metric, metricByName, zoneNamed } from '../../domain/index.ts';
import { attachmentsOf } from './attachments.ts';
import { berlingerFile } from './berlinger.ts';
import { kindOf, textOfBytes } from './bytes.ts';
import { isBlank, type Row, shownCell, textOf } from './cell.ts';
import { civilOf, type DateOrder, orderOf, type WrittenTime, writtenTime } from './civil-time.ts';
import { contradiction, findTable, isFilled, type MeasuredTable, markOf, type ValueColumn } from './columns.ts';
import { type LoggerFileMapping, mappedTable } from './mapping.ts';
import { type Moment, momentsOfRows, type Twice } from './moments.ts';
import { type DecimalMark, inOurUnit, numberOf, type UnitName } from './quantity.ts';
import { type StatedFigure, statedAlarms, statedFigures, statedLines, statedSerial, totalsIn } from './summary.ts';
import { type Delimiter, delimitersOf, headOf, rowsOf } from './table.ts';
import { sheetsOf } from './workbook.ts';

export interface LoggerFileQuestion {
  readonly bytes: Uint8Array;
  /** The zone its clock was set to; needed even where the file says one, which then goes before it. */
  readonly zone: string | null | undefined;
  readonly mapping?: LoggerFileMapping | null | undefined;
  /** Which of the two a time is that occurs twice, where the order of the rows does not tell. */
  readonly twice?: Twice | null | undefined;
}

export const ROW_REFUSALS = [
  'TIME_NOT_UNDERSTOOD',
  'TIME_NOT_EXISTING',
  'VALUE_NOT_NUMBER',
  'UNIT_CONTRADICTS',
  'VALUE_NOT_PHYSICAL',
  'CELLS_TOO_MANY',
  'CONFLICT',
] as const;
export type RowRefusalReason = (typeof ROW_REFUSALS)[number];

export interface RefusedRow {
  /** As a person counts it. */
  readonly row: number;
  readonly reason: RowRefusalReason;
  /** What is there, what is allowed. */
  readonly detail: string;
}

/** A measured value of a file, in our unit. */
export interface FileReading {
  readonly row: number;
  /** From 1; null where the file has one probe. */
  readonly probe: number | null;
  readonly metric: Metric;
  /** Epoch ms UTC. */
  readonly time: number;
  readonly value: number;
}

/** A value whose hour occurs twice, and nothing tells which it is. */
export interface OpenReading extends Omit<FileReading, 'time'> {
  readonly earlier: number;
  readonly later: number;
}

/** What a file of a logger holds. */
export interface LoggerFile {
  /** How it was read: `table`, `Berlinger`, `mapping NAME`. */
  readonly layout: string;
  /** The zone it was read in. */
  readonly zone: string;
  readonly serial: string | null;
  /** In the order of the file, each (probe, metric, time) once. */
  readonly readings: readonly FileReading[];
  readonly open: readonly OpenReading[];
  readonly refused: readonly RefusedRow[];
  /** Rows refused in all; of very many the first are listed. */
  readonly refusedCount: number;
  /** What the file itself says of its measurements. */
  readonly figures: readonly StatedFigure[];
  readonly alarms: readonly string[];
  /** Rows that mark a moment and measure nothing. */
  readonly marks: number;
  /** Things to know of it, in words. */
  readonly notes: readonly string[];
}

const DAY_MS = 86_400_000;
const HALF_LOST_MS = 9 * 3_600_000;
/** Refused rows that are listed. */
const MOST_REFUSED = 1_000;

/**
 * Reads a file that a logger, or the program that reads it out, has written. Nothing is guessed at: what the file does not
 * say is asked for.
 *
 * @throws {InputError} LOGGER_FILE_* what is missing, in one line
 */
export async function readLoggerFile(question: LoggerFileQuestion): Promise<LoggerFile> {
  const zone = zoneNamed(question.zone);
  const mapping = question.mapping ?? null;
  const found = await findIn(question.bytes, mapping, 0);
  if (found === null) throw notRecognised();
  return readTable(found, { zone, mapping, twice: question.twice ?? null });
}

/** The first rows of a file as they stand, for a person who points at its columns. */
export async function looseRows(bytes: Uint8Array, most: number): Promise<readonly Row[]> {
  const kind = kindOf(bytes);
  if (kind === 'xlsx') return ((await sheetsOf(bytes))[0] ?? []).slice(0, most);
  if (kind === 'pdf') {
    const [first] = await attachmentsOf(bytes);
    return first === undefined ? [] : looseRows(first.bytes, most);
  }
  const text = textOfBytes(bytes);
  const parted = delimitersOf(text).map((delimiter) => rowsOf(headOf(text), delimiter).slice(0, most));
  const width = (rows: readonly Row[]) =>
    rows.reduce((sum, { cells }) => sum + (cells.length > 1 ? cells.length : 0), 0);
  return parted.reduce((best, rows) => (width(rows) > width(best) ? rows : best), parted[0] ?? []);
}

interface Found {
  readonly table: MeasuredTable | null;
  readonly layout: string;
  readonly serial: string | null;
  readonly figures: readonly StatedFigure[];
  readonly alarms: readonly string[];
  readonly notes: readonly string[];
}

async function findIn(bytes: Uint8Array, mapping: LoggerFileMapping | null, depth: number): Promise<Found | null> {
  const kind = kindOf(bytes);
  if (kind === 'text') return findInText(textOfBytes(bytes), mapping);
  if (kind === 'xlsx') {
    for (const rows of await sheetsOf(bytes)) {
      const table = tableIn(rows, mapping);
      if (table !== null) return foundIn(table);
    }
    return null;
  }
  // A PDF within a PDF is nobody's logger.
  if (depth > 0) return null;
  for (const { name, bytes: inner } of await attachmentsOf(bytes)) {
    const found = await findIn(inner, mapping, depth + 1).catch((error: unknown) => {
      if (error instanceof InputError) return null;
      throw error;
    });
    if (found !== null) return { ...found, notes: [...found.notes, `read from ${name.slice(0, 100)} in the PDF`] };
  }
  return null;
}

function tableIn(rows: readonly Row[], mapping: LoggerFileMapping | null): MeasuredTable | null {
  return mapping === null ? findTable(rows) : (mappedTable(rows, mapping) ?? findTable(rows));
}

function findInText(text: string, mapping: LoggerFileMapping | null): Found | null {
  const berlinger = berlingerFile(text);
  if (berlinger !== null && mapping?.columns === undefined) {
    const { days, ...found } = berlinger;
    const notes =
      found.table === null
        ? [`the device kept extremes of ${days} days and no log: there is nothing to judge by time`]
        : [];
    return { ...found, layout: 'Berlinger', notes };
  }
  const delimiters = mapping?.delimiter === undefined ? delimitersOf(text) : [mapping.delimiter];
  let refusal: InputError | null = null;
  let empty: { readonly delimiter: Delimiter } | null = null;
  const head = headOf(text);
  for (const delimiter of delimiters) {
    try {
      const shown = tableIn(rowsOf(head, delimiter), mapping);
      if (shown === null) continue;
      const isIt = isFilled(shown);
      if (isIt || empty === null) empty = { delimiter };
      if (isIt) break;
    } catch (error) {
      // A column that is not there with one delimiter may be there with the next.
      if (!(error instanceof InputError) || error.code !== 'LOGGER_FILE_MAPPING_BAD') throw error;
      refusal ??= error;
    }
  }
  const table = empty === null ? null : tableIn(rowsOf(text, empty.delimiter), mapping);
  if (table !== null) return foundIn(table);
  if (refusal !== null) throw refusal;
  return null;
}

function foundIn(table: MeasuredTable): Found {
  const lines = statedLines(table.before);
  const hobo = table.header.cells.map((cell) => /LGR S\/N: ?([\w.-]+)/.exec(textOf(cell))?.[1]).find((one) => one);
  return {
    ...{ table, layout: hobo === undefined ? table.layout : 'HOBO' },
    serial: statedSerial(lines) ?? hobo ?? null,
    figures: statedFigures(lines, temperatureUnitOf(table)),
    ...{ alarms: statedAlarms(lines), notes: [] },
  };
}

function temperatureUnitOf({ columns }: MeasuredTable): UnitName | null {
  return columns.find(({ metric }) => metric === 'temperature')?.unit ?? null;
}

function notRecognised(): InputError {
  return new InputError(
    'LOGGER_FILE_NOT_RECOGNISED',
    'no row of the file names a time and a measured quantity in English or German: give a mapping that says which columns they are',
  );
}

interface Reading {
  readonly zone: ReturnType<typeof zoneNamed>;
  readonly mapping: LoggerFileMapping | null;
  readonly twice: Twice | null;
}

interface TimedRow {
  readonly row: Row;
  readonly written: WrittenTime;
}

function readTable(found: Found, { zone, mapping, twice }: Reading): LoggerFile {
  const { table, ...said } = found;
  const rows = new RowResults();
  if (table === null) {
    return { ...said, zone: zone.name, readings: [], open: [], ...rows.result(), marks: 0 };
  }
  const columns = withUnits(table.columns, mapping);
  const mark = mapping?.decimal ?? markOf({ rows: table.rows, columns });
  const { timed, footers, marks } = sortRows({ ...table, columns }, mark, rows);
  const order = orderFor(timed, mapping?.dateOrder ?? table.order);
  requireWholeDay(timed, order);
  const civil = timed.flatMap(({ row, written }) => {
    const at = civilOf(written, order);
    if (at === null) {
      rows.refuse(row.row, 'TIME_NOT_UNDERSTOOD', `${timeText(row, table)} is on no day of the calendar`);
      return [];
    }
    return [{ row, civil: at, offset: written.offset ?? table.offset }];
  });
  const moments = momentsOfRows(civil, zone, twice);
  const values = new Values(rows);
  for (const [i, { row }] of civil.entries()) {
    const moment = moments[i];
    if (moment === undefined) continue;
    if (moment === 'TIME_NOT_EXISTING') {
      rows.refuse(row.row, moment, `${timeText(row, table)} does not exist in ${zone.name}: the clocks skipped it`);
      continue;
    }
    for (const column of columns) values.take(row, column, moment, mark);
  }
  const tail = footers.flatMap((row) => totalsIn(row, { ...table, columns }, mark));
  // What is said of one probe under its column goes before what is said once.
  const lines = statedLines(footers.filter((row) => totalsIn(row, { ...table, columns }, mark).length === 0));
  const figures = [...tail, ...statedFigures(lines, temperatureUnitOf({ ...table, columns })), ...said.figures];
  const ownZone = table.offset ?? timed.find(({ written }) => written.offset !== null)?.written.offset ?? null;
  const notes =
    ownZone === null ? [] : [`the times say themselves that they are ${offsetText(ownZone)}: so they were read`];
  return {
    ...{ layout: said.layout, serial: said.serial ?? statedSerial(lines), zone: zone.name },
    ...{ readings: values.readings, open: values.open, marks },
    ...rows.result(),
    figures: figures.filter((one, i) => figures.findIndex((other) => isSameFigure(one, other)) === i),
    alarms: [...said.alarms, ...statedAlarms(lines)],
    notes: [...said.notes, ...notes],
  };
}

function isSameFigure(a: StatedFigure, b: StatedFigure): boolean {
  return a.figure === b.figure && a.metric === b.metric && a.probe === b.probe;
}

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}

/** @throws {InputError} LOGGER_FILE_UNIT_MISSING */
function withUnits(columns: readonly ValueColumn[], mapping: LoggerFileMapping | null): ValueColumn[] {
  return columns.map((column) => {
    const unit = column.unit ?? (column.metric === 'temperature' ? (mapping?.unit ?? null) : null);
    if (unit === null) {
      throw new InputError(
        'LOGGER_FILE_UNIT_MISSING',
        `the file does not say the unit of its ${column.metric}: give it in a mapping, such as {"unit":"°C"}`,
      );
    }
    return { ...column, unit };
  });
}

interface SortedRows {
  readonly timed: readonly TimedRow[];
  /** What stands among and below the measurements and is none. */
  readonly footers: readonly Row[];
  readonly marks: number;
}

function sortRows(table: MeasuredTable, mark: DecimalMark, results: RowResults): SortedRows {
  const { time, columns, width, rows } = table;
  const timed: TimedRow[] = [];
  const footers: Row[] = [];
  let marks = 0;
  const valueColumns = new Set(columns.map(({ column }) => column));
  const timeColumns = new Set<number>(time);
  for (const row of rows) {
    if (isBlank(row)) continue;
    const { cells } = row;
    const written = writtenTime(cells[time[0]], time[1] === undefined ? undefined : cells[time[1]]);
    if (written === null) {
      const hasTime = time.some((column) => /\d/.test(textOf(cells[column])));
      const isMeasured = columns.some(({ column }) => numberOf(cells[column], mark) !== null);
      if (hasTime && isMeasured && totalsIn(row, table, mark).length === 0) {
        results.refuse(
          row.row,
          'TIME_NOT_UNDERSTOOD',
          `the time is ${timeText(row, table)}; allowed: a date and a time of day`,
        );
      } else footers.push(row);
      continue;
    }
    const behind = cells.slice(width).find((cell) => textOf(cell) !== '');
    if (behind !== undefined) {
      results.refuse(
        row.row,
        'CELLS_TOO_MANY',
        `${cells.length} cells where the header names ${width}: a decimal comma may have parted one`,
      );
      continue;
    }
    if (columns.every(({ column }) => textOf(cells[column]) === '')) {
      // An event of the logger: a mark, a connection, the end.
      if (cells.some((cell, i) => !valueColumns.has(i) && !timeColumns.has(i) && textOf(cell) !== '')) marks++;
      continue;
    }
    timed.push({ row, written });
  }
  return { timed, footers, marks };
}

function timeText({ cells }: Row, { time }: MeasuredTable): string {
  return time.map((column) => shownCell(cells[column])).join(' ');
}

/** @throws {InputError} LOGGER_FILE_DATE_AMBIGUOUS */
function orderFor(timed: readonly TimedRow[], given: DateOrder | null): DateOrder | null {
  if (given !== null) return given;
  const order = orderOf(timed.map(({ written }) => written));
  if (order !== null) return order;
  const open = timed.find(({ written }) => written.order === null && written.date[0] !== written.date[1]);
  const [a, b] = open?.written.date ?? [0, 0];
  throw new InputError(
    'LOGGER_FILE_DATE_AMBIGUOUS',
    `the dates of the file do not tell day from month (row ${open?.row.row ?? '?'}: ${a} and ${b}): say it in a mapping, {"dateOrder":"dmy"} or {"dateOrder":"mdy"}`,
  );
}

/**
 * A clock of twelve hours without AM and PM tells half the day only.
 * @throws {InputError} LOGGER_FILE_HOURS_AMBIGUOUS
 */
function requireWholeDay(timed: readonly TimedRow[], order: DateOrder | null): void {
  if (timed.some(({ written }) => written.hasMeridiem || written.hour > 12 || written.hour === 0)) return;
  const civil = timed.map(({ written }) => civilOf(written, order) ?? 0);
  const isDown = (civil.at(-1) ?? 0) < (civil[0] ?? 0);
  // From half past twelve to one, within a day, against the way the rows run.
  const isHalfLost = civil.some((at, i) => {
    const before = civil[i - 1];
    if (before === undefined || Math.floor(before / DAY_MS) !== Math.floor(at / DAY_MS)) return false;
    return (isDown ? at - before : before - at) > HALF_LOST_MS;
  });
  if (!isHalfLost) return;
  throw new InputError(
    'LOGGER_FILE_HOURS_AMBIGUOUS',
    'the times of the file run from 1 to 12 without AM or PM: export it with a clock of 24 hours',
  );
}

class RowResults {
  readonly #refused: RefusedRow[] = [];
  #count = 0;

  refuse(row: number, reason: RowRefusalReason, detail: string): void {
    this.#count++;
    if (this.#refused.length < MOST_REFUSED) this.#refused.push({ row, reason, detail });
  }

  result(): Pick<LoggerFile, 'refused' | 'refusedCount'> {
    return { refused: this.#refused.toSorted((a, b) => a.row - b.row), refusedCount: this.#count };
  }
}

/** Values as they are taken, each key and time once. */
class Values {
  readonly readings: FileReading[] = [];
  readonly open: OpenReading[] = [];
  readonly #rows: RowResults;
  readonly #seen = new Map<string, Map<number, number>>();

  constructor(rows: RowResults) {
    this.#rows = rows;
  }

  take(line: Row, column: ValueColumn, moment: Exclude<Moment, string>, mark: DecimalMark): void {
    const { row, cells } = line;
    const { metric, probe, unit } = column;
    const cell = cells[column.column];
    if (textOf(cell) === '' || unit === null) return;
    const where = probe === null ? metric : `${metric} of probe ${probe}`;
    const written = numberOf(cell, mark);
    if (written === null) {
      this.#rows.refuse(row, 'VALUE_NOT_NUMBER', `${where} is ${shownCell(cell)}; allowed: a number`);
      return;
    }
    const other = contradiction(line, column);
    if (other !== null) {
      const detail = `${where} is ${shownCell(other)}, and its column is in ${unit}; allowed: one unit in a column`;
      this.#rows.refuse(row, 'UNIT_CONTRADICTS', detail);
      return;
    }
    const value = inOurUnit(written, unit);
    const known = metricByName(metric);
    if (known === undefined || !isPhysical(known, value)) {
      const allowed = known === undefined ? 'a known metric' : `${known.min} to ${known.max} ${known.unit}`.trimEnd();
      this.#rows.refuse(row, 'VALUE_NOT_PHYSICAL', `${where} is ${written} ${unit}; allowed: ${allowed}`);
      return;
    }
    if (typeof moment === 'object') {
      this.open.push({ row, probe, metric, value, ...moment });
      return;
    }
    const key = `${probe ?? ''}/${metric}`;
    const times = this.#seen.get(key) ?? new Map<number, number>();
    this.#seen.set(key, times);
    const before = times.get(moment);
    if (before !== undefined && before !== value) {
      const at = new Date(moment).toISOString();
      this.#rows.refuse(row, 'CONFLICT', `${where} is ${value} at ${at}, where another row of the file says ${before}`);
    }
    if (before !== undefined) return;
    times.set(moment, value);
    this.readings.push({ row, probe, metric, time: moment, value });
  }
}
