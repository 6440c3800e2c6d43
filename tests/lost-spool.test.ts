import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Broker } from '../broker/index.ts';
import { type Log, SPEAKS_FOR_ALL, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Gateway } from '../gateways/index.ts';
import { dockReader, epcHex, gatewayConfig } from '../gateways/testing/builders.ts';
import { Intake } from '../ingest/index.ts';
import { compileAppliesTo } from '../rules/index.ts';
import { SimulatedReader } from '../simulators/index.ts';
import { PostgresFacts, PostgresFindings, PostgresLog } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Tracer } from '../trace/index.ts';

/*
 * A gateway's disk is replaced: it counts from 1 again under the same id. The log knows a resend by gateway, number and
 * content, so nothing new may be taken for one; and what the old disk held and had not sent is a gap.
 */

const parts = { time: systemTime, logger: silentLogger, meter: silentMeter };
const stops: (() => Promise<unknown>)[] = [];
let url = '';

const database = await testDatabase();

beforeAll(async () => {
  const log: Log & { start(): Promise<void>; stop(): Promise<void> } = new PostgresLog({ database, ...parts });
  await log.start();
  stops.push(() => log.stop());
  const facts = new PostgresFacts({ database });
  const findings = new PostgresFindings({ database });
  const handler = new Tracer({
    database,
    facts,
    findings,
    logger: silentLogger,
    meter: silentMeter,
    compileApplies: compileAppliesTo,
  });
  const tracer = log.consumer({ name: 'tracer', families: ['trace'], isMandatory: true, handler });
  await tracer.start();
  stops.push(() => tracer.stop());
  const intake = new Intake({ speaksFor: SPEAKS_FOR_ALL, log, ...parts });
  stops.push(() => intake.stop());
  const broker = new Broker({
    ...parts,
    host: '127.0.0.1',
    port: 0,
    authenticate: async (id) => ({ kind: 'device', id }),
    accept: intake.accept,
  });
  url = `mqtt://127.0.0.1:${(await broker.start()).mqtt}`;
  stops.push(() => broker.stop());
});

afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function rows<T extends object>(query: string): Promise<T[]> {
  return (await database.query<T>(query)).rows;
}

test('a gateway that lost its spool loses nothing more, and what it may have lost is a gap', {
  timeout: 60_000,
}, async () => {
  const reader = new SimulatedReader({ time: systemTime });
  await reader.start();
  stops.push(() => reader.stop());
  const config = gatewayConfig({ mqtt: { url, password: 'x' }, readers: [dockReader(reader.port)] });
  const seen: string[] = [];
  for (let life = 0; life < 3; life++) {
    const gateway = new Gateway({ config, ...parts, random: () => 0 });
    await gateway.start();
    await vi.waitFor(() => expect(gateway.status.readers[0]?.state).toBe('reading'), { timeout: 30_000, interval: 5 });
    for (let n = 1; n <= 20; n++) {
      const hex = epcHex(100 * life + n);
      seen.push(hex);
      reader.see({ antenna: 1, epcHex: hex });
    }
    await vi.waitFor(async () => expect(await rows('SELECT FROM sightings')).toHaveLength(seen.length), {
      timeout: 30_000,
    });
    await vi.waitFor(async () => expect(await rows('SELECT FROM complete_until')).toHaveLength(1), { timeout: 30_000 });
    await gateway.stop();
    await rm(config.dataDir, { recursive: true });
  }
  const kept = await rows<{ epc_hex: string }>('SELECT epc_hex FROM sightings ORDER BY first_seen, epc_hex');
  expect(kept.map(({ epc_hex }) => epc_hex)).toEqual(seen);
  const gaps = await rows<{ reader: string; ms: number; reason: string }>(
    'SELECT reader, until - since AS ms, reason FROM read_gaps ORDER BY since',
  );
  expect(gaps.map(({ reader: of, reason }) => [of, reason])).toEqual(
    [1, 2].map(() => ['dock-1', 'the gateway began with an empty spool: what an older one had not sent is lost']),
  );
  for (const { ms } of gaps) expect(Number(ms)).toBeGreaterThan(0);
});
