import { expect, test } from 'vitest';
import type { Rule } from '../../domain/index.ts';
import { at, minutes, nearly, said, silence, TEMPERATURE, threshold } from '../testing/arrange.ts';
import { referenceFindings } from '../testing/reference.ts';
import { referenceSlices, registeredQuality } from '../testing/reference-slices.ts';
import { World } from '../testing/world.ts';

const ERROR = 85;
const broken = silence({ id: 'broken', afterMs: minutes(20), onlyGood: true });

/** Readings of a device five minutes apart, from `clock` on. */
function every5Minutes(device: string, clock: string, ...values: readonly number[]) {
  return values.map((value, i) => ({ device, metric: TEMPERATURE, time: at(clock) + minutes(5) * i, value }));
}

function version(rule: Rule, number: number, from: string | null, isRemoved = false) {
  const effectiveFrom = from === null ? null : at(from);
  return { rule, version: number, effectiveFrom, ...(isRemoved ? { isRemoved } : {}) };
}

/** A world that knows these versions; it remembers no clock over a restart. */
async function worldWith(...versions: readonly ReturnType<typeof version>[]) {
  const world = new World({ most: 32, kept: 24 }, { hasConsumerState: false });
  for (const each of versions) world.tell({ type: 'rule', by: 'test', version: each });
  await world.consume('trace', versions.length);
  return world;
}

// The change of another rule made the same version anew, and the finding of it was not known again: its end took it back.
test('a broken sensor is still found, to its end, after another rule was changed', async () => {
  const world = await worldWith(version(broken, 1, null));
  world.append(every5Minutes('logger-7', '10:00', ERROR, ERROR, ERROR, ERROR, ERROR, ERROR));
  await world.consume('readings', 1);
  world.tell({ type: 'rule', by: 'test', version: version(threshold({ above: 8 }), 1, null) });
  await world.consume('trace', 1);
  world.append(every5Minutes('logger-7', '10:30', 5, 5, 5));
  await world.consume('readings', 1);
  expect(world.present()).toMatchObject([{ from: at('10:20'), to: at('10:30'), endedBy: 'recovery' }]);
});

// The slow reference left it open beside the finding of the next version, where now was before what the device had reached.
test('a broken sensor of an earlier version is not open beside that of the next, whose readings have come', async () => {
  const versions = [version(broken, 1, null), version(broken, 2, '10:40')];
  const world = await worldWith(...versions);
  world.append(every5Minutes('logger-7', '10:00', ...Array(11).fill(ERROR)));
  const found = await world.finish(at('10:20'));
  expect(found).toMatchObject([
    { ruleVersion: 1, from: at('10:20'), to: at('10:40'), endedBy: 'rule' },
    { ruleVersion: 2, from: at('10:40'), to: null, endedBy: null },
  ]);
  const facts = versions.map((each, i) => ({
    ...{ position: i + 1, arrival: 0 },
    fact: { type: 'rule', by: 'test', version: each } as const,
  }));
  const expected = referenceFindings({
    readings: world.accepted('logger-7', TEMPERATURE),
    slices: referenceSlices(facts, 'broken', 'logger-7'),
    ...{ intervalMs: null, reportsEveryMs: 0, now: at('10:20') },
    quality: registeredQuality(facts, 'logger-7'),
  });
  expect(found.map(said)).toEqual(expected);
});

test('a restart does not move the clock by a broken sensor that a reading beyond its rule has ended', async () => {
  const world = await worldWith(version(broken, 1, null), version(broken, 2, '10:40', true));
  world.append([
    ...every5Minutes('logger-7', '10:00', ...Array(10).fill(ERROR)),
    ...every5Minutes('logger-8', '10:00', ...Array(6).fill(ERROR)),
  ]);
  await staysTheSame(world, at('10:20'));
  expect(world.present()).toMatchObject([
    { key: 'logger-7/temperature', to: at('10:40'), endedBy: 'rule' },
    { key: 'logger-8/temperature', to: null, endedBy: null },
  ]);
});

test('a restart does not move the clock to the end of a version that comes after the one that has found something', async () => {
  const rate = { id: 'rate', kind: 'rate', severity: 'warning', metric: 'temperature', windowMs: minutes(10) } as const;
  const world = await worldWith(
    version({ ...rate, limit: 2 }, 1, null),
    version({ ...rate, limit: 20 }, 2, '10:30'),
    version({ ...rate, limit: 30 }, 3, '20:00'),
  );
  world.append([
    ...every5Minutes('logger-7', '10:00', 5, 5, 5, 7, 9, 11, 13),
    ...every5Minutes('logger-8', '09:50', 5, 5, 5, 7, 9, 11, 13),
  ]);
  await staysTheSame(world, at('10:20'));
  expect(world.present()).toMatchObject([
    { key: 'logger-7/temperature', endedBy: 'rule' },
    { key: 'logger-8/temperature', endedBy: null },
  ]);
});

// The two were said to differ: a finding whose extreme goes from -0 to 0 has not changed, and nobody is told.
test('a calibration that makes 0 of -0 changes no finding', async () => {
  const world = await worldWith(version(threshold({ below: 2 }), 1, null));
  world.append(every5Minutes('logger-7', '10:00', 5, 1, -0, 1, 5));
  await world.consume('readings', 1);
  const before = world.changes.length;
  const points = [{ reported: 0, reference: 0 }];
  const calibration = {
    ...({ device: 'logger-7', metric: 'temperature', effectiveFrom: at('00:00'), points } as const),
    ...{ certificate: null, reason: 'test', at: 0 },
  };
  world.tell({ type: 'calibration', by: 'test', calibration });
  const found = await world.finish(at('10:20'));
  expect(world.changes.slice(before)).toEqual([]);
  expect(found.map(said).map(nearly)).toMatchObject([{ from: at('10:05'), to: at('10:20'), extreme: 0 }]);
});

/** All is stored and judged, now is `now`, and a restart changes nothing of what is found. */
async function staysTheSame(world: World, now: number): Promise<void> {
  await world.finish(now);
  const before = world.changes.length;
  world.restart();
  world.tick(now);
  await world.consume('trace', 1);
  expect(world.changes.slice(before)).toEqual([]);
}
