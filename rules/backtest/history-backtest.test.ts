import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HistoryScan, type KeyStretch, runsOf, systemTime } from '../../domain/index.ts';
import { rulesBacktestCommand } from '../commands.ts';
import { parseRules } from '../file/rule-file.ts';
import { hours, minutes, TEMPERATURE } from '../testing/arrange.ts';
import { lineOf } from './backtest.ts';
import { type BacktestOutcome, backtestHistory } from './history-backtest.ts';

const START = Date.parse('2026-11-22T00:00:00Z');
const RULES = `rules:
  - { id: warm, kind: threshold, metric: temperature, above: 8, clearAbove: 7.5, for: 5m, keepFiringFor: 10m }
  - { id: cold, kind: threshold, metric: temperature, below: 2, gap: worst }
  - { id: silent, kind: silence, metric: temperature, after: 20m, appliesTo: 'site == "site:lyon"' }
  - { id: mkt, kind: mkt, metric: temperature, window: 1h, above: 6 }
  - { id: rise, kind: rate, metric: temperature, window: 10m, limit: 2 }
  - { id: bump, kind: shock, metric: temperature, limit: 9, keepFiringFor: 10m }
  - { id: sparse, kind: interval, metric: temperature, journey: 3h }
  - { id: thaw, kind: freezeThaw, metric: temperature, count: 2, window: 1h, frozenBelow: 2, thawedAbove: 5 }
  - { id: soon, kind: forecast, metric: temperature, above: 8, window: 30m, within: 30m }
`;
const CONTEXT = 'devices: { logger-1: { site: site:lyon }, logger-2: { site: site:berlin } }\n';
const SITES: Readonly<Record<string, string>> = { 'logger-1': 'site:lyon', 'logger-2': 'site:berlin' };

const series = fc.array(
  fc.tuple(
    fc.constantFrom(minutes(5), minutes(5), minutes(1), minutes(25), hours(2)),
    fc.constantFrom(1.5, 3, 5, 5, 7.6, 8, 8.5, 9),
  ),
  { minLength: 1, maxLength: 80, size: 'max' },
);

function stretchOf(device: string, steps: readonly (readonly [number, number])[]): KeyStretch {
  let time = START;
  const times = steps.map(([ms]) => {
    time += ms;
    return time;
  });
  return {
    ...{ device, metric: TEMPERATURE },
    readings: {
      count: steps.length,
      time: Float64Array.from(times),
      value: Float64Array.from(steps, ([, value]) => value),
    },
  };
}

/** What is stored, `[from, to)` of it. */
function scanOf(stored: readonly KeyStretch[]): HistoryScan {
  return {
    keys: async () => stored,
    newest: () => {
      throw new Error('not asked here');
    },
    between: () => {
      throw new Error('no rule asks another metric');
    },
    runsBetween: async function* (keys, from, to) {
      for (const { device } of keys) {
        const { readings, metric } = stored.find((stretch) => stretch.device === device) ?? stretchOf(device, []);
        const within = [...readings.time.keys()].filter((i) => {
          const at = readings.time[i] ?? 0;
          return at >= from && at < to;
        });
        const pick = (column: Float64Array) => Float64Array.from(within, (i) => column[i] ?? 0);
        if (within.length === 0) continue;
        const runs = runsOf({ count: within.length, time: pick(readings.time), value: pick(readings.value) });
        yield [{ device, metric, runs }];
      }
    },
  };
}

async function outcomeOf(
  stored: readonly KeyStretch[],
  from: number,
  to: number,
  now: number,
): Promise<BacktestOutcome> {
  const proposed = parseRules(RULES, 'rules').rules.map(({ rule, effectiveFrom }) => ({
    rule,
    version: 1,
    effectiveFrom,
  }));
  const recordOf = (device: string) => ({
    spans: [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, context: { site: SITES[device] ?? '' } }],
  });
  const steps = backtestHistory(
    { proposed, inForce: proposed, keys: stored, from, to, now },
    { scan: scanOf(stored), recordOf, time: systemTime },
  );
  let outcome: BacktestOutcome | null = null;
  for await (const step of steps) if ('outcome' in step) outcome = step.outcome;
  if (outcome === null) throw new Error('no outcome');
  return outcome;
}

test('history is judged as a file of the same readings is, whatever the kinds', async () => {
  await fc.assert(
    fc.asyncProperty(series, series, fc.nat(80), fc.nat(80), async (one, two, first, last) => {
      const stored = [stretchOf('logger-1', one), stretchOf('logger-2', two)];
      const times = stored.flatMap(({ readings }) => [...readings.time]).sort((a, b) => a - b);
      const from = times[first % times.length] ?? START;
      const now = times.findLast((time, i) => time >= from && i >= last % times.length) ?? from;
      const rows = stored
        .flatMap(({ device, readings }) =>
          [...readings.time].map((time, i) => ({ device, time, value: readings.value[i] ?? 0 })),
        )
        .filter(({ time }) => time >= from && time <= now)
        .sort((a, b) => a.time - b.time)
        .map(({ device, time, value }) => `${time},${device},temperature,${time},${value}`);
      const lines: string[] = [];
      const command = rulesBacktestCommand({
        rules: { text: RULES, file: 'rules.yaml' },
        readings: { lines: ['arrival,device,metric,time,value', ...rows], file: 'readings.csv' },
        context: { text: CONTEXT, file: 'context.yaml' },
        isFinal: true,
      });
      for await (const line of command) lines.push(line);
      const { found, comparison } = await outcomeOf(stored, from, now + 1, now);
      expect(found.map((finding) => JSON.stringify(lineOf(finding)))).toEqual(lines);
      expect(comparison).toEqual({ opened: [], closed: [], changed: [], kept: found });
    }),
    { numRuns: 80, interruptAfterTimeLimit: 5_000 },
  );
});
