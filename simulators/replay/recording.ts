import { encodeTag } from '../../codecs/epc/index.ts';
import { type GpiEvent, InputError, isPhysical, metricByName, type Sighting } from '../../domain/index.ts';
import { bad, type Csv, type CsvRow, parseCsv, timeIn } from './csv.ts';

/** One reading of a recording. */
export interface RecordedReading {
  readonly device: string;
  readonly metric: string;
  readonly time: number;
  readonly value: number;
}

/** What a file holds: tag reads and inputs of readers, or readings of devices; by time. */
export type Recording =
  | { readonly kind: 'reads'; readonly reads: readonly Sighting[]; readonly gpi: readonly GpiEvent[] }
  | { readonly kind: 'readings'; readonly readings: readonly RecordedReading[] };

/** What other programs call our columns, in lower case without spaces, `_` and `-`. */
const ALIASES: Readonly<Record<string, string>> = {
  timestamp: 'time',
  firstseen: 'time',
  firstseentimestamp: 'time',
  readtime: 'time',
  datetime: 'time',
  epchex: 'epc',
  idhex: 'epc',
  tag: 'epc',
  tagid: 'epc',
  ant: 'antenna',
  antennaid: 'antenna',
  antennaport: 'antenna',
  port: 'antenna',
  rssidbm: 'rssi',
  peakrssi: 'rssi',
  peakrssiindbm: 'rssi',
  readerid: 'reader',
  readername: 'reader',
  hostname: 'reader',
  readcount: 'count',
  tagseencount: 'count',
  gpiport: 'gpi',
  gpistate: 'level',
  tidhex: 'tid',
  fasttid: 'tid',
};

/** The reader of reads whose file names none. */
export const DEFAULT_READER = 'replay';

/**
 * Reads a recording (docs/simulate.md): the header decides, `epc` makes it tag reads and `metric` readings.
 * @throws {InputError} REPLAY_FILE_BAD with file and line
 */
export function parseRecording(text: string, file: string): Recording {
  const csv = parseCsv(text, file, ALIASES);
  const has = (...columns: string[]) => columns.every((column) => csv.columns.includes(column));
  if (has('time', 'epc', 'antenna')) return readsOf(csv, file);
  if (has('time', 'device', 'metric', 'value')) return readingsOf(csv, file);
  const missing = csv.columns.includes('epc') ? ['time', 'antenna'].filter((column) => !has(column)) : [];
  if (missing.length > 0) {
    const what = `no column ${missing.join(' and ')} beside epc: which antenna read what, and when, decides what went through and which way`;
    throw bad(
      file,
      1,
      `${what}; given ${csv.columns.join(',')}, wanted time,epc,antenna (rssi, reader, count, tid, gpi, level)`,
    );
  }
  throw bad(
    file,
    1,
    `header ${csv.columns.join(',')}: wanted time,epc,antenna (rssi, reader, count, tid, gpi, level) or device,metric,time,value`,
  );
}

function readsOf({ rows }: Csv, file: string): Recording {
  const reads: Sighting[] = [];
  const gpi: GpiEvent[] = [];
  for (const row of rows) {
    const at = timeIn(row.get('time'), file, row.line);
    const reader = row.get('reader') ?? DEFAULT_READER;
    const port = row.get('gpi');
    if (row.get('epc') === null && port !== null) {
      gpi.push({ reader, port: whole(row, 'gpi', file, 1, 65_535), isHigh: levelOf(row, file), at });
      continue;
    }
    const { epcHex, epcBits } = tagIn(row, file);
    const antenna = whole(row, 'antenna', file, 1, 65_535);
    const count = row.get('count') === null ? 1 : whole(row, 'count', file, 1, 1_000_000);
    const seen = { firstSeen: at, lastSeen: at, count, rssiDbm: rssiOf(row, file) };
    reads.push({ reader, antenna, epcHex, epcBits, ...seen, ...tidOf(row, file) });
  }
  reads.sort((a, b) => a.firstSeen - b.firstSeen);
  return { kind: 'reads', reads, gpi: gpi.sort((a, b) => a.at - b.at) };
}

function readingsOf({ rows }: Csv, file: string): Recording {
  const readings = rows.map((row): RecordedReading => {
    const device = row.get('device');
    const metric = row.get('metric') ?? '';
    const value = Number(row.get('value') ?? Number.NaN);
    if (device === null) throw bad(file, row.line, 'device: missing');
    const known = metricByName(metric);
    if (known === undefined) throw bad(file, row.line, `metric: given "${metric}"; there is none of that name`);
    if (!isPhysical(known, value)) throw bad(file, row.line, `value: given "${row.get('value')}", out of its range`);
    return { device, metric, time: timeIn(row.get('time'), file, row.line), value };
  });
  return { kind: 'readings', readings: readings.sort((a, b) => a.time - b.time) };
}

