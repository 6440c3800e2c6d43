import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interval } from '../domain/index.ts';
import { type ActiveAlert, type Matching, matchAlerts } from './matching.ts';

const finding = (from: number, to: number | null): Interval => ({ from, to });
const alert = (number: number, from: number, to: number | null): ActiveAlert => ({
  id: `alert-${number}`,
  number,
  from,
  to,
});

function outcomeOf(result: Matching<Interval, ActiveAlert>) {
  return {
    matches: result.matches.map((match) => ({
      from: match.finding.from,
      alert: match.alert?.number ?? 'new',
      ...(match.merged.length > 0 && { merged: match.merged.map((merged) => merged.number) }),
      ...(match.splitFrom !== null && { splitFrom: match.splitFrom.number }),
    })),
    unmatched: result.unmatched.map((alert) => alert.number),
  };
}

describe('a finding inherits its alert', () => {
  it('a finding that nothing overlapped opens a new alert', () => {
    expect(outcomeOf(matchAlerts([finding(100, 200)], [alert(1, 0, 50)]))).toEqual({
      matches: [{ from: 100, alert: 'new' }],
      unmatched: [1],
    });
  });

  it('a finding that moved keeps the alert it overlaps longest', () => {
    expect(outcomeOf(matchAlerts([finding(10, 100)], [alert(1, 0, 40)])).matches).toEqual([{ from: 10, alert: 1 }]);
  });

  it('in a merge the oldest survives, also where the newer one is longer', () => {
    expect(outcomeOf(matchAlerts([finding(0, 100)], [alert(2, 0, 70), alert(1, 80, 100)])).matches).toEqual([
      { from: 0, alert: 1, merged: [2] },
    ]);
  });

  it('in a split the largest overlap keeps the alert and the others are split from it', () => {
    expect(outcomeOf(matchAlerts([finding(0, 20), finding(30, 100)], [alert(1, 0, 100)])).matches).toEqual([
      { from: 0, alert: 'new', splitFrom: 1 },
      { from: 30, alert: 1 },
    ]);
  });

  it('in a split into equal halves the earliest keeps the alert', () => {
    expect(outcomeOf(matchAlerts([finding(50, 100), finding(0, 50)], [alert(1, 0, 100)])).matches).toEqual([
      { from: 0, alert: 1 },
      { from: 50, alert: 'new', splitFrom: 1 },
    ]);
  });

  it('a finding between two alerts takes the longer one where the other finds a home of its own', () => {
    const result = matchAlerts([finding(0, 60), finding(60, 130)], [alert(1, 0, 100), alert(2, 110, 120)]);
    expect(outcomeOf(result).matches).toEqual([
      { from: 0, alert: 1 },
      { from: 60, alert: 2 },
    ]);
  });

  it('a single reading followed by silence is still the same alert when an earlier outside reading comes late', () => {
    expect(outcomeOf(matchAlerts([finding(95, 100)], [alert(1, 100, 100)])).matches).toEqual([{ from: 95, alert: 1 }]);
  });

  it('a running finding keeps its running alert rather than an ended one', () => {
    expect(outcomeOf(matchAlerts([finding(0, null)], [alert(1, 50, null)])).matches).toEqual([{ from: 0, alert: 1 }]);
  });
});

/**
 * The same rule once more, as slowly and plainly as it can be written: times are whole cells of a short day, an overlap is
 * counted cell by cell, and every question is asked of every pair.
 */
