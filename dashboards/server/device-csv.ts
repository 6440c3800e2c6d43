import { type CsvError, type Info, parse } from 'csv-parse/sync';
import {
  csvLine,
  type DeviceContext,
  type DeviceRegistration,
  formatDuration,
  InputError,
  METRIC_NAMES,
} from '../../domain/index.ts';
import { deviceInput } from '../api/index.ts';
import { contextFrom } from './device-registration.ts';

const TEXTS = ['kind', 'name', 'sensor', 'profile', 'product', 'lane', 'site'] as const;
const DURATIONS = ['interval', 'reportsEvery', 'heartbeat'] as const;
const YES_OR_NO = ['reportsOnChange', 'readOut'] as const;
const COLUMNS = ['id', ...TEXTS, ...DURATIONS, ...YES_OR_NO, 'stepPerMinute'] as const;
/** `correction:temperature`, `label:room`: as many as there are. */
const CORRECTION = /^correction:(\w+)$/;
const LABEL = /^label:(.{1,64})$/;
const MOST_ROWS = 10_000;
/** As many as an answer shows. */
const MOST_ERRORS = 50;
/** What keeps a text from being a formula in a spreadsheet (domain/csv.ts); it is not part of the text. */
const KEPT_FROM_RUNNING = /^'(?=[=+\-@＝＋－＠])/;

interface RowError {
  readonly path: string;
  readonly message: string;
}

/** The registry as CSV (RFC 4180), a row each, by id; what {@link parseDeviceCsv} reads. */
export function deviceCsv(devices: readonly DeviceRegistration[]): string {
  const sorted = devices.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const metrics = METRIC_NAMES.filter((metric) =>
    sorted.some(({ context }) => context.corrections?.[metric] !== undefined),
  );
  const labels = [...new Set(sorted.flatMap(({ context }) => Object.keys(context.labels ?? {})))].sort();
  const header = [
    ...COLUMNS,
    ...metrics.map((metric) => `correction:${metric}`),
    ...labels.map((name) => `label:${name}`),
  ];
  const rows = sorted.map(({ id, kind, name, context }) =>
    csvLine([
      ...[id, kind, name ?? null, context.sensor ?? null, context.profile ?? null, context.product ?? null],
      ...[context.lane ?? null, context.site ?? null],
      ...[durationText(context.intervalMs), durationText(context.reportsEveryMs), durationText(context.heartbeatMs)],
      ...[context.reportsOnChange ?? null, context.readOut ?? null, context.stepPerMinute ?? null],
      ...metrics.map((metric) => context.corrections?.[metric] ?? null),
      ...labels.map((label) => context.labels?.[label] ?? null),
    ]),
  );
  return [csvLine(header), ...rows].join('');
}

function durationText(ms: number | undefined): string | null {
  return ms === undefined ? null : formatDuration(ms);
}

/**
 * Reads registrations as CSV (RFC 4180, UTF-8): a header with `id` and whichever of the other columns are wanted, in any order;
 * parted by commas, semicolons or tabs. A column that is there is what it says: an empty cell takes the member away. One that
 * is not there leaves what is registered. All of it or nothing.
 *
 * @param registered as they stand, by id
 * @throws {InputError} BODY_INVALID: what is wrong, each with its line and column
 */
export function parseDeviceCsv(
  text: string,
  registered: ReadonlyMap<string, DeviceRegistration>,
): readonly DeviceRegistration[] {
  const records = recordsOf(text);
  if (records.length === 0) throw refused([{ path: 'line 2', message: 'expected a row for each device' }]);
  if (records.length > MOST_ROWS) {
    const message = `expected at most ${MOST_ROWS} devices in one file, given ${records.length}`;
    throw refused([{ path: `line ${MOST_ROWS + 2}`, message }]);
  }
  const errors: RowError[] = [];
  const lineOf = new Map<string, number>();
  const devices = records.flatMap(({ record, info: { lines } }) => {
    const fault = (column: string, message: string) => errors.push({ path: `line ${lines}, ${column}`, message });
    const given = bodyOf(record, fault);
    const body = deviceInput.safeParse(given);
    if (!body.success) {
      for (const { path, message } of body.error.issues) fault(path.join(':') || 'row', message);
      return [];
    }
    const before = lineOf.get(body.data.id);
    if (before !== undefined) {
      fault('id', `${body.data.id} stands in line ${before} already`);
      return [];
    }
    lineOf.set(body.data.id, lines);
    return [merged(body.data, record, registered.get(body.data.id))];
  });
  if (errors.length > 0) throw refused(errors);
  return devices;
}

type Cells = Readonly<Record<string, string>>;
type Fault = (column: string, message: string) => void;