/** Hex of whole bytes, or a URN (TDS 1.13: tag, raw, pure identity). */
function tagIn(row: CsvRow, file: string): { epcHex: string; epcBits: number } {
  const text = row.get('epc') ?? '';
  const urn = /^urn:epc:(tag|id|raw):(.+)$/i.exec(text);
  try {
    const epcHex =
      urn === null ? text.replaceAll(/[\s:-]/g, '').replace(/^0x/i, '') : memoryOf(urn[1] ?? '', urn[2] ?? '');
    if (/^([0-9A-F]{2}){1,62}$/i.test(epcHex)) return { epcHex: epcHex.toUpperCase(), epcBits: epcHex.length * 4 };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw bad(file, row.line, `epc: given "${text}": ${error.message}`);
  }
  const isShortened = /^\d([.,]\d+)?E\+\d+$/i.test(text);
  const why = isShortened ? ', a number as a spreadsheet shortens it, with digits lost: format its cells as text' : '';
  const allowed = 'hex of 1 to 62 bytes, urn:epc:tag:..., urn:epc:raw:... or urn:epc:id:...';
  throw bad(file, row.line, `epc: given "${text}"${why}, allowed: ${allowed}`);
}

/**
 * EPC memory as hex. A pure identity does not say which filter value its tag has: 0 ("all others", TDS 1.13 table 14-2) is written.
 * @throws {InputError} for what is no such URN
 */
function memoryOf(form: string, rest: string): string {
  if (form.toLowerCase() === 'tag') return encodeTag(`urn:epc:tag:${lowerScheme(rest)}`);
  if (form.toLowerCase() === 'raw') {
    const [, bits, hex = ''] = /^(\d+)\.x([0-9A-F]+)$/i.exec(rest) ?? [];
    return Number(bits) === hex.length * 4 ? hex : '';
  }
  const [, scheme = '', identity = ''] = /^([^:]*):(.*)$/.exec(lowerScheme(rest)) ?? [];
  try {
    return encodeTag(`urn:epc:tag:${scheme}-96:0.${identity}`);
  } catch (error) {
    // A serial of letters, or one that is long, has a longer tag.
    if (scheme !== 'sgtin') throw error;
    return encodeTag(`urn:epc:tag:sgtin-198:0.${identity}`);
  }
}

/** Serials keep their case, schemes have none. */
function lowerScheme(rest: string): string {
  return rest.replace(/^[^:]*/, (scheme) => scheme.toLowerCase());
}

/** The tag's own number, where the reader asked for it. */
function tidOf(row: CsvRow, file: string): Pick<Sighting, 'tids'> {
  const text = row.get('tid');
  if (text === null) return {};
  const tid = text
    .replaceAll(/[\s:-]/g, '')
    .replace(/^0x/i, '')
    .toUpperCase();
  if (!/^([0-9A-F]{2}){2,62}$/.test(tid))
    throw bad(file, row.line, `tid: given "${text}", allowed: hex of 2 to 62 bytes`);
  return { tids: [tid] };
}

function rssiOf(row: CsvRow, file: string): number | null {
  const text = row.get('rssi');
  if (text === null) return null;
  // A spreadsheet of most of Europe writes -60,5.
  const value = Number(text.replace(/\s*dBm$/i, '').replace(/^(-?\d+),(\d+)$/, '$1.$2'));
  if (!(value >= -150 && value <= 50)) throw bad(file, row.line, `rssi: given "${text}", allowed: -150 to 50 dBm`);
  return value;
}

function levelOf(row: CsvRow, file: string): boolean {
  const text = row.get('level')?.toLowerCase();
  if (text === '1' || text === 'true' || text === 'high') return true;
  if (text === '0' || text === 'false' || text === 'low') return false;
  throw bad(file, row.line, `level: given "${text ?? ''}", allowed: 1, 0, high, low`);
}

function whole(row: CsvRow, column: string, file: string, least: number, most: number): number {
  const value = Number(row.get(column) ?? Number.NaN);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw bad(file, row.line, `${column}: given "${row.get(column) ?? ''}", allowed: ${least} to ${most}`);
}
