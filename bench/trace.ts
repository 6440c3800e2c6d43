/**
 * How fast the tracer takes notices and sightings, and how fast an excursion finds its serials, on a database that holds
 * many shipments already.
 *
 *   node bench/trace.ts [SHIPMENTS] [SERIALS]
 *
 * SHIPMENTS (default 20) of one pallet with SERIALS (default 10,000) each, on an embedded PostgreSQL in a directory of
 * its own. Prints one line a measurement.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBatch } from '../codecs/batch/index.ts';
import { encodeTag } from '../codecs/epc/index.ts';
import {
  type Asn,
  type Epc,
  encodeJson,
  FACT_VERSION,
  type Fact,
  type LogRecord,
  type Portal,
  type Sighting,
  silentLogger,
  silentMeter,
  systemTime,
} from '../domain/index.ts';
import {
  effectsOf,
  migrate,
  openDatabase,
  PostgresFacts,
  PostgresFindings,
  PostgresHistory,
  startEmbeddedPostgres,
} from '../storage/index.ts';
import { TraceExposure, Tracer } from '../trace/index.ts';

const [shipments, serials] = [Number(process.argv[2] ?? 20), Number(process.argv[3] ?? 10_000)];
const DAY = Date.UTC(2026, 10, 22);
const HOUR = 3_600_000;
const DOOR: Portal = {
  id: 'dock-1',
  name: 'Dock 1',
  inside: 'room:lyon/dock',
  outside: 'site:lyon/yard',
  site: 'site:lyon',
  antennas: [
    { reader: 'reader', antenna: 1, side: 'outside' },
    { reader: 'reader', antenna: 2, side: 'inside' },
  ],
  triggers: [],
  quietMs: 5_000,
  capMs: 120_000,
};

const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime });
await migrate(database, silentLogger);
const tracer = new Tracer({
  database,
  facts: new PostgresFacts({ database }),
  findings: new PostgresFindings({ database }),
  logger: silentLogger,
  meter: silentMeter,
});
let position = 0;
try {
  await take(factRecord({ type: 'portal', portal: DOOR, by: 'bench' }));
  const noticed = await ms(async () => {
    for (let n = 0; n < shipments; n++) await take(factRecord({ type: 'asn', asn: notice(n), by: 'bench' }));
  });
  say('notices', { 'serials/s': (shipments * serials * 1_000) / noticed });
  await database.query('ANALYZE');
  const pass = Array.from({ length: Math.min(serials, 1_000) }, (_, i) => vial(i));
  let sightings = 0;
  const seen = await ms(async () => {
    for (let n = 0; n < 20; n++) {
      const reads = through(DAY + 15 * HOUR + n * 180_000, [pallet(0), ...pass]);
      sightings += reads.length;
      for (let at = 0; at < reads.length; at += 200) await take(sightingsRecord(reads.slice(at, at + 200)));
    }
  });
  say(`sightings, ${pass.length} tags a pass, 200 a batch`, { 'sightings/s': (sightings * 1_000) / seen });
  const exposure = new TraceExposure({ database, history: new PostgresHistory({ database }) });
  const took: number[] = [];
  for (let turn = 0; turn < 9; turn++) took.push(await ms(() => exposure.affected(excursion())));
  took.sort((a, b) => a - b);
  say(`an excursion on a pallet of ${serials} finds its serials`, {
    'ms, median': took[4] ?? 0,
    'ms, worst': took[8] ?? 0,
  });
} finally {
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function excursion() {
  const [from, to] = [DAY + 10 * HOUR, DAY + 11 * HOUR];
  return { device: 'logger-0', metric: 1, from, to, runs: [{ from, to }] };
}

async function take(record: LogRecord): Promise<void> {
  const batch = { family: 'trace', partition: 0, records: [record] } as const;
  await database.transaction((client) => tracer.handle(batch, effectsOf(client)));
}

function common() {
  position++;
  const arrival = DAY + 23 * HOUR;
  return { family: 'trace', partition: 0, source: 'bench', sequence: null, arrival, position } as const;
}

function factRecord(fact: Fact): LogRecord {
  return { ...common(), kind: 'fact', version: FACT_VERSION, payload: encodeJson(fact) };
}

function sightingsRecord(sightings: readonly Sighting[]): LogRecord {
  const batch = { gateway: 'bench', sequence: position + 1, at: DAY, sightings, gpi: [], gaps: [], complete: [] };
  return { ...common(), kind: 'sightings', version: 1, payload: encodeBatch(batch) };
}

function notice(n: number): Asn {
  const children = Array.from({ length: serials }, (_, i) => vial(n * serials + i));
  return {
    id: `SHP-${n}`,
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:lyon',
    departs: DAY + 8 * HOUR,
    arrives: DAY + 16 * HOUR,
    units: [{ sscc: pallet(n), devices: [`logger-${n}`], children, from: DAY + 7 * HOUR }],
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
  };
}

function vial(n: number): Epc {
  return `urn:epc:id:sgtin:0614141.812345.${n}`;
}

function pallet(n: number): Epc {
  return `urn:epc:id:sscc:0614141.1${String(n).padStart(9, '0')}`;
}

/** Every tag on both sides of the door, a second apart. */
function through(at: number, epcs: readonly Epc[]): Sighting[] {
  const hexes = epcs.map((epc) => encodeTag(epc.replace(/:id:(sgtin|sscc):/, ':tag:$1-96:0.')));
  return [1, 2].flatMap((antenna) =>
    hexes.map((epcHex): Sighting => {
      const firstSeen = at + antenna * 1_000;
      return { reader: 'reader', antenna, epcHex, epcBits: 96, firstSeen, lastSeen: firstSeen, count: 3, rssiDbm: -55 };
    }),
  );
}

async function ms(work: () => Promise<unknown>): Promise<number> {
  const from = systemTime.monotonic();
  await work();
  return systemTime.monotonic() - from;
}

function say(name: string, figures: Readonly<Record<string, number>>): void {
  const rounded = Object.entries(figures).map(([unit, value]) => `${Math.round(value).toLocaleString('en')} ${unit}`);
  console.log(`${name}: ${rounded.join(', ')}`);
}
