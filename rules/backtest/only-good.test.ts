import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rulesBacktestCommand } from '../commands.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-22T10:00:00Z');
const AFTER = 20;

interface Reading {
  readonly minute: number;
  readonly value: number;
}

/** What is found in one logger's readings, in the order they came, as `rule from-to endedBy`, minutes after ten. */
async function found(readings: readonly Reading[], rules: string, context = '{interval: 1m, profile: 2-8C}') {
  const rows = readings.map(({ minute, value }) => {
    const at = new Date(START + minute * MINUTE).toISOString();
    return `${at},logger-7,temperature,${at},${value}`;
  });
  const lines = rulesBacktestCommand({
    rules: { text: rules, file: 'rules.yaml' },
    readings: { lines: ['arrival,device,metric,time,value', ...rows], file: 'readings.csv' },
    context: { text: `devices: {logger-7: ${context}}`, file: 'context.yaml' },
    isFinal: true,
  });
  const findings: string[] = [];
  for await (const line of lines) {
    const { rule, from, to, endedBy } = JSON.parse(line);
    const at = (time: string | null) => (time === null ? '' : (Date.parse(time) - START) / MINUTE);
    findings.push(`${rule} ${at(from)}-${at(to)} ${endedBy}`);
  }
  return findings;
}

const BROKEN = `rules:\n  - { id: broken, kind: silence, metric: temperature, after: ${AFTER}m, onlyGood: true }\n`;
const series = (minutes: number, valueAt: (minute: number) => number) =>
  Array.from({ length: minutes }, (_, minute) => ({ minute, value: valueAt(minute) }));

// A logger whose probe was torn off sent 85 °C all night: not silent, no excursion, and nobody was told.
test('a sensor that gives nothing but error codes is found', async () => {
  expect(
    await found(
      series(60, () => 85),
      BROKEN,
    ),
  ).toEqual(['broken 20- null']);
  expect(
    await found(
      series(90, (minute) => (minute < 10 || minute >= 70 ? 5 : -127)),
      BROKEN,
    ),
  ).toEqual(['broken 29-70 recovery']);
});

test('a few of them are nothing, and silence is another rule', async () => {
  expect(
    await found(
      series(60, (minute) => (minute % 10 === 0 ? 5 : 85)),
      BROKEN,
    ),
  ).toEqual([]);
  expect(await found([...series(5, () => 5), { minute: 300, value: 5 }], BROKEN)).toEqual([]);
});

test('a logger that reports hourly has three of its intervals', async () => {
  const hourly = (codes: number) =>
    Array.from({ length: 12 }, (_, hour) => ({ minute: hour * 60, value: hour >= 4 && hour < 4 + codes ? 85 : 5 }));
  expect(await found(hourly(2), BROKEN, '{interval: 1h}')).toEqual([]);
  expect(await found(hourly(5), BROKEN, '{interval: 1h}')).toEqual(['broken 360-540 recovery']);
});

/** "Readings come, and none of them is good", sentence by sentence, over the sorted set. */
function reference(readings: readonly Reading[]): string[] {
  const sorted = readings.toSorted((a, b) => a.minute - b.minute);
  return sorted.flatMap(({ minute, value }, i) => {
    if (value !== 5 && i !== 0) return [];
    const next = sorted.slice(i + 1).find((other) => other.value === 5);
    const from = minute + AFTER;
    const isSeen = sorted
      .slice(i + 1)
      .some((other) => other.minute > from && (next === undefined || other.minute < next.minute));
    if (!isSeen) return [];
    return [next === undefined ? `broken ${from}- null` : `broken ${from}-${next.minute} recovery`];
  });
}

test('whatever order the readings come in, the same is found', async () => {
  const value = fc.constantFrom(5, 85, 85, 85, -127);
  const minutes = fc.uniqueArray(fc.record({ minute: fc.nat(300), value }), {
    selector: ({ minute }) => minute,
    minLength: 1,
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(minutes, async (readings) => {
      expect(await found(readings, BROKEN)).toEqual(reference(readings));
    }),
    { numRuns: 300 },
  );
});
