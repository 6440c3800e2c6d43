import { describe, expect, test } from 'vitest';
import { BUILTIN_RULES } from '../builtin.ts';
import { rulesBacktestCommand } from '../commands.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-22T00:00:00Z');

/** What the built-in rules find on one logger at 2-8 °C, as `rule from-to endedBy`, minutes after midnight. */
async function found(
  readings: readonly (readonly [minute: number, value: number])[],
  { habits = '', until = 0 }: { readonly habits?: string; readonly until?: number } = {},
): Promise<string[]> {
  const at = (minute: number) => new Date(START + minute * MINUTE).toISOString();
  const rows = readings.map(([minute, value]) => `${at(minute)},logger-7,temperature,${at(minute)},${value}`);
  // Another device moves the clock.
  if (until > 0) rows.push(`${at(until)},other,temperature,${at(until)},5`);
  const lines = rulesBacktestCommand({
    rules: { text: BUILTIN_RULES, file: 'builtin' },
    readings: { lines: ['arrival,device,metric,time,value', ...rows], file: 'readings.csv' },
    context: { text: `devices: {logger-7: {profile: 2-8C${habits}}}`, file: 'context.yaml' },
    isFinal: true,
  });
  const findings: string[] = [];
  for await (const line of lines) {
    const { rule, key, from, to, endedBy } = JSON.parse(line);
    const minute = (time: string | null) => (time === null ? '' : (Date.parse(time) - START) / MINUTE);
    if (key.startsWith('logger-7/')) findings.push(`${rule} ${minute(from)}-${minute(to)} ${endedBy}`);
  }
  return findings;
}

const every = (minutes: number, count: number, value: number, from = 0) =>
  Array.from({ length: count }, (_, i) => [from + i * minutes, value] as const);

describe('a device that becomes slower', () => {
  // Nothing at all was found: the learnt gap was five minutes, and each hour stood alone.
  test('one-minute steps, then 9.0 °C for seven hours reported hourly, is an excursion', async () => {
    const slower = [...every(1, 60, 5), ...every(60, 8, 9, 120)];
    const findings = await found(slower);
    // From the first reading after two steps of an hour: before it the time between is unknown.
    expect(findings.filter((finding) => finding.startsWith('too-warm'))).toEqual(['too-warm-2-8 180-540 null']);
    // Until the pace is learnt the steps are silences, as they were.
    expect(findings.filter((finding) => finding.startsWith('silent'))).toEqual([
      'silent 89-120 recovery',
      'silent 150-180 recovery',
    ]);
  });

  test('and becomes quicker again within the last twenty steps', async () => {
    const quick = [...every(60, 30, 5), ...every(1, 21, 5, 1_800)];
    // An hour without a reading is a silence again, half an hour after the last.
    expect(await found([...quick, [1_880, 5]])).toContain('silent 1850-1880 recovery');
  });
});

describe('a device that reports hourly', () => {
  // 24 false silences a day, with a rule of half an hour.
  test.each([
    ['as it declares', ', interval: 1h, reportsEvery: 1h'],
    ['as it declares by its heartbeat', ', heartbeat: 1h, reportsOnChange: true'],
  ])('%s, is not silent for a day of that', async (_, habits) => {
    expect(await found(every(60, 25, 5), { habits, until: 1_500 })).toEqual([]);
  });

  test('is silent where it misses three of its intervals', async () => {
    const habits = ', interval: 1h';
    expect(await found([...every(60, 5, 5), [480, 5]], { habits })).toEqual(['silent 420-480 recovery']);
    expect(await found(every(60, 5, 5), { habits, until: 421 })).toEqual(['silent 420- null']);
    expect(await found(every(60, 5, 5), { habits, until: 420 })).toEqual([]);
  });

  test('and declares nothing, is learnt after four steps, for silence and excursion alike', async () => {
    const findings = await found(every(60, 25, 9), { until: 1_440 });
    expect(findings.filter((finding) => finding.startsWith('silent')).length).toBeLessThanOrEqual(4);
    expect(findings.filter((finding) => finding.startsWith('too-warm'))).toEqual(['too-warm-2-8 0-1440 null']);
  });

  test('a rule that waits longer than the device reports is not changed by it', async () => {
    expect(await found([...every(5, 12, 5), [95, 5]])).toEqual(['silent 85-95 recovery']);
  });
});

describe('a device that reports on change', () => {
  const onChange = ', reportsOnChange: true';

  test('a value it holds out of range is an excursion, and goes on', async () => {
    const readings = [...every(1, 30, 5), [30, 9], [450, 5]] as const;
    expect(await found(readings, { habits: onChange })).toContain('too-warm-2-8 30-450 recovery');
    const held = await found(readings.slice(0, -1), { habits: onChange, until: 450 });
    expect(held).toContain('too-warm-2-8 30-30 null');
    // What it says now is unknown: that is an alert of its own.
    expect(held).toContain('silent 60- null');
  });

  test('with a heartbeat its value is known as long as the heartbeat comes', async () => {
    const habits = `${onChange}, heartbeat: 1h`;
    expect(
      await found(
        [
          [0, 5],
          [10, 9],
          [70, 9],
          [130, 9],
        ],
        { habits, until: 200 },
      ),
    ).toEqual(['too-warm-2-8 10-130 null']);
    // Three heartbeats missed: nothing is known any more, and somebody hears of it.
    expect(
      await found(
        [
          [0, 5],
          [10, 9],
          [70, 9],
          [130, 9],
        ],
        { habits, until: 320 },
      ),
    ).toEqual(['silent 310- null', 'too-warm-2-8 10-130 silence']);
  });
});
