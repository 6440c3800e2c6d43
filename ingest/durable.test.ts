import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { Broker } from '../broker/index.ts';
import { type Consumer, metricByName, SPEAKS_FOR_ALL, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { PostgresHistory, PostgresLog, QuarantineStore, ReadingStore, RefusalStore } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Intake, Ticker, Writer } from './index.ts';

const database = await testDatabase();
const parts = { time: systemTime, logger: silentLogger, meter: silentMeter };
const TEMPERATURE = metricByName('temperature')?.code ?? 0;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function install(): Promise<{ port: number; log: PostgresLog; writer: Consumer }> {
  const log = new PostgresLog({ ...parts, database });
  await log.start();
  stops.push(() => log.stop());
  const quarantine = new QuarantineStore({ database });
  const refusals = new RefusalStore({ database });
  const handler = new Writer({ readings: new ReadingStore({ database }), quarantine, refusals, meter: silentMeter });
  const writer = log.consumer({ name: 'writer', families: ['readings'], isMandatory: true, handler });
  await writer.start();
  stops.push(() => writer.stop());
  const intake = new Intake({ speaksFor: SPEAKS_FOR_ALL, ...parts, log });
  stops.push(() => intake.stop());
  const broker = new Broker({
    ...parts,
    host: '127.0.0.1',
    port: 0,
    authenticate: async (id) => ({ kind: 'device', id }),
    accept: intake.accept,
  });
  const { mqtt } = await broker.start();
  stops.push(() => broker.stop());
  return { port: mqtt, log, writer };
}

function client(port: number, id: string) {
  return connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: id, username: id, password: id });
}

describe('from a logger to the tables', () => {
  test('every acknowledged reading is in the readings table once, and what was refused in quarantine', async () => {
    const { port, log, writer } = await install();
    const logger = await client(port, 'logger-7');
    const topic = 'isotherm/v1/devices/logger-7/readings';
    const now = Date.now();
    const sent = Array.from({ length: 500 }, (_, i) => ({ time: now - i * 1000, temperature: (i % 90) / 10 }));
    await Promise.all(sent.map((reading) => logger.publishAsync(topic, JSON.stringify(reading), { qos: 1 })));
    await logger.publishAsync(topic, JSON.stringify(sent.slice(0, 100)), { qos: 1 });
    await logger.publishAsync(topic, JSON.stringify({ time: now, temperature: 99, humdity: 1 }), { qos: 1 });
    await writer.passed(await log.heads());
    const stored = await new PostgresHistory({ database }).read('logger-7', TEMPERATURE, 0, now + 1);
    const expected = sent.toReversed();
    expect(Array.from(stored.time.subarray(0, stored.count))).toEqual(expected.map(({ time }) => time));
    expect(Array.from(stored.value.subarray(0, stored.count))).toEqual(expected.map(({ temperature }) => temperature));
    const { items } = await new QuarantineStore({ database }).list({ source: 'logger-7', limit: 10 });
    expect(items.map(({ reason }) => reason).toSorted()).toEqual(['CONFLICT', 'FIELD_UNKNOWN']);
    expect(items.find(({ reason }) => reason === 'CONFLICT')?.detail).toContain('is 0 already; 99 is refused');
    await logger.endAsync();
  });

  test('a writer that starts later finds in the log what was acknowledged without it', async () => {
    const { port, log, writer } = await install();
    await writer.stop();
    const logger = await client(port, 'logger-8');
    const time = Date.now();
    await logger.publishAsync('isotherm/v1/devices/logger-8/readings', JSON.stringify({ time, temperature: 4 }), {
      qos: 1,
    });
    const history = new PostgresHistory({ database });
    expect((await history.read('logger-8', TEMPERATURE, 0, time + 1)).count).toBe(0);
    const handler = new Writer({
      readings: new ReadingStore({ database }),
      quarantine: new QuarantineStore({ database }),
      refusals: new RefusalStore({ database }),
      meter: silentMeter,
    });
    const later = log.consumer({ name: 'writer-later', families: ['readings'], isMandatory: true, handler });
    await later.start();
    stops.push(() => later.stop());
    await later.passed(await log.heads());
    expect((await history.read('logger-8', TEMPERATURE, 0, time + 1)).count).toBe(1);
    await logger.endAsync();
  });

  test('the ticker’s clock stands in the trace family with the heads of the readings', async () => {
    const { log } = await install();
    const ticks: string[] = [];
    const seen = new Promise<void>((resolve) => {
      const follower = log.follow(['trace'], ({ records }) => {
        ticks.push(...records.map(({ kind }) => kind));
        resolve();
      });
      stops.push(async () => follower.stop());
    });
    const ticker = new Ticker({ ...parts, log });
    ticker.start();
    stops.push(() => ticker.stop());
    await seen;
    expect(ticks).toEqual(['tick']);
  });
});
