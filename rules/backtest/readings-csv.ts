import { DEVICE_ID, InputError, METRIC_NAMES, metricByName } from '../../domain/index.ts';
import { INSTANT_FORM, parseInstant } from '../file/instant.ts';

/** One row of a readings file. Times epoch ms UTC. */
export interface ReadingRow {
  readonly arrival: number;
  readonly device: string;
  /** Metric code. */
  readonly metric: number;
  readonly time: number;
  readonly value: number;
}

const HEADER = 'arrival,device,metric,time,value';
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads the CSV of a backtest line by line (docs/rules.md, "Backtest"). A byte order mark, CR before LF, quoted fields
 * and empty lines are taken as they come.
 *
 * @throws {InputError} READINGS_FILE_BAD with `file:line: column: given, allowed`
 */
export async function* readingsFromCsv(
  lines: Iterable<string> | AsyncIterable<string>,
  file: string,
): AsyncGenerator<ReadingRow> {
  let number = 0;
  let hasHeader = false;
  for await (const raw of lines) {
    number++;
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (hasHeader) {
      if (line !== '') yield rowOf(line, file, number);
      continue;
    }
    const header = line.startsWith('\uFEFF') ? line.slice(1) : line;
    if (fieldsOf(header).join() !== HEADER)
      throw bad(file, number, `header: ${show(header)} given, allowed: ${HEADER}`);
    hasHeader = true;
  }
  if (!hasHeader) throw bad(file, 1, `header: nothing given, allowed: ${HEADER}`);
}

function rowOf(line: string, file: string, number: number): ReadingRow {
  const fields = fieldsOf(line);
  if (fields.length !== 5) throw bad(file, number, `${fields.length} columns given, allowed: ${HEADER}`);
  const [arrival, device, metric, time, value] = fields as [string, string, string, string, string];
  if (!DEVICE_ID.test(device)) throw bad(file, number, `device: ${show(device)} given, allowed: ${DEVICE_ID.source}`);
  const definition = metricByName(metric);
  if (definition === undefined) {
    throw bad(file, number, `metric: ${show(metric)} given, allowed: ${METRIC_NAMES.join(', ')}`);
  }
  return {
    arrival: instant(arrival, 'arrival', file, number),
    device,
    metric: definition.code,
    time: instant(time, 'time', file, number),
    value: finite(value, file, number),
  };
}

function fieldsOf(line: string): string[] {
  const fields = line.split(',');
  if (!line.includes('"')) return fields;
  return fields.map((field) => (/^".*"$/.test(field) ? field.slice(1, -1) : field));
}

function instant(text: string, column: string, file: string, line: number): number {
  const ms = parseInstant(text);
  if (ms === null) throw bad(file, line, `${column}: ${show(text)} given, allowed: ${INSTANT_FORM}`);
  return ms;
}

function finite(text: string, file: string, line: number): number {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw bad(file, line, `value: ${show(text)} given, allowed: a finite number`);
  return value;
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

function bad(file: string, line: number, reason: string): InputError {
  return new InputError('READINGS_FILE_BAD', `${file}:${line}: ${reason}`, { file, line });
}
