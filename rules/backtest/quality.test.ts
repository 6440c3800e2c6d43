import { describe, expect, test } from 'vitest';
import { rulesBacktestCommand } from '../commands.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-22T10:00:00Z');

const RULES = `rules:
  - { id: too-warm, kind: threshold, metric: temperature, above: 8, severity: critical }
  - { id: frozen, kind: threshold, metric: temperature, below: 0, severity: critical }
  - { id: mkt, kind: mkt, metric: temperature, window: 1h, above: 8 }
  - { id: humid, kind: threshold, metric: humidity, above: 60, for: 1h }
  - { id: silent, kind: silence, metric: temperature, after: 10m }
`;

/** What is found in one logger's readings, as `rule from-to`, minutes after ten. */
async function found(
  readings: readonly (readonly [minute: number, value: number])[],
  { metric = 'temperature', context = '' } = {},
): Promise<string[]> {
  const rows = readings.map(([minute, value]) => {
    const at = new Date(START + minute * MINUTE).toISOString();
    return `${at},logger-7,${metric},${at},${value}`;
  });
  const lines = rulesBacktestCommand({
    rules: { text: RULES, file: 'rules.yaml' },
    readings: { lines: ['arrival,device,metric,time,value', ...rows], file: 'readings.csv' },
    context: context === '' ? null : { text: `devices: {logger-7: ${context}}`, file: 'context.yaml' },
    isFinal: true,
  });
  const findings: string[] = [];
  for await (const line of lines) {
    const { rule, from, to } = JSON.parse(line);
    const minute = (time: string | null) => (time === null ? '' : (Date.parse(time) - START) / MINUTE);
    findings.push(`${rule} ${minute(from)}-${minute(to)}`);
  }
  return findings;
}

/** A reading a minute of a store at 5 °C, with others in between. */
const store = (others: Readonly<Record<number, number>>, minutes = 130) =>
  Array.from({ length: minutes }, (_, minute) => [minute, others[minute] ?? 5] as const);

describe('error codes are no temperatures', () => {
  test.each([85, -127, -100, 200, 300])(
    'a single %d opens nothing and lifts no mean kinetic temperature',
    async (code) => {
      expect(await found(store({ 30: code, 31: code, 90: code }))).toEqual([]);
    },
  );

  test('a sensor that gives nothing else is not silent, and nothing is known of its temperature', async () => {
    expect(await found(store(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i + 20, 85]))))).toEqual([]);
  });

  test('a sensor without such codes measures them: a kiln at 85 °C', async () => {
    const kiln = Array.from({ length: 5 }, (_, minute) => [minute, 85] as const);
    expect(await found(kiln, { context: '{kind: pt100}' })).toEqual(['too-warm 0-4']);
    expect(await found(kiln)).toEqual([]);
  });

  test('a run goes on across an error code, as across any step that is no gap', async () => {
    const warm = Object.fromEntries([10, 11, 12, 14, 15].map((minute) => [minute, 9]));
    expect(await found(store({ ...warm, 13: -127 }))).toEqual(['too-warm 10-16']);
  });

  test('but where codes go on for longer than a gap, the time is unknown', async () => {
    const readings = store({ 10: 9, 11: 9, 20: 9 }).map(
      ([minute, value]) => [minute, minute > 11 && minute < 20 ? -127 : value] as const,
    );
    expect(await found(readings)).toEqual(['too-warm 10-11', 'too-warm 20-21']);
  });
});

describe('implausible steps', () => {
  test('a single reading that no air can have is nothing', async () => {
    expect(await found(store({ 30: 40, 60: -30 }))).toEqual([]);
  });

  test('carried out of the store, a logger is believed from its first warm reading', async () => {
    const carried = Object.fromEntries([30, 31, 32, 33].map((minute) => [minute, 22]));
    expect(await found(store(carried, 40))).toEqual(['too-warm 30-34']);
  });

  test('a device may be quicker than air', async () => {
    expect(await found(store({ 30: 40 }, 40), { context: '{stepPerMinute: 50}' })).toEqual(['too-warm 30-31']);
  });
});

test('humidity at 100.4 % for three hours is found as it is at 100', async () => {
  const damp = (value: number) =>
    found(
      Array.from({ length: 37 }, (_, i) => [i * 5, value] as const),
      { metric: 'humidity' },
    );
  expect(await damp(100.4)).toEqual(['humid 0-180']);
  expect(await damp(100.4)).toEqual(await damp(100));
});

test('a correction is judged, and may be given by metric', async () => {
  expect(
    await found(
      store({}, 10).map(([m]) => [m, 8.3] as const),
      { context: '{correction: -0.5}' },
    ),
  ).toEqual([]);
  expect(
    await found(
      store({}, 10).map(([m]) => [m, 7.8] as const),
      { context: '{correction: {temperature: 0.5, humidity: 2}}' },
    ),
  ).toEqual(['too-warm 0-9']);
});
