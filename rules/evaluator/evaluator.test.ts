import { describe, expect, test } from 'vitest';
import { at, minutes, silence, TEMPERATURE, threshold } from '../testing/arrange.ts';
import { World } from '../testing/world.ts';
import { dividedAnew, standing } from './shares.ts';

const TAIL = { most: 32, kept: 24 };

/** Readings of logger-7 as `['10:00', 8.4]`. */
function readings(...given: readonly (readonly [clock: string, value: number])[]) {
  return given.map(([clock, value]) => ({ device: 'logger-7', metric: TEMPERATURE, time: at(clock), value }));
}

/** One reading every five minutes from `clock` on, all of one value. */
function steady(clock: string, count: number, value = 5) {
  return Array.from({ length: count }, (_, i) => ({
    ...{ device: 'logger-7', metric: TEMPERATURE, value },
    time: at(clock) + minutes(5) * i,
  }));
}

async function worldWith(rule: ReturnType<typeof threshold> | ReturnType<typeof silence>, hasConsumerState = true) {
  const world = new World(TAIL, { hasConsumerState });
  world.tell({ type: 'rule', by: 'test', version: { rule, version: 1, effectiveFrom: null } });
  await world.consume('trace', 1);
  return world;
}

describe('the clock', () => {
  test('a tick does not raise silence for readings that are still in the log before it', async () => {
    const world = await worldWith(silence({ afterMs: minutes(30) }));
    world.append(readings(['10:00', 5]));
    await world.consume('readings', 1);
    world.append(readings(['10:40', 5]));
    world.tick(at('10:45'));
    await world.consume('trace', 1);
    expect(world.present()).toEqual([]);
    await world.consume('readings', 1);
    expect(world.present()).toMatchObject([{ from: at('10:30'), to: at('10:40'), endedBy: 'recovery' }]);
  });

  test('a consumer that lags by more than a tick still hears the ticks it has reached', async () => {
    const world = await worldWith(silence({ afterMs: minutes(30) }));
    world.append(readings(['10:00', 5]));
    await world.consume('readings', 1);
    world.append(readings(['10:01', 5]));
    world.tick(at('10:32'));
    world.append([{ device: 'other', metric: TEMPERATURE, time: at('10:32'), value: 5 }]);
    world.tick(at('10:33'));
    await world.consume('trace', 2);
    await world.consume('readings', 1);
    expect(world.present()).toMatchObject([{ key: 'logger-7/temperature', from: at('10:31'), to: null }]);
  });
});

describe('a log of several partitions', () => {
  const partition = { family: 'readings', partition: 1 } as const;

  // A partition's last message was an empty one: the tick after it, and all that followed, waited until something came there.
  test('a tick is heard once the last place of a partition is passed over, though nothing was there', async () => {
    const world = await worldWith(silence({ afterMs: minutes(30) }));
    world.append(readings(['10:00', 5]));
    await world.consume('readings', 1);
    world.tick(at('10:45'), { 'readings/1': 4_095 });
    await world.consume('trace', 1);
    expect(world.present()).toEqual([]);
    await world.passOver({ ...partition, after: 0, through: 4_095 });
    expect(world.present()).toMatchObject([{ key: 'logger-7/temperature', from: at('10:30'), to: null }]);
  });

  // Seen by thought: ticks of the time on NATS held back every later one for ever after the way back to PostgreSQL.
  test('a tick that waits for a partition which is no more is heard with the next', async () => {
    const world = await worldWith(silence({ afterMs: minutes(30) }));
    world.append(readings(['10:00', 5]));
    await world.consume('readings', 1);
    world.tick(at('10:40'), { 'readings/1': 4_095, 'readings/2': 8_191 });
    await world.consume('trace', 1);
    expect(world.present()).toEqual([]);
    world.tick(at('10:50'));
    await world.consume('trace', 1);
    expect(world.present()).toMatchObject([{ key: 'logger-7/temperature', from: at('10:30'), to: null }]);
  });
});

