import { beforeEach, expect, test } from 'vitest';
import {
  decodeJson,
  type Fact,
  ManualTime,
  metricByName,
  type NewRecord,
  ReadingBuilder,
  silentLogger,
} from '../domain/index.ts';
import {
  type Database,
  effectsOf,
  PostgresDeviceFacts,
  PostgresFacts,
  PostgresHistory,
  ReadingStore,
  Readings,
} from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { StuckSensors } from './stuck-sensors.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-01T00:00:00Z');
const WEEKS = 20 * 24 * HOUR;
const TEMPERATURE = metricByName('temperature')?.code ?? 0;

let database: Database;
let facts: PostgresFacts;
let time: ManualTime;
let sensors: StuckSensors;
let position: number;
let appended: NewRecord[];

beforeEach(async () => {
  database = await testDatabase();
  facts = new PostgresFacts({ database });
  time = new ManualTime(START);
  position = 0;
  appended = [];
  sensors = new StuckSensors({
    ...{ facts, time, logger: silentLogger },
    history: new PostgresHistory({ database }),
    devices: new PostgresDeviceFacts({ client: database.pool }),
    readings: new Readings({ database }),
    // What the tracer does with a fact that is in the log.
    log: {
      append: async (records) => {
        appended.push(...records);
        for (const { payload } of records) await tell(decodeJson(payload) as Fact);
        return records.map(() => ({ position, isDuplicate: false }));
      },
    },
  });
});

async function tell(fact: Fact): Promise<void> {
  await database.transaction(async (client) => {
    await facts.keep(effectsOf(client), [{ position: ++position, arrival: time.now(), fact }]);
  });
}

/** Readings a quarter of an hour apart in [from, to), stored, and the clock at their end. */
async function measured(device: string, from: number, to: number, valueAt: (time: number) => number): Promise<void> {
  const builder = new ReadingBuilder();
  for (let at = from; at < to; at += HOUR / 4) builder.add(device, TEMPERATURE, at, valueAt(at));
  await database.transaction((client) => new ReadingStore({ database }).insert(effectsOf(client), builder.view()));
  await time.advance(Math.max(0, to - time.now()));
}

const fridge = (at: number) => Math.round((5 + Math.sin(at / 4e6)) * 100) / 100;
const spans = async (device = 'logger-7') =>
  (await new PostgresDeviceFacts({ client: database.pool }).of(device, TEMPERATURE)).quality.setAside;

// home-assistant and Tasmota pass on the last value of a sensor that has died, for days (arendst/Tasmota #852).
test('a sensor that is stuck is set aside, with the reason, and counts again from the reading on with which it moves', async () => {
  await measured('logger-7', START, START + WEEKS, fridge);
  await measured('logger-8', START, START + WEEKS + 8 * HOUR, fridge);
  await sensors.look();
  expect(appended).toEqual([]);
  await measured('logger-7', START + WEEKS, START + WEEKS + 8 * HOUR, () => 5.13);
  await sensors.look();
  expect(await spans()).toEqual([{ from: START + WEEKS + HOUR, to: Number.POSITIVE_INFINITY }]);
  const { fact } = (await facts.all(['setAside']))[0] ?? {};
  expect(fact).toMatchObject({
    by: 'isotherm',
    setAside: {
      reason: expect.stringMatching(/^stuck: every temperature since 2026-11-21T00:00:00.000Z is exactly 5.13; .* 1 h/),
    },
  });
  // Once is enough.
  await sensors.look();
  expect(appended).toHaveLength(1);
  await measured('logger-7', START + WEEKS + 8 * HOUR, START + WEEKS + 9 * HOUR, (at) => fridge(at) + 0.005);
  await sensors.look();
  expect(await spans()).toEqual([{ from: START + WEEKS + HOUR, to: START + WEEKS + 8 * HOUR }]);
  await sensors.look();
  expect(appended).toHaveLength(2);
  expect(await spans('logger-8')).toEqual([]);
});

test('what a person takes as fact again is not set aside again, and nothing is ended that a person has taken over', async () => {
  await measured('logger-7', START, START + WEEKS, fridge);
  await measured('logger-7', START + WEEKS, START + WEEKS + 8 * HOUR, () => 5.13);
  await sensors.look();
  const common = { device: 'logger-7', metric: 'temperature', from: START + WEEKS, to: null, at: time.now() } as const;
  await tell({ type: 'setAside', setAside: { ...common, isSetAside: false, reason: 'a full ice box' }, by: 'paula' });
  await measured('logger-7', START + WEEKS + 8 * HOUR, START + WEEKS + 12 * HOUR, () => 5.13);
  await sensors.look();
  await measured('logger-7', START + WEEKS + 12 * HOUR, START + WEEKS + 13 * HOUR, fridge);
  await sensors.look();
  expect([appended.length, await spans()]).toEqual([1, []]);
});

test('one that reports changes only repeats itself by design, and an error code is suspect already', async () => {
  for (const device of ['logger-7', 'logger-9']) await measured(device, START, START + WEEKS, fridge);
  await tell({
    type: 'device',
    device: { id: 'logger-7', kind: 'sensor', context: { reportsOnChange: true } },
    by: 'paula',
  });
  await measured('logger-7', START + WEEKS, START + WEEKS + 8 * HOUR, () => 5.13);
  await measured('logger-9', START + WEEKS, START + WEEKS + 8 * HOUR, () => 85);
  await sensors.look();
  expect(appended).toEqual([]);
});
