import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Effects, type Finding, inertText, metricByName, ReadingBuilder, systemTime } from '../domain/index.ts';
import {
  type Database,
  type ExportManifest,
  type ExportOptions,
  effectsOf,
  exportRecords,
  Holds,
  PartitionManager,
  PostgresAuditTrail,
  PostgresFindings,
  ReadingStore,
} from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { devicesAroundShipments } from '../trace/index.ts';
import { at, HOUR, notice, pallet, said, vials, Yard } from '../trace/testing/yard.ts';

const AWKWARD = 'quotes " \' and \\ and a\nnew line, \t and é';
let database: Database;
const folders: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  const yard = new Yard(database);
  await yard.hears(
    said.asn(notice('SHP-1', [{ sscc: pallet(1), devices: ['logger-1'], children: vials(1, 3) }])),
    said.asn(notice('SHP-2', [{ sscc: pallet(2), devices: ['logger-2'], children: vials(11, 12) }])),
  );
  const builder = new ReadingBuilder();
  const temperature = metricByName('temperature')?.code ?? 0;
  for (const device of ['logger-1', 'logger-2']) {
    for (let hour = 0; hour < 24; hour++) builder.add(device, temperature, at('00:00') + hour * HOUR, hour / 10);
  }
  const store = new ReadingStore({ database, partitions: new PartitionManager({ database }) });
  await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
  await database.transaction((client) => finding(effectsOf(client)));
  await new Holds({ audit: new PostgresAuditTrail({ database }), database, time: systemTime }).set(
    'shipment:SHP-1',
    AWKWARD,
    by('quinn'),
  );
});

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function finding(effects: Effects): Promise<void> {
  const open: Finding = {
    ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-1/temperature' },
    ...{ from: at('10:00'), to: null, endedBy: null, extreme: 9.1, readings: 8, minutesOutOfRange: 40, limit: 8 },
    ...{ runs: [{ from: at('10:00'), to: at('10:40') }], detectedAt: at('10:10'), detectedLate: false },
  };
  await new PostgresFindings({ database }).apply(effects, [{ event: 'opened', finding: open }]);
}

interface Exported {
  readonly manifest: ExportManifest;
  readonly text: (file: string) => Promise<string>;
  readonly lines: (file: string) => Promise<Record<string, unknown>[]>;
  /** Rows of a CSV file without quotes in it, header left out. */
  readonly rows: (file: string) => Promise<string[]>;
  readonly directory: string;
}

async function exported(change: Partial<ExportOptions> = {}): Promise<Exported> {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-export-'));
  folders.push(directory);
  const limits = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, shipment: null };
  const manifest = await exportRecords({ database, directory, format: 'csv', ...limits, ...change });
  const text = (file: string) => readFile(join(directory, file), 'utf8');
  const own = async (file: string) => (await text(file)).split('\n').slice(0, -1);
  return {
    ...{ manifest, text, directory },
    lines: async (file) => (await own(file)).map((line) => JSON.parse(line)),
    rows: async (file) => (await own(file)).slice(1),
  };
}

const FILES = `readings.csv suspects.csv shipments.csv shipment_serials.csv serials.csv containment.csv attachments.csv presence.csv
  sightings.csv passes.jsonl findings.jsonl alerts.jsonl alert_serials.csv epcis_events.jsonl rules.jsonl audit.jsonl
  cases.jsonl signed.jsonl deletions.jsonl`;

/*
 * A partner's notice named a lot `=cmd|...`: the export had it in a cell of its own, and the spreadsheet that opened it
 * asked to start the program.
 */
test('a lot, name or id that begins like a formula does not run in a spreadsheet', async () => {
  const formulas = [`=cmd|' /C calc'!A0`, '+1', '-1', '@SUM(A1)', '\t=1', 'a;=1', '＝1', 'A17'];
  for (const [i, lot] of formulas.entries()) {
    await database.query(
      `INSERT INTO serials (epc, gtin, serial, noticed_lot, noticed_expiry, position) VALUES ($1, '1', $1, $2, NULL, 0)`,
      [`formula-${i}`, lot],
    );
  }
  const { text } = await exported();
  const serials = parse(await text('serials.csv'), { columns: true }) as unknown as Record<string, string>[];
  const lots = serials.filter(({ epc }) => epc?.startsWith('formula-')).map(({ lot }) => lot);
  expect(lots).toEqual(formulas.map(inertText));
  expect(lots.filter((lot) => /^[=+\-@＝]/.test(lot ?? ''))).toEqual([]);
  await database.query(`DELETE FROM serials WHERE epc LIKE 'formula-%'`);
});

test('every file is as long as its manifest says and has its hash', async () => {
  const { manifest, directory, lines, rows } = await exported();
  expect(manifest.files.map(({ file }) => file)).toEqual(FILES.split(/\s+/));
  for (const { file, sha256, bytes, rows: count } of manifest.files) {
    const content = await readFile(join(directory, file));
    expect([content.length, createHash('sha256').update(content).digest('hex')], file).toEqual([bytes, sha256]);
    expect((file.endsWith('.csv') ? await rows(file) : await lines(file)).length, file).toBe(count);
  }
  expect(JSON.parse(await readFile(join(directory, 'export.json'), 'utf8'))).toEqual(manifest);
});

