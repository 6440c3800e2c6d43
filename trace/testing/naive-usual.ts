/** A pass of some tags through a door with two antennas, the outer of which reads all of them. */
export interface NaiveCrossing {
  readonly at: number;
  readonly tags: number;
  readonly inner: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The naive model of docs/rules.md, "kind: surge", for a door whose clocks are those of UTC: when the passes are that it is told of. */
export function naiveSurges(passes: readonly NaiveCrossing[], times: number, learnt: number): number[] {
  const tagsIn = (from: number, to: number) =>
    passes.filter(({ at }) => at >= from && at < to).reduce((sum, { tags }) => sum + tags, 0);
  return passes
    .filter(({ at, tags }) => {
      const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
      const days = Array.from({ length: 28 }, (_, day) => hour - (day + 1) * DAY_MS)
        .map((from) => tagsIn(from, from + HOUR_MS))
        .filter((count) => count > 0);
      if (days.length < learnt) return false;
      const [usual, spread] = middleAndSpread(days);
      const most = Math.max(times * usual, usual + 5 * 1.4826 * spread);
      const before = tagsIn(hour, at);
      return before <= most && before + tags > most;
    })
    .map(({ at }) => at);
}

/** The same of "kind: weakReads", of the inner antenna. */
export function naiveWeakReads(
  passes: readonly NaiveCrossing[],
  rule: { readonly below: number; readonly passes: number; readonly learnt: number },
): number[] {
  const measured = passes.filter(({ tags }) => tags >= 5).toSorted((a, b) => a.at - b.at);
  const isWeak = (index: number) => {
    const until = measured.slice(0, index + 1).map(({ tags, inner }) => (100 * inner) / tags);
    const recent = until.splice(-rule.passes);
    const before = until.slice(-100);
    if (recent.length === 0 || before.length < rule.learnt) return false;
    const [usual, spread] = middleAndSpread(before);
    const [now] = middleAndSpread(recent);
    const wavers = (1.4826 * spread * Math.sqrt(Math.PI / 2)) / Math.sqrt(rule.passes);
    return now < (usual * rule.below) / 100 && now < usual - 5 * wavers;
  };
  return measured.filter((_, index) => isWeak(index) && !isWeak(index - 1)).map(({ at }) => at);
}

function middleAndSpread(values: readonly number[]): readonly [number, number] {
  const middle = middleOf(values);
  return [middle, middleOf(values.map((value) => Math.abs(value - middle)))];
}

function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half) - 1] ?? 0)) / 2;
}
