import { momentsOf, type Zone } from '../../domain/index.ts';

/** A civil time of a row, in the order of the file. */
export interface CivilRow {
  /** As if it were UTC, epoch ms. */
  readonly civil: number;
  /** Minutes east of UTC where the time itself, or the file, says so. */
  readonly offset: number | null;
}

/** Which of two moments a time that occurs twice is, where the order of the rows does not tell. */
export const TWICE = ['first', 'second'] as const;
export type Twice = (typeof TWICE)[number];

/** Epoch ms UTC; or why there is none. */
export type Moment = number | 'TIME_NOT_EXISTING' | { readonly earlier: number; readonly later: number };

const MINUTE_MS = 60_000;

/**
 * The moments of the rows of a file, in its order. An hour that occurs twice is told by the order of the rows where they
 * run one way: of the two runs through it the first is the earlier. A lone run through it could be either, and stays open.
 */
export function momentsOfRows(rows: readonly CivilRow[], zone: Zone, twice: Twice | null): Moment[] {
  const found = rows.map(({ civil, offset }): Moment => {
    if (offset !== null) return civil - offset * MINUTE_MS;
    const [earlier, later] = momentsOf(civil, zone);
    if (earlier === undefined) return 'TIME_NOT_EXISTING';
    return later === undefined ? earlier : { earlier, later };
  });
  const direction = directionOf(rows, found);
  if (direction !== 0) resolve(rows, found, direction);
  if (twice === null) return found;
  return found.map((moment) => (typeof moment === 'object' ? moment[twice === 'first' ? 'earlier' : 'later'] : moment));
}

/** 1 where the moments that are sure go up, -1 where they go down, 0 where they do neither. A lone one goes up. */
function directionOf(rows: readonly CivilRow[], found: readonly Moment[]): 1 | -1 | 0 {
  const sure = found.filter((moment) => typeof moment === 'number');
  const steps = sure.slice(1).map((moment, i) => Math.sign(moment - (sure[i] ?? 0)));
  const [hasUp, hasDown] = [steps.includes(1), steps.includes(-1)];
  if (hasUp && hasDown) return 0;
  if (hasUp || hasDown) return hasUp ? 1 : -1;
  // Nothing but the hour that occurs twice: the rows of each run tell the way.
  const civil = rows.slice(1).map((row, i) => Math.sign(row.civil - (rows[i]?.civil ?? 0)));
  const [up, down] = [civil.filter((step) => step > 0).length, civil.filter((step) => step < 0).length];
  return up >= down ? 1 : -1;
}

/** Runs of neighbouring rows within one hour that occurs twice. */
function resolve(rows: readonly CivilRow[], found: Moment[], direction: 1 | -1): void {
  const order = direction === 1 ? [...rows.keys()] : [...rows.keys()].reverse();
  for (let at = 0; at < order.length; ) {
    const first = found[order[at] ?? -1];
    if (typeof first !== 'object') {
      at++;
      continue;
    }
    const shift = first.later - first.earlier;
    const runs: number[][] = [[]];
    let before = Number.NEGATIVE_INFINITY;
    let end = at;
    for (; end < order.length; end++) {
      const i = order[end] ?? -1;
      const moment = found[i];
      const civil = rows[i]?.civil ?? 0;
      // The next change of the clocks is half a year on.
      if (typeof moment !== 'object' || Math.abs(moment.earlier - first.earlier) > shift) break;
      if (civil <= before) runs.push([]);
      runs.at(-1)?.push(i);
      before = civil;
    }
    if (runs.length === 2) {
      for (const [n, run] of runs.entries()) {
        for (const i of run) {
          const moment = found[i];
          if (typeof moment === 'object') found[i] = n === 0 ? moment.earlier : moment.later;
        }
      }
    }
    at = end;
  }
}