test('records are written in words and RFC 3339, awkward text included', async () => {
  const { rows, lines } = await exported();
  expect(await rows('readings.csv')).toContain('logger-1,temperature,2026-11-22T10:00:00.000Z,1');
  expect(await rows('readings.csv')).toHaveLength(48);
  expect((await rows('shipments.csv'))[0]).toMatch(
    /^SHP-1,2-8C,site:berlin,site:lyon,2026-11-22T08:00:00.000Z,2026-11-22T16:00:00.000Z,/,
  );
  expect(await rows('containment.csv')).toContain(
    `urn:epc:id:sgtin:0614141.812345.1,${pallet(1)},2026-11-22T07:30:00.000Z,,asn:SHP-1`,
  );
  expect(await lines('findings.jsonl')).toMatchObject([
    { rule: 'too-warm', key: 'logger-1/temperature', from: '2026-11-22T10:00:00.000Z', to: null, limit: 8 },
  ]);
  expect(await lines('audit.jsonl')).toContainEqual(
    expect.objectContaining({
      ...{ action: 'hold.set', subject: 'shipment:SHP-1', actor: 'quinn' },
      entry: expect.objectContaining({ reason: AWKWARD }),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    }),
  );
});

test('limited to a time it holds what was then', async () => {
  const { rows, lines } = await exported({ from: at('10:00'), to: at('12:00') });
  expect(await rows('readings.csv')).toHaveLength(4);
  expect(await rows('shipments.csv')).toHaveLength(2);
  const before = await exported({ from: at('01:00'), to: at('02:00') });
  expect(await before.rows('shipments.csv')).toHaveLength(0);
  expect(await before.lines('findings.jsonl')).toHaveLength(0);
  expect(await lines('findings.jsonl')).toHaveLength(1);
});

test('limited to a shipment it holds its serials and the readings around them', async () => {
  const ranges = await devicesAroundShipments(database, ['SHP-2']);
  const { manifest, rows, lines } = await exported({ shipment: { id: 'SHP-2', ranges } });
  expect(manifest.shipment).toBe('SHP-2');
  const readings = await rows('readings.csv');
  // From 07:30, when the logger was put on the pallet.
  expect(readings).toHaveLength(16);
  expect(readings.every((row) => row.startsWith('logger-2,'))).toBe(true);
  expect(await rows('serials.csv')).toHaveLength(2);
  expect((await rows('shipments.csv')).map((row) => row.split(',')[0])).toEqual(['SHP-2']);
  expect(await lines('findings.jsonl')).toEqual([]);
});

test('readings as Parquet are the same readings', async () => {
  const { manifest, directory } = await exported({ format: 'parquet' });
  expect(manifest.files[0]).toMatchObject({ file: 'readings.parquet', rows: 48 });
  const file = await open(join(directory, 'readings.parquet'));
  const { size } = await file.stat();
  const slice = async (start: number, end = size) => {
    const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    return new Uint8Array(buffer).buffer;
  };
  const rows = await parquetReadObjects({
    file: { byteLength: size, slice },
    compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
  });
  await file.close();
  const { rows: csv } = await exported();
  const asCsv = rows.map(({ device, metric, time, value }) => `${device},${metric},${time.toISOString()},${value}`);
  expect(asCsv.sort()).toEqual((await csv('readings.csv')).sort());
});

test('a directory with something in it is left alone', async () => {
  const { directory } = await exported();
  await expect(exported({ directory })).rejects.toMatchObject({ code: 'DIRECTORY_NOT_EMPTY' });
});

// An error code of a dead sensor stood in the export as a temperature like any other.
test('which readings are suspect stands beside them, with the reason', async () => {
  const builder = new ReadingBuilder();
  const start = Date.parse('2026-11-20T10:00:00Z');
  const values = [5, 5.1, 85, 5.2, 40, 5.1, 5, -127];
  for (const [i, value] of values.entries()) builder.add('logger-9', 1, start + i * 60_000, value);
  await database.transaction((client) => new ReadingStore({ database }).insert(effectsOf(client), builder.view()));
  const { rows } = await exported({ to: start + 7 * 60_000 });
  expect(await rows('suspects.csv')).toEqual([
    'logger-9,temperature,2026-11-20T10:02:00.000Z,85,ERROR_CODE',
    'logger-9,temperature,2026-11-20T10:04:00.000Z,40,IMPLAUSIBLE_STEP',
  ]);
  // The first in the span has its neighbours before the span; the shipment has nothing to do with it.
  const late = await exported({ from: start + 4 * 60_000 });
  expect(await late.rows('suspects.csv')).toEqual([
    'logger-9,temperature,2026-11-20T10:04:00.000Z,40,IMPLAUSIBLE_STEP',
    'logger-9,temperature,2026-11-20T10:07:00.000Z,-127,ERROR_CODE',
  ]);
  const ranges = [{ device: 'logger-9', from: start, to: start + 3 * 60_000 }];
  const ofShipment = await exported({ shipment: { id: 'SHP-1', ranges } });
  expect(await ofShipment.rows('suspects.csv')).toHaveLength(1);
});