const DAY = 40;
function plainly(findings: readonly Interval[], alerts: readonly ActiveAlert[]) {
  const cells = (a: Interval, b: Interval) => {
    let shared = 0;
    for (let cell = 0; cell < 10 * DAY; cell++) {
      const inA = cell >= a.from && (a.to === null || cell < a.to);
      const inB = cell >= b.from && (b.to === null || cell < b.to);
      if (inA && inB) shared++;
    }
    const moment = (p: Interval, q: Interval) =>
      p.from === p.to && q.from <= p.from && (q.to === null || p.from <= q.to);
    if (shared > 0) return a.to === null && b.to === null ? 1e9 : shared;
    return a.from === b.from || moment(a, b) || moment(b, a) ? 0 : -1;
  };
  const longest = <T>(items: readonly T[], length: (item: T) => number, tie: (item: T) => number): T | undefined =>
    items.filter((item) => length(item) >= 0).toSorted((x, y) => length(y) - length(x) || tie(x) - tie(y))[0];

  const claim = (f: Interval) =>
    longest(
      alerts,
      (a) => cells(f, a),
      (a) => a.from * 1000 + a.number,
    );
  const keeper = (a: ActiveAlert) =>
    longest(
      findings.filter((f) => claim(f) === a),
      (f) => cells(f, a),
      (f) => f.from,
    );
  const home = (a: ActiveAlert) =>
    keeper(a) ??
    longest(
      findings,
      (f) => cells(f, a),
      (f) => f.from,
    );
  return {
    matches: findings
      .toSorted((x, y) => x.from - y.from)
      .map((f) => {
        const [survivor, ...merged] = alerts.filter((a) => home(a) === f).toSorted((x, y) => x.number - y.number);
        const parent = claim(f);
        return {
          from: f.from,
          alert: survivor?.number ?? 'new',
          ...(merged.length > 0 && { merged: merged.map((a) => a.number) }),
          ...(survivor === undefined && parent !== undefined && { splitFrom: parent.number }),
        };
      }),
    unmatched: alerts.filter((a) => home(a) === undefined).map((a) => a.number),
  };
}

/** Findings or alerts of one key never overlap each other; the last may be open, single moments occur. */
const disjoint = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 8 })), { maxLength: 5 })
  .chain((steps) => fc.boolean().map((isOpen) => ({ steps, isOpen })))
  .map(({ steps, isOpen }) => {
    const intervals: Interval[] = [];
    let at = 0;
    for (const [gap, length] of steps) {
      const from = at + gap + 1;
      intervals.push({ from, to: from + length });
      at = from + length;
    }
    const last = intervals.at(-1);
    if (isOpen && last !== undefined) intervals[intervals.length - 1] = { from: last.from, to: null };
    return intervals;
  });
const standing = disjoint.chain((intervals) =>
  fc
    .shuffledSubarray(
      intervals.map((_, index) => index + 1),
      { minLength: intervals.length },
    )
    .map((numbers) => intervals.map((interval, i) => alert(numbers[i] ?? 0, interval.from, interval.to))),
);

describe('identities are stable, for any findings and alerts of a key', () => {
  it('the matching is the naive statement of the promise', () => {
    fc.assert(
      fc.property(disjoint, standing, (findings, alerts) => {
        const result = outcomeOf(matchAlerts(findings, alerts));
        const naive = plainly(findings, alerts);
        expect({ ...result, unmatched: result.unmatched.toSorted() }).toEqual({
          ...naive,
          unmatched: naive.unmatched.toSorted(),
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it('the order in which findings and alerts are named does not matter', () => {
    fc.assert(
      fc.property(disjoint, standing, (findings, alerts) => {
        expect(outcomeOf(matchAlerts(findings.toReversed(), alerts.toReversed()))).toEqual(
          outcomeOf(matchAlerts(findings, alerts)),
        );
      }),
    );
  });

  it('every alert is carried on, merged or an alert, exactly once, and no alert meets a finding', () => {
    fc.assert(
      fc.property(disjoint, standing, (findings, alerts) => {
        const { matches, unmatched } = matchAlerts(findings, alerts);
        const seen = [...matches.flatMap((match) => [match.alert, ...match.merged]), ...unmatched].filter(
          (a) => a !== null,
        );
        expect(seen.map((a) => a.number).toSorted()).toEqual(alerts.map((a) => a.number).toSorted());
        for (const match of matches) {
          for (const merged of match.merged) expect(merged.number).toBeGreaterThan(match.alert?.number ?? 0);
        }
        for (const alert of unmatched) {
          const covered = findings.some((f) => f.from < (alert.to ?? 1e9) && alert.from < (f.to ?? 1e9));
          expect(covered).toBe(false);
        }
      }),
    );
  });

  it('once matched, matching again changes nothing', () => {
    fc.assert(
      fc.property(disjoint, standing, (findings, alerts) => {
        let next = 1_000;
        const settled = matchAlerts(findings, alerts).matches.map((match) =>
          alert(match.alert?.number ?? next++, match.finding.from, match.finding.to),
        );
        expect(outcomeOf(matchAlerts(findings, settled))).toEqual({
          matches: settled.map((a) => ({ from: a.from, alert: a.number })),
          unmatched: [],
        });
      }),
    );
  });
});