function bodyOf(cells: Cells, fault: Fault): Record<string, unknown> {
  const body: Record<string, unknown> = { id: cells.id };
  const corrections: Record<string, number> = {};
  const labels: Record<string, string> = {};
  for (const [column, cell] of Object.entries(cells)) {
    const given = cell.replace(KEPT_FROM_RUNNING, '');
    if (given === '') continue;
    const metric = CORRECTION.exec(column)?.[1];
    const label = LABEL.exec(column)?.[1];
    if (metric !== undefined || column === 'stepPerMinute') {
      const value = numberIn(given);
      if (value === null) fault(column, `expected a number with a decimal point, given "${given.slice(0, 40)}"`);
      else if (metric === undefined) body.stepPerMinute = value;
      else corrections[metric] = value;
    } else if (label !== undefined) labels[label] = given;
    else if (YES_OR_NO.some((name) => name === column)) {
      if (given.toLowerCase() === 'true' || given.toLowerCase() === 'false')
        body[column] = given.toLowerCase() === 'true';
      else fault(column, `expected true or false, given "${given.slice(0, 40)}"`);
    } else body[column] = given;
  }
  if (Object.keys(corrections).length > 0) body.correction = corrections;
  if (Object.keys(labels).length > 0) body.labels = labels;
  return body;
}

function numberIn(given: string): number | null {
  return /^[+-]?\d+(\.\d+)?$/.test(given) ? Number(given) : null;
}

/** What the columns of the file say, over what is registered. */
function merged(
  body: Parameters<typeof contextFrom>[0] & { id: string; kind: DeviceRegistration['kind']; name?: string | undefined },
  cells: Cells,
  before: DeviceRegistration | undefined,
): DeviceRegistration {
  const has = (column: string) => Object.hasOwn(cells, column);
  const said = contextFrom(body);
  const members: readonly (readonly [string, keyof DeviceContext])[] = [
    ...(['sensor', 'profile', 'product', 'lane', 'site', ...YES_OR_NO, 'stepPerMinute'] as const).map(
      (name) => [name, name] as const,
    ),
    ['interval', 'intervalMs'],
    ['reportsEvery', 'reportsEveryMs'],
    ['heartbeat', 'heartbeatMs'],
  ];
  const kept = Object.fromEntries(
    members.flatMap(([column, member]) => {
      const value = (has(column) ? said : (before?.context ?? {}))[member];
      return value === undefined ? [] : [[member, value]];
    }),
  );
  const corrections = overlaid(before?.context.corrections, said.corrections, cells, 'correction:');
  const labels = overlaid(before?.context.labels, said.labels, cells, 'label:');
  const name = has('name') ? body.name : before?.name;
  return {
    id: body.id,
    kind: has('kind') && cells.kind !== '' ? body.kind : (before?.kind ?? 'logger'),
    ...(name !== undefined && { name }),
    // What was registered for the time before it stays.
    ...(before?.effectiveFrom !== undefined && { effectiveFrom: before.effectiveFrom }),
    context: { ...kept, ...(corrections !== null && { corrections }), ...(labels !== null && { labels }) },
  };
}

function overlaid<T>(
  before: Readonly<Partial<Record<string, T>>> | undefined,
  said: Readonly<Partial<Record<string, T>>> | undefined,
  cells: Cells,
  prefix: string,
): Record<string, T> | null {
  const all = Object.entries({ ...before, ...said }).flatMap(([name, value]): [string, T][] => {
    const isGone = Object.hasOwn(cells, `${prefix}${name}`) && said?.[name] === undefined;
    return value === undefined || isGone ? [] : [[name, value]];
  });
  return all.length === 0 ? null : Object.fromEntries(all);
}

function recordsOf(text: string): { record: Cells; info: Info }[] {
  try {
    return parse(text, {
      ...{ bom: true, info: true, skip_empty_lines: true, skip_records_with_empty_values: true, trim: true },
      delimiter: separatorOf(text),
      columns: checkedHeader,
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message, lines } = error as CsvError & { lines?: number };
    throw refused([{ path: `line ${lines ?? 1}`, message }]);
  }
}

/** What the header uses most. */
function separatorOf(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1);
  const count = (separator: string) => header.split(separator).length;
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] ?? ',';
}

/** A separator at the end of each line makes a column without a name, which is none. */
function checkedHeader(header: readonly string[]): (string | false)[] {
  const names = header.map((name) => COLUMNS.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name);
  const odd = names.find((name, index) => name !== '' && (!isColumn(name) || names.indexOf(name) !== index));
  if (odd !== undefined) {
    const allowed = `${COLUMNS.join(', ')}, correction:METRIC, label:NAME`;
    throw refused([{ path: `line 1, ${odd}`, message: `expected the columns ${allowed}, each once` }]);
  }
  if (!names.includes('id')) throw refused([{ path: 'line 1', message: 'expected a column id' }]);
  return names.map((name) => (name === '' ? false : name));
}

function isColumn(name: string): boolean {
  const metric = CORRECTION.exec(name)?.[1];
  if (metric !== undefined) return METRIC_NAMES.some((known) => known === metric);
  return COLUMNS.some((known) => known === name) || LABEL.test(name);
}

function refused(errors: readonly RowError[]): InputError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new InputError('BODY_INVALID', `devices: ${first?.path}: ${first?.message}${more}`, {
    errors: errors.slice(0, MOST_ERRORS),
  });
}