describe('shares that have taken nothing since they were divided anew', () => {
  const slots = [1, 2];
  const origin = (readings: number, trace: number, now: number) => ({
    ...{ slots, now },
    checkpoints: { 'readings/0': readings, 'readings/1': readings + 5, 'trace/0': trace },
  });

  // The evaluator waited for ever for the writer to pass a partition that had gone with NATS.
  test('go on, after the readings went back into PostgreSQL, from where those begin there', () => {
    const memory = { now: null, parked: [], origins: [origin(40, 3, 7), origin(50, 9, 8)] };
    const back = { 'readings/0': 9_000, 'trace/0': 9 };
    expect(standing(memory.origins, back).map(({ checkpoints }) => checkpoints)).toEqual([
      { 'readings/0': 9_000, 'trace/0': 3 },
      { 'readings/0': 9_000, 'trace/0': 9 },
    ]);
    const [next] = dividedAnew([{ slots: new Set(slots), checkpoints: back, memory }], 1);
    expect(next?.checkpoints).toEqual({ 'readings/0': 9_000, 'trace/0': 9 });
    expect(next?.memory.origins?.map(({ now }) => now)).toEqual([7, 8]);
  });

  test('stand where their slots came from, where nothing has moved', () => {
    const origins = [origin(40, 3, 7), origin(50, 9, 8)];
    const own = { 'readings/0': 40, 'readings/1': 45, 'trace/0': 9 };
    expect(standing(origins, own)).toEqual(origins);
    // And at the beginning of a partition that has come since.
    const more = standing(origins, { ...own, 'readings/2': 0 });
    expect(more.map(({ checkpoints }) => checkpoints['readings/2'])).toEqual([0, 0]);
  });
});

describe('the clock after a restart', () => {
  // A finding of one device that a reading had ended moved the clock, and with it ended another device's run too early.
  test('is not moved by a finding that a reading ahead of now has ended', async () => {
    const rule = threshold({ above: 8, forMs: 0, keepFiringForMs: minutes(15) });
    const world = await worldWith(rule);
    const context = { reportsOnChange: true };
    world.tell({ type: 'device', by: 'test', device: { id: 'logger-8', kind: 'logger', context } });
    const ahead = (clock: string, value: number) => ({
      device: 'logger-8',
      metric: TEMPERATURE,
      time: at(clock),
      value,
    });
    // Five minutes apart: a gap is more than 25 minutes, and now is exactly so far behind the last.
    world.append([...steady('10:00', 7, 9), ahead('10:55:00.001', 9), ahead('11:00:00.001', 5)]);
    world.write(1);
    world.tick(at('10:55'));
    await world.consume('trace', 2);
    await world.consume('readings', 1);
    await world.consume('trace', 1);
    const before = world.changes.length;
    expect(world.present()).toMatchObject([
      { key: 'logger-7/temperature', endedBy: null },
      { key: 'logger-8/temperature', endedBy: 'recovery' },
    ]);
    world.restart();
    world.tick(at('10:55'));
    await world.consume('trace', 1);
    expect(world.changes.slice(before)).toEqual([]);
  });
});

describe('history that is ahead of the log', () => {
  // A shock was lost: what a later reading had cleared of suspicion was not judged again where history had both.
  test('gives a reading back that was suspect when the log had come to it', async () => {
    const base = { severity: 'warning', metric: 'temperature' } as const;
    const rule = { id: 'shock', kind: 'shock', ...base, limit: 8.5, keepFiringForMs: minutes(15) } as const;
    const world = new World(TAIL, { hasConsumerState: false });
    world.tell({ type: 'rule', by: 'test', version: { rule, version: 1, effectiveFrom: null } });
    await world.consume('trace', 1);
    world.append(readings(['10:00', 9], ['10:00:00.001', 1.5]));
    await world.consume('readings', 1);
    expect(world.present()).toEqual([]);
    world.append(readings(['10:05', 1.5], ['10:10', 1.5], ['10:15', 1.5]));
    world.write(2);
    world.restart();
    await world.consume('readings', 1);
    expect(world.present()).toMatchObject([{ rule: 'shock', from: at('10:00'), extreme: 9, readings: 1 }]);
  });
});

