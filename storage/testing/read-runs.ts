import type { ReadingRun, ValueBounds } from '../../domain/index.ts';

/** All readings of runs, once each run has been found to be what it says of itself. @throws Error what is not so */
export function readRuns(runs: readonly ReadingRun[]): [time: number, value: number][] {
  return runs.flatMap((run, nth) => {
    const { count, time, value } = run.newest(run.count);
    const rows = Array.from({ length: count }, (_, i): [number, number] => [time[i] as number, value[i] as number]);
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) throw new Error(`run ${nth} is empty`);
    const before = runs[nth - 1]?.lastTime ?? Number.NEGATIVE_INFINITY;
    const steps = rows.slice(1).map(([at], i) => at - (rows[i]?.[0] ?? 0));
    const part = run.newest(Math.ceil(count / 3));
    const isTrue =
      count === run.count &&
      [run.firstTime, run.lastTime].join() === [first[0], last[0]].join() &&
      Object.is(run.lastValue, last[1]) &&
      first[0] > before &&
      steps.every((step) => step <= run.longestStepMs) &&
      [...part.time, ...part.value].join() === [...time.slice(-part.count), ...value.slice(-part.count)].join() &&
      rows.every(([, one]) => isWithin(one, run.bounds) && isWithin(one, run.measure()));
    if (!isTrue) throw new Error(`run ${nth} from ${run.firstTime} says of itself what is not so`);
    return rows;
  });
}

/** Of what is no number nothing is to be said of a run that has it. */
function isWithin(value: number, { least, most }: ValueBounds): boolean {
  const isSilent = Number.isNaN(least) && Number.isNaN(most);
  return isSilent || (value >= least && value <= most);
}
