import { expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { rulesBacktestCommand, rulesTestCommand } from '../commands.ts';

/** Vials 1 and 2 of SHP-1 with logger-7 from 08:00 on; vial 3 was taken out at 08:30. They stand an hour out of 2-8 °C. */
const CONTEXT = `devices:
  logger-7: { interval: 10m }
goods:
  SHP-1:
    from: 2026-11-22T07:30:00Z
    arrives: 2026-11-22T16:00:00Z
    groups:
      - { serials: [vial-1, vial-2], profile: 2-8C, budget: 1h, legs: [{ from: 2026-11-22T07:30:00Z, devices: [logger-7] }] }
      - serials: [vial-3]
        profile: 2-8C
        budget: 1h
        legs: [{ from: 2026-11-22T07:30:00Z, to: 2026-11-22T08:30:00Z, devices: [logger-7] }]
`;

function csv(...readings: readonly (readonly [clock: string, value: number, metric?: string])[]): string[] {
  const at = (clock: string) => `2026-11-22T${clock}:00Z`;
  const rows = readings.map(
    ([clock, value, metric = 'temperature']) => `${at(clock)},logger-7,${metric},${at(clock)},${value}`,
  );
  return ['arrival,device,metric,time,value', ...rows];
}

async function found(rule: string, lines: string[], { context = CONTEXT, isFinal = true } = {}) {
  const output: string[] = [];
  const given = { rules: { text: `rules:\n  - ${rule}\n`, file: 'r.yaml' }, readings: { lines, file: 'r.csv' } };
  for await (const line of rulesBacktestCommand({ ...given, context: { text: context, file: 'c.yaml' }, isFinal })) {
    output.push(line);
  }
  return output.map((line) => JSON.parse(line));
}

const WARM = csv(
  ...(['08:00', '08:10', '08:20', '08:30', '08:40', '08:50', '09:00', '09:10', '09:20'] as const).map(
    (clock) => [clock, clock === '08:00' || clock === '09:20' ? 5 : 9] as const,
  ),
);

test('the example of the page: a budget of an hour is used up at 09:10, of those that stayed with the logger', async () => {
  const [one, ...others] = await found('{ id: used, kind: budget }', WARM);
  expect(others).toEqual([]);
  expect(one).toEqual({
    ...{ rule: 'used', key: 'shipment:SHP-1', from: '2026-11-22T09:10:00.000Z', to: null, endedBy: null },
    ...{ extreme: 70, readings: 2, detectedLate: false },
  });
  // Another share, and another lane than the rule is for.
  expect(await found('{ id: used, kind: budget, share: 25 }', WARM)).toMatchObject([
    { from: '2026-11-22T08:25:00.000Z', readings: 3 },
  ]);
  expect(await found(`{ id: used, kind: budget, appliesTo: 'profile == "CRT"' }`, WARM)).toEqual([]);
});

test('the example of the page: thirty minutes at 30 °C or more in all are reached at 08:50', async () => {
  const lines = csv(['08:00', 30], ['08:10', 29.9], ['08:20', 30], ['08:30', 5], ['08:40', 31], ['08:50', 5]);
  const context = CONTEXT.replaceAll('2-8C', 'WHO-type-I').replace(', to: 2026-11-22T08:30:00Z', '');
  expect(await found('{ id: who, kind: cumulative, atOrAbove: 30, for: 30m }', lines, { context })).toMatchObject([
    { from: '2026-11-22T08:50:00.000Z', to: null, extreme: 30, readings: 3 },
  ]);
});

test('what is received later changes what is found then: taken back, or found late', async () => {
  const leg = 'legs: [{ from: 2026-11-22T07:30:00Z, to: 2026-11-22T08:30:00Z, devices: [logger-7] }]';
  const heard = `      - { serials: [vial-1, vial-2], profile: 2-8C, budget: 1h, received: 2026-11-22T12:00:00Z, ${leg} }\n`;
  const steps = async (context: string) =>
    (await found('{ id: used, kind: budget }', WARM, { context, isFinal: false })).map(
      ({ event, arrival, readings, detectedLate }) => [event, arrival.slice(11, 16), readings, detectedLate],
    );
  const [opened, ...extended] = await steps(CONTEXT + heard);
  // Known at the reading after, which says that it held until then.
  expect(opened).toEqual(['opened', '09:20', 2, false]);
  expect(extended).toEqual([['retracted', '12:00', 2, false]]);
  expect(await found('{ id: used, kind: budget }', WARM, { context: CONTEXT + heard })).toEqual([]);

  // Nobody knew which logger was with vial 4, nor that it was, until noon.
  const late = heard.replace('[vial-1, vial-2]', '[vial-4]').replace(', to: 2026-11-22T08:30:00Z', '');
  const context = CONTEXT.replace(/ {6}- [{][^\n]*vial-2[^\n]*\n/, '') + late;
  expect(await steps(context)).toEqual([['opened', '12:00', 1, true]]);
  expect(await found('{ id: used, kind: budget }', WARM, { context })).toMatchObject([
    { from: '2026-11-22T09:10:00.000Z', readings: 1, detectedLate: true },
  ]);
});

test('a defrost of ten minutes at 15 °C is no excursion of goods that follow the air in 45 minutes', async () => {
  const lines = csv(['08:00', 5], ['08:10', 15], ['08:20', 5], ['08:30', 5]);
  const rule = (more: string) => `{ id: defrost, kind: cumulative, above: 8, for: 1m${more} }`;
  expect(await found(rule(''), lines)).toMatchObject([{ from: '2026-11-22T08:11:00.000Z', extreme: 10 }]);
  expect(await found(rule(', goods: { timeConstant: 45m }'), lines)).toEqual([]);
  // 5 + 10 · (1 - e^(-10/45)) = 6.99 °C at the end of it; above 6.9 for the last 20 seconds and until it has cooled down.
  const [near] = await found(
    '{ id: near, kind: cumulative, above: 6.9, for: 1s, goods: { timeConstant: 45m } }',
    lines,
  );
  expect(near.from > '2026-11-22T08:19:20.000Z' && near.from < '2026-11-22T08:20:00.000Z').toBe(true);
});

test('the example of the page: of two products in one defrost each follows the air with its own constant', async () => {
  const lines = csv(['08:00', 5], ['08:10', 15], ['08:20', 5], ['08:30', 5]);
  const context = CONTEXT.replace('profile: 2-8C', 'profile: 2-8C, product: "80614141123458", thermalMass: 45m');
  const rule = (goods: string) => `{ id: defrost, kind: cumulative, above: 8, for: 1m, ${goods} }`;
  const one = '2026-11-22T08:11:00.000Z';
  for (const goods of ['goods: { timeConstant: product }', 'thermalMass: product']) {
    expect(await found(rule(goods), lines, { context })).toMatchObject([{ from: one, extreme: 10, readings: 1 }]);
  }
  // Of vial 3 nobody says one: the rule's, if it has one.
  expect(await found(rule('goods: { timeConstant: product, otherwise: 45m }'), lines, { context })).toEqual([]);
  // With two minutes it is above 8 from 08:10:42.801 on.
  const [fast] = await found(rule('goods: { timeConstant: product, otherwise: 2m }'), lines, { context });
  expect([fast.from, fast.readings]).toEqual(['2026-11-22T08:11:42.801Z', 1]);
});

test('the example of the page: light on the way is a sign of tampering, and an opened unit an earlier one', async () => {
  const lit = csv(
    ...(['07:50', '08:00', '08:20', '09:00', '09:10', '09:20', '09:30'] as const).map(
      (clock, index) => [clock, [300, 300, 0, 0, 40, 25, 0][index] ?? 0, 'light'] as const,
    ),
  );
  const left = CONTEXT.replace('    arrives:', '    left: 2026-11-22T08:00:00Z\n    arrives:');
  expect(await found('{ id: t, kind: tamper }', lit, { context: left })).toMatchObject([
    { key: 'shipment:SHP-1', from: '2026-11-22T09:10:00.000Z', to: null, extreme: 1, readings: 2 },
  ]);
  const opening = '    opened: [{ at: 2026-11-22T08:50:00Z, unit: pallet-1, serials: [vial-1] }]\n    groups:';
  const context = left.replace('    groups:', opening);
  expect(await found('{ id: t, kind: tamper }', lit, { context })).toMatchObject([
    { from: '2026-11-22T08:50:00.000Z' },
  ]);
  expect(await found('{ id: t, kind: tamper, opened: false }', lit, { context })).toMatchObject([
    { from: '2026-11-22T09:10:00.000Z' },
  ]);
});

test('time with the door open does not count', async () => {
  const door = csv(['08:10', 1, 'door'], ['08:20', 0, 'door'], ['08:40', 0, 'door']).slice(1);
  const lines = [...csv(['08:00', 5], ['08:10', 9], ['08:20', 9], ['08:30', 9], ['08:40', 5]), ...door];
  const rule = '{ id: shut, kind: cumulative, above: 8, for: 5m, unless: { metric: door, above: 0 } }';
  expect(await found(rule, lines)).toMatchObject([{ from: '2026-11-22T08:25:00.000Z', extreme: 20 }]);
});

test('every change is a line: opened, extended with each reading, and taken back by what another unit says', async () => {
  const events = (await found('{ id: used, kind: budget }', WARM, { isFinal: false })).map(({ event, extreme }) => [
    event,
    extreme,
  ]);
  expect(events).toEqual([['opened', 70]]);
});

test('a budget that runs out before arrival is warned of: half an hour used by ten, a quarter of the last hour', async () => {
  const clock = (minute: number) =>
    `${String(8 + Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const warm = (minute: number) => (minute >= 15 && minute < 30) || (minute >= 75 && minute < 90);
  const lines = csv(...Array.from({ length: 25 }, (_, i) => [clock(i * 5), warm(i * 5) ? 9 : 5] as const));
  const context = CONTEXT.replaceAll('07:30:00Z', '08:00:00Z').replace(', to: 2026-11-22T08:30:00Z', '');
  const [first] = await found('{ id: soon, kind: budgetForecast, window: 1h }', lines, { context });
  expect(first).toMatchObject({ from: '2026-11-22T09:00:00.000Z', readings: 3 });
  // At 09:00: 15 minutes used, all in the last hour: 15 + 0.25 · 420 = 120; at 09:30 half as much again is.
  expect(first.extreme).toBeGreaterThanOrEqual(120);
});

test('rule tests name goods beside devices', async () => {
  const tests = `rules: r.yaml
tests:
  - name: used up
    devices: { logger-7: { interval: 10m } }
    goods:
      SHP-1:
        from: 2026-11-22T07:30:00Z
        groups: [{ serials: [a], profile: 2-8C, budget: 30m, budgetUsed: 10m, legs: [{ from: 2026-11-22T07:30:00Z, devices: [logger-7] }] }]
    readings: [{ key: logger-7/temperature, from: 2026-11-22T08:00:00Z, every: 10m, values: 9x4 5 }]
    findings: [{ rule: used, key: 'shipment:SHP-1', from: 2026-11-22T08:20:00Z, extreme: 50 }]
`;
  const rules = async (file: string) => ({ file, text: 'rules:\n  - { id: used, kind: budget }\n' });
  expect(await rulesTestCommand({ text: tests, file: 't.yaml' }, rules)).toMatchObject({ failed: 0 });
});

test('a mistake in the goods of a context has file and line', async () => {
  const bad = CONTEXT.replace('to: 2026-11-22T08:30:00Z', 'to: 2026-11-22T07:00:00Z');
  const error = await found('{ id: used, kind: budget }', WARM, { context: bad }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toMatch(/^c\.yaml:\d+: goods\.SHP-1\.groups\[1\]\.legs\[0\]\.to: /);
});
