import { endOf, type Interval, intersect } from '../domain/index.ts';

/** An alert that was not retracted, as matching sees it: [from, to) as of the finding it last rested on. */
export interface ActiveAlert extends Interval {
  readonly id: string;
  /** Order of opening: the lower, the older. */
  readonly number: number;
}

export interface Match<F extends Interval, A extends ActiveAlert> {
  readonly finding: F;
  /** The alert this finding carries on; null = a new one is opened. */
  readonly alert: A | null;
  /** Alerts that end in this one, oldest first. */
  readonly merged: readonly A[];
  /** For a new alert: the one whose larger part went to another finding; else null. */
  readonly splitFrom: A | null;
}

export interface Matching<F extends Interval, A extends ActiveAlert> {
  /** One per finding, by `from`. */
  readonly matches: readonly Match<F, A>[];
  /** Alerts that no finding overlaps any more: it did not happen. */
  readonly unmatched: readonly A[];
}

/**
 * Which finding carries on which alert, within one (rule, key): identities are stable although re-evaluation may move,
 * join and part findings.
 *
 * 1. A finding claims the alert it overlaps longest (tie: the alert with the earliest `from`).
 * 2. Split: of several findings that claim one alert the largest overlap keeps it (tie: earliest `from`); each of the
 *    others is split from it.
 * 3. Merge: an alert that nobody kept but some finding overlaps goes to the one it overlaps longest. Of the alerts that
 *    come together in a finding the oldest survives and the others are merged into it.
 * 4. An alert that no finding overlaps is unmatched.
 *
 * A finding and an alert also meet without common length: with the same `from`, or where one of them is a single moment
 * (one reading and then silence) on the other's stretch, its end included.
 * Pure; the order of the arguments does not matter.
 */
export function matchAlerts<F extends Interval, A extends ActiveAlert>(
  findings: readonly F[],
  alerts: readonly A[],
): Matching<F, A> {
  const claims = [...findings].sort(byFrom).map((finding) => new Claim<F, A>(finding));
  const active = [...alerts].sort((a, b) => byFrom(a, b) || a.number - b.number);
  const meetings = meetingsOf(claims, active);

  for (const meeting of meetings) {
    if (meeting.claim.claimed === null || meeting.overlapMs > meeting.claim.claimed.overlapMs) {
      meeting.claim.claimed = meeting;
    }
  }
  const keeper = new Map<A, Meeting<F, A>>();
  for (const { claimed } of claims) {
    if (claimed === null) continue;
    const best = keeper.get(claimed.alert);
    if (best === undefined || claimed.overlapMs > best.overlapMs) keeper.set(claimed.alert, claimed);
  }
  const home = new Map<A, Meeting<F, A>>();
  for (const meeting of meetings) {
    if (keeper.has(meeting.alert)) continue;
    const best = home.get(meeting.alert);
    if (best === undefined || meeting.overlapMs > best.overlapMs) home.set(meeting.alert, meeting);
  }
  for (const { claim, alert } of [...keeper.values(), ...home.values()]) claim.alerts.push(alert);

  return {
    matches: claims.map(matchOf),
    unmatched: active.filter((alert) => !keeper.has(alert) && !home.has(alert)),
  };
}

/** A finding on its way to its alert. */
class Claim<F extends Interval, A extends ActiveAlert> {
  readonly finding: F;
  claimed: Meeting<F, A> | null = null;
  readonly alerts: A[] = [];

  constructor(finding: F) {
    this.finding = finding;
  }
}

interface Meeting<F extends Interval, A extends ActiveAlert> {
  readonly claim: Claim<F, A>;
  readonly alert: A;
  readonly overlapMs: number;
}

function matchOf<F extends Interval, A extends ActiveAlert>(claim: Claim<F, A>): Match<F, A> {
  const [alert = null, ...merged] = claim.alerts.sort((a, b) => a.number - b.number);
  return { finding: claim.finding, alert, merged, splitFrom: alert === null ? (claim.claimed?.alert ?? null) : null };
}

/** Every pair that meets, by finding and then alert; both lists come sorted by `from`. */
function meetingsOf<F extends Interval, A extends ActiveAlert>(
  claims: readonly Claim<F, A>[],
  alerts: readonly A[],
): Meeting<F, A>[] {
  const meetings: Meeting<F, A>[] = [];
  const reach: number[] = [];
  for (const alert of alerts) reach.push(Math.max(reach.at(-1) ?? Number.NEGATIVE_INFINITY, endOf(alert)));
  let first = 0;
  for (const claim of claims) {
    const { finding } = claim;
    // No alert before `first` reaches this finding; findings only start later from here on.
    while (first < alerts.length && (reach[first] ?? 0) < finding.from) first++;
    for (let i = first; i < alerts.length; i++) {
      const alert = alerts[i];
      if (alert === undefined || alert.from > endOf(finding)) break;
      const overlapMs = overlapOf(finding, alert);
      if (overlapMs !== null) meetings.push({ claim, alert, overlapMs });
    }
  }
  return meetings;
}

/** Common length in ms, Infinity where both are open, 0 where they only meet; null where they do not. */
function overlapOf(a: Interval, b: Interval): number | null {
  const common = intersect(a, b);
  if (common !== null) return endOf(common) - common.from;
  return a.from === b.from || isMomentOn(a, b) || isMomentOn(b, a) ? 0 : null;
}

function isMomentOn(moment: Interval, stretch: Interval): boolean {
  return moment.to === moment.from && moment.from >= stretch.from && moment.from <= endOf(stretch);
}

function byFrom(a: Interval, b: Interval): number {
  return a.from - b.from;
}
