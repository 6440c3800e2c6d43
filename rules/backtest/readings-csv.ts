import { DEVICE_ID, InputError, METRIC_NAMES, metricByName } from '../../domain/index.ts';
import { INSTANT_FORM, meantUnit, parseInstant } from '../file/instant.ts';

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

/** Lines of a file one by one, or as many at a time as were read. */
export type Lines = Iterable<string> | AsyncIterable<string> | AsyncIterable<readonly string[]>;

/**
 * Reads the CSV of a backtest line by line (docs/rules.md, "Backtest"). A byte order mark, CR before LF, quoted fields
 * and empty lines are taken as they come.
 */
export class ReadingsCsv {
  readonly #file: string;
  #line = 0;
  #hasHeader = false;
  /** Ids that have been looked at: a file has few devices and many rows. */
  readonly #devices = new Set<string>();

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * The row of the next line; null where it holds none.
   * @throws {InputError} READINGS_FILE_BAD with `file:line: column: given, allowed`
   */
  next(raw: string): ReadingRow | null {
    this.#line++;
    const line = raw.charCodeAt(raw.length - 1) === CARRIAGE_RETURN ? raw.slice(0, -1) : raw;
    if (this.#hasHeader) return line === '' ? null : this.#row(line);
    const header = line.startsWith('\uFEFF') ? line.slice(1) : line;
    if (fieldsOf(header).join() !== HEADER) throw this.#bad(`header: ${show(header)} given, allowed: ${HEADER}`);
    this.#hasHeader = true;
    return null;
  }

  /** @throws {InputError} READINGS_FILE_BAD where there was not even a header */
  end(): void {
    if (this.#hasHeader) return;
    this.#line = 1;
    throw this.#bad(`header: nothing given, allowed: ${HEADER}`);
  }

  #row(line: string): ReadingRow {
    const fields = fieldsOf(line);
    if (fields.length !== 5) throw this.#bad(`${fields.length} columns given, allowed: ${HEADER}`);
    const [arrival, device, metric, time, value] = fields as [string, string, string, string, string];
    if (!this.#devices.has(device)) {
      if (!DEVICE_ID.test(device)) throw this.#bad(`device: ${show(device)} given, allowed: ${DEVICE_ID.source}`);
      this.#devices.add(device);
    }
    const definition = metricByName(metric);
    if (definition === undefined) {
      throw this.#bad(`metric: ${show(metric)} given, allowed: ${METRIC_NAMES.join(', ')}`);
    }
    const arrivalAt = this.#instant(arrival, 'arrival');
    // Most readings arrive as they are measured.
    const at = time === arrival ? arrivalAt : this.#instant(time, 'time');
    return { arrival: arrivalAt, device, metric: definition.code, time: at, value: this.#finite(value) };
  }

  #instant(text: string, column: string): number {
    const ms = parseInstant(text);
    if (ms !== null) return ms;
    const unit = meantUnit(text);
    const hint = unit === null ? '' : `; it looks like epoch ${unit}`;
    throw this.#bad(`${column}: ${show(text)} given, allowed: ${INSTANT_FORM}${hint}`);
  }

  #finite(text: string): number {
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) throw this.#bad(`value: ${show(text)} given, allowed: a finite number`);
    return value;
  }

  #bad(reason: string): InputError {
    const where = { file: this.#file, line: this.#line };
    return new InputError('READINGS_FILE_BAD', `${where.file}:${where.line}: ${reason}`, where);
  }
}

const CARRIAGE_RETURN = 13;

function fieldsOf(line: string): string[] {
  const fields = line.split(',');
  if (!line.includes('"')) return fields;
  return fields.map((field) => (/^".*"$/.test(field) ? field.slice(1, -1) : field));
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
