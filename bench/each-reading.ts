import type { HistoryScan, ReadingRun } from '../domain/index.ts';

const UNKNOWN = { least: Number.NaN, most: Number.NaN };

/** The same readings of which nothing is known before they are read: a backtest then judges one after the other. */
export function eachReading(scan: HistoryScan): HistoryScan {
  return {
    keys: () => scan.keys(),
    newest: (count, keys) => scan.newest(count, keys),
    between: (keys, from, to) => scan.between(keys, from, to),
    runsBetween: async function* (keys, from, to) {
      for await (const block of scan.runsBetween(keys, from, to)) {
        yield block.map(({ runs, ...key }) => ({ ...key, runs: runs.map(unknown) }));
      }
    },
  };
}

function unknown(run: ReadingRun): ReadingRun {
  return {
    ...{ count: run.count, firstTime: run.firstTime, lastTime: run.lastTime },
    ...{ lastValue: Number.NaN, longestStepMs: Number.POSITIVE_INFINITY },
    ...{ bounds: UNKNOWN, measure: () => UNKNOWN },
    newest: (count) => run.newest(count),
  };
}
