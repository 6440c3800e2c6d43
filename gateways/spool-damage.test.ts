import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { doorText, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { SimulatedReader } from '../simulators/reader/index.ts';
import { Gateway } from './gateway.ts';
import { SPOOL_FILE, Spool } from './spool.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';
import { temporaryDirectory } from './testing/directory.ts';
import { TestPlatform } from './testing/platform.ts';

/*
 * A disk that gives back other bytes than it took. SQLite has no checksums of its own: before there were ours a batch with a bit
 * changed went up as it was, a tag that nobody had seen or a number that was none, and reads with a bit changed kept the gateway from
 * starting ever again (found by `npm run chaos`).
 */

let platform: TestPlatform;
let reader: SimulatedReader;
const DAMAGED = doorText('en', 'pass.gap.damaged');

beforeEach(async () => {
  platform = new TestPlatform();
  await platform.start();
  reader = new SimulatedReader({ time: systemTime });
  await reader.start();
});
afterEach(async () => {
  await reader.stop();
  await platform.stop();
});

/** Without a length: the platform knows from when on (tests/lost-spool.test.ts). */
const isGap = ({ batches }: TestPlatform) =>
  batches.some(({ gaps }) =>
    gaps.some((gap) => gap.reader === 'dock-1' && gap.reason === DAMAGED && gap.from === gap.to),
  );

const aGateway = (config: ReturnType<typeof gatewayConfig>) =>
  new Gateway({ config, time: systemTime, logger: silentLogger, meter: silentMeter, random: () => 0 });

/** Four tags that wait in the spool of a gateway that has crashed. */
async function spooled() {
  const config = gatewayConfig({ mqtt: { url: platform.url }, readers: [dockReader(reader.port)] });
  await platform.stop();
  const gateway = aGateway(config);
  await gateway.start();
  await vi.waitFor(() => expect(gateway.status.readers[0]?.state).toBe('reading'), { interval: 5 });
  for (let n = 1; n <= 4; n++) {
    const { pending } = gateway.status.spool;
    reader.see({ antenna: 1, epcHex: epcHex(n) });
    await vi.waitFor(() => expect(gateway.status.spool.pending).toBeGreaterThan(pending), { interval: 5 });
  }
  await gateway.crash();
  return config;
}

/** One bit of a tag's EPC, in every batch that has it. @returns in how many */
function flip(directory: string, hex: string): number {
  const database = new DatabaseSync(join(directory, SPOOL_FILE));
  let flipped = 0;
  for (const row of database.prepare('SELECT sequence, payload FROM batches').all()) {
    const payload = Buffer.from(row.payload as Uint8Array);
    const at = payload.indexOf(Buffer.from(hex, 'hex'));
    if (at < 0) continue;
    payload[at + 11] = (payload[at + 11] ?? 0) ^ 0x10;
    database.prepare('UPDATE batches SET payload = ? WHERE sequence = ?').run(payload, row.sequence ?? null);
    flipped++;
  }
  database.close();
  return flipped;
}

test('a batch whose bytes changed on disk went up as another tag: it is a gap now, and the others go up', async () => {
  const config = await spooled();
  expect(flip(config.dataDir, epcHex(2))).toBeGreaterThan(0);
  await platform.start();
  const gateway = aGateway(config);
  await gateway.start();
  const tags = () => new Set(platform.sightings.map((one) => one.epcHex));
  await platform.until(() => [1, 3, 4].every((n) => tags().has(epcHex(n))));
  await platform.until(isGap);
  // Where what is still growing told of it again it is not even missing.
  expect([...tags()].filter((hex) => ![1, 2, 3, 4].map(epcHex).includes(hex))).toEqual([]);
  const sequences = [...new Set(platform.batches.map(({ sequence }) => sequence))].toSorted((a, b) => a - b);
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  await gateway.stop();
});

test('reads whose bytes changed on disk kept the gateway from starting: they are a gap now', async () => {
  const config = await spooled();
  const database = new DatabaseSync(join(config.dataDir, SPOOL_FILE));
  database.exec("UPDATE reads SET payload = x'FF' || substr(payload, 2)");
  database.close();
  await platform.start();
  const gateway = aGateway(config);
  await gateway.start();
  await platform.until(isGap);
  await gateway.stop();
});

test('a spool that is no database any more kept the gateway from starting: it is laid aside', () => {
  const directory = temporaryDirectory();
  const first = new Spool(directory, 1e6);
  for (let sequence = 1; sequence <= 200; sequence++) {
    first.add({ sequence, at: sequence, payload: new Uint8Array(500).fill(7) }, new Map(), null);
  }
  first.close();
  const file = join(directory, SPOOL_FILE);
  const bytes = readFileSync(file);
  const opened = openSync(file, 'r+');
  // Headers of pages, all but the first.
  for (let page = 4096; page < statSync(file).size; page += 4096)
    writeSync(opened, Buffer.alloc(12, 0x5a), 0, 12, page);
  closeSync(opened);
  const again = new Spool(directory, 1e6);
  expect([again.pending, again.nextSequence, again.lastAt]).toEqual([0, 1, null]);
  expect(again.laidAside).toBe(`${file}.damaged-1`);
  expect(statSync(`${file}.damaged-1`).size).toBe(bytes.length);
  again.close();
  expect(readdirSync(directory).filter((name) => !name.includes('damaged'))).toEqual([SPOOL_FILE]);
});

test('a spool of a gateway before there were checksums is taken as it is', () => {
  const directory = temporaryDirectory();
  const old = new DatabaseSync(join(directory, SPOOL_FILE));
  old.exec(`CREATE TABLE batches (sequence INTEGER PRIMARY KEY, at REAL NOT NULL, complete INTEGER NOT NULL, payload BLOB NOT NULL);
    CREATE TABLE reads (id INTEGER PRIMARY KEY, payload BLOB NOT NULL);
    INSERT INTO batches VALUES (1, 5, 0, x'0102'); INSERT INTO reads VALUES (1, x'03')`);
  old.close();
  const spool = new Spool(directory, 1e6);
  expect(spool.after(0, 5)).toEqual([{ sequence: 1, at: 5, payload: Uint8Array.of(1, 2) }]);
  expect(spool.keptReads()).toEqual({ payloads: [Uint8Array.of(3)], damaged: 0 });
  spool.add({ sequence: 2, at: 6, payload: Uint8Array.of(4) }, new Map(), null);
  expect(spool.after(1, 5)).toEqual([{ sequence: 2, at: 6, payload: Uint8Array.of(4) }]);
  spool.close();
});