describe('a key that waits for its history', () => {
  // The same finding was opened twice: a reading that had been judged was suspect for a moment while its key waited for history.
  test('a shock that is suspect for a moment, while its key waits for history, is found once', async () => {
    const base = { severity: 'warning', metric: 'temperature' } as const;
    const rule = { id: 'shock', kind: 'shock', ...base, limit: 9, keepFiringForMs: 0 } as const;
    const world = new World({ most: 32, kept: 24 });
    world.tell({ type: 'rule', by: 'test', version: { rule, version: 1, effectiveFrom: null } });
    await world.consume('trace', 1);
    world.append(readings(['10:00', 5]));
    await world.consume('readings', 1);
    const points = [{ reported: 0, reference: 0 }];
    const calibration = {
      ...({ device: 'logger-7', metric: 'temperature', effectiveFrom: at('00:00'), points } as const),
      ...{ certificate: null, reason: 'test', at: 0 },
    };
    world.tell({ type: 'calibration', by: 'test', calibration });
    await world.consume('trace', 1);
    // In a minute 5 °C is the most that air makes: 5 is far from 11.2, 5.2 is near enough again after 80 seconds.
    world.append(readings(['10:10', 11.2], ['10:10:40', 5], ['10:11:20', 5.2]));
    await world.consume('readings', 1);
    expect(world.changes).toMatchObject([{ event: 'opened', finding: { from: at('10:10'), readings: 1 } }]);
    await world.finish(at('10:20'));
    expect(world.present()).toMatchObject([{ from: at('10:10'), readings: 1 }]);
  });

  // It was ended by `silence` as though it had never had readings; after a restart the clock moved with it.
  test('a run under way is not ended by silence when its device is registered otherwise', async () => {
    const world = await worldWith(threshold({ above: 8 }));
    world.tick(at('10:05'));
    await world.consume('trace', 1);
    world.append(readings(['10:00', 9], ['10:05', 9]));
    await world.consume('readings', 1);
    const before = world.changes.length;
    const context = { sensor: 'pt100', intervalMs: minutes(5) };
    world.tell({ type: 'device', by: 'test', device: { id: 'logger-7', kind: 'logger', context } });
    await world.consume('trace', 1);
    await world.finish(at('10:20'));
    expect(world.changes.slice(before)).toEqual([]);
    await world.finish(at('10:21'));
    expect(world.present()).toMatchObject([{ from: at('10:00'), to: at('10:05'), endedBy: 'silence' }]);
  });
});

describe('readings later than the tail', () => {
  test('open a finding that lay wholly in the backlog', async () => {
    const world = await worldWith(threshold({ above: 8, forMs: minutes(10), maxGapMs: minutes(30) }));
    world.append(readings(['00:00', 5], ['00:29', 5]));
    world.append(steady('01:30', 60));
    await world.consume('readings', 2);
    world.append(readings(['00:35', 9], ['00:40', 9.5], ['00:45', 9], ['00:50', 5]));
    await world.consume('readings', 1);
    expect(world.present()).toEqual([]);
    world.write(3);
    world.tick(at('08:00'));
    const reads = world.historyReads;
    await world.consume('trace', 1);
    expect(world.present()).toMatchObject([
      { from: at('00:35'), to: at('00:50'), extreme: 9.5, readings: 3, endedBy: 'recovery', detectedLate: true },
    ]);
    expect(world.historyReads - reads).toBe(2);
  });

  test('are not forgotten by a restart between their commit and their judgement', async () => {
    for (const hasConsumerState of [true, false]) {
      const world = await worldWith(threshold({ above: 8, maxGapMs: minutes(30) }), hasConsumerState);
      world.append(steady('01:30', 60));
      await world.consume('readings', 1);
      world.append(readings(['00:35', 9], ['00:40', 5]));
      await world.consume('readings', 1);
      world.restart();
      world.write(2);
      world.tick(at('08:00'));
      await world.consume('trace', 1);
      expect(world.present()).toMatchObject([{ from: at('00:35'), to: at('00:40') }]);
    }
  });

  // After a restart a backlog parked its keys with every batch, and each was judged from history as often: eight times the work.
  test('of a backlog that history has already are not judged with every batch', async () => {
    const world = await worldWith(threshold({ above: 8, forMs: 0, maxGapMs: minutes(30) }));
    for (let n = 0; n < 40; n++) {
      const hour = steady('00:00', 12, 5).map((reading) => ({ ...reading, time: reading.time + minutes(60) * n }));
      world.append(hour.map((reading, i) => (i === 6 ? { ...reading, value: 9 } : reading)));
    }
    world.write(40);
    world.historyMs = 1_000;
    world.restart();
    for (let n = 0; n < 36; n++) await world.consume('readings', 1);
    // One look is two reads, and as long as they took nobody looks again.
    expect(world.historyReads).toBe(2);
    await world.time.advance(2_000);
    await world.finish(at('00:00') + minutes(60) * 40);
    expect(world.historyReads).toBeLessThan(12);
    expect(world.present().map(({ from }) => from)).toEqual(
      Array.from({ length: 40 }, (_, n) => at('00:30') + minutes(60) * n),
    );
  });
});

