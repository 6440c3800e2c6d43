import { encodeTag } from '../../codecs/epc/index.ts';
import { type GpiEvent, isPhysical, metricByName, type Sighting } from '../../domain/index.ts';
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
  throw bad(
    file,
    1,
    `header ${csv.columns.join(',')}: wanted time,epc,antenna (rssi, reader, count, gpi, level) or device,metric,time,value`,
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
    reads.push({ reader, antenna, epcHex, epcBits, firstSeen: at, lastSeen: at, count, rssiDbm: rssiOf(row, file) });
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

/** Hex of whole bytes, or a URN. */
function tagIn(row: CsvRow, file: string): { epcHex: string; epcBits: number } {
  const text = row.get('epc') ?? '';
  if (text.startsWith('urn:epc:tag:')) {
    const epcHex = encodeTag(text);
    return { epcHex, epcBits: epcHex.length * 4 };
  }
  const epcHex = text.replaceAll(' ', '').replace(/^0x/i, '').toUpperCase();
  if (!/^([0-9A-F]{2}){1,62}$/.test(epcHex)) {
    throw bad(file, row.line, `epc: given "${text}", allowed: hex of 1 to 62 bytes, or urn:epc:tag:...`);
  }
  return { epcHex, epcBits: epcHex.length * 4 };
}

function rssiOf(row: CsvRow, file: string): number | null {
  const text = row.get('rssi');
  if (text === null) return null;
  // A spreadsheet of most of Europe writes -60,5.
  const value = Number(text.replace(/^(-?\d+),(\d+)$/, '$1.$2'));
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