describe('rules change forward', () => {
  test('a run that is open where a new version takes over ends there, and the new version judges from there on', async () => {
    const world = await worldWith(threshold({ above: 8 }));
    world.append(readings(['10:00', 9], ['10:05', 9], ['10:10', 9]));
    await world.consume('readings', 1);
    const rule = threshold({ above: 8.5 });
    world.tell({ type: 'rule', by: 'test', version: { rule, version: 2, effectiveFrom: at('10:07') } });
    await world.consume('trace', 1);
    expect(world.present()).toMatchObject([
      { ruleVersion: 1, from: at('10:00'), to: at('10:07'), endedBy: 'rule' },
      { ruleVersion: 2, from: at('10:10'), to: at('10:10'), endedBy: null },
    ]);
  });

  test('older event times use the version that was in force then', async () => {
    const world = await worldWith(threshold({ above: 8 }));
    const rule = threshold({ above: 20 });
    world.tell({ type: 'rule', by: 'test', version: { rule, version: 2, effectiveFrom: at('10:07') } });
    await world.consume('trace', 1);
    world.append(readings(['10:30', 9], ['10:00', 9], ['10:05', 5]));
    await world.consume('readings', 1);
    expect(world.present()).toMatchObject([{ ruleVersion: 1, from: at('10:00'), to: at('10:05') }]);
  });

  test('a removed rule judges nothing from then on', async () => {
    const world = await worldWith(threshold({ above: 8 }));
    const rule = threshold({ above: 8 });
    world.tell({
      type: 'rule',
      by: 'test',
      version: { rule, version: 2, effectiveFrom: at('10:07'), isRemoved: true },
    });
    world.append(readings(['10:00', 9], ['10:05', 5], ['10:10', 9]));
    await world.consume('trace', 1);
    await world.consume('readings', 1);
    expect(world.present().map(({ from }) => from)).toEqual([at('10:00')]);
  });
});

test('a rule applies while the unit a device is on travels under its profile', async () => {
  const world = await worldWith(
    threshold({ above: 8, appliesTo: 'profile == "2-8C" && lane == "site:lyon>site:berlin"' }),
  );
  const unit = 'urn:epc:id:sscc:0614141.1000000001';
  world.append(readings(['09:00', 9], ['09:05', 5], ['10:00', 9], ['10:05', 5], ['12:00', 9]));
  await world.consume('readings', 1);
  world.tell({
    ...{ type: 'asn', by: 'test' },
    asn: {
      ...{
        id: 'SHP-1',
        profile: '2-8C',
        origin: 'site:lyon',
        destination: 'site:berlin',
        departs: 0,
        arrives: 1,
        products: [],
      },
      units: [{ sscc: unit, devices: ['logger-7'], children: [], from: at('09:30') }],
    },
  });
  world.tell({ type: 'attachment', by: 'test', attachment: { device: 'logger-7', subject: null, from: at('11:00') } });
  await world.consume('trace', 2);
  expect(world.present()).toMatchObject([{ from: at('10:00'), to: at('10:05') }]);
});
