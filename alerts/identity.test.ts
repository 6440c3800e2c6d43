import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interval } from '../domain/index.ts';
import { type Inheritance, inherit, type Standing } from './identity.ts';

const finding = (from: number, to: number | null): Interval => ({ from, to });
const alert = (number: number, from: number, to: number | null): Standing => ({
  id: `alert-${number}`,
  number,
  from,
  to,
});

function told(result: Inheritance<Interval, Standing>) {
  return {
    heirs: result.heirs.map((heir) => ({
      from: heir.finding.from,
      alert: heir.alert?.number ?? 'new',
      ...(heir.merged.length > 0 && { merged: heir.merged.map((merged) => merged.number) }),
      ...(heir.splitFrom !== null && { splitFrom: heir.splitFrom.number }),
    })),
    orphans: result.orphans.map((orphan) => orphan.number),
  };
}

describe('a finding inherits its alert', () => {
  it('a finding that nothing overlapped opens a new alert', () => {
    expect(told(inherit([finding(100, 200)], [alert(1, 0, 50)]))).toEqual({
      heirs: [{ from: 100, alert: 'new' }],
      orphans: [1],
    });
  });

  it('a finding that moved keeps the alert it overlaps longest', () => {
    expect(told(inherit([finding(10, 100)], [alert(1, 0, 40)])).heirs).toEqual([{ from: 10, alert: 1 }]);
  });

  it('in a merge the oldest survives, also where the newer one is longer', () => {
    expect(told(inherit([finding(0, 100)], [alert(2, 0, 70), alert(1, 80, 100)])).heirs).toEqual([
      { from: 0, alert: 1, merged: [2] },
    ]);
  });

  it('in a split the largest overlap keeps the alert and the others are split from it', () => {
    expect(told(inherit([finding(0, 20), finding(30, 100)], [alert(1, 0, 100)])).heirs).toEqual([
      { from: 0, alert: 'new', splitFrom: 1 },
      { from: 30, alert: 1 },
    ]);
  });

  it('in a split into equal halves the earliest keeps the alert', () => {
    expect(told(inherit([finding(50, 100), finding(0, 50)], [alert(1, 0, 100)])).heirs).toEqual([
      { from: 0, alert: 1 },
      { from: 50, alert: 'new', splitFrom: 1 },
    ]);
  });

  it('a finding between two alerts takes the longer one where the other finds a home of its own', () => {
    const result = inherit([finding(0, 60), finding(60, 130)], [alert(1, 0, 100), alert(2, 110, 120)]);
    expect(told(result).heirs).toEqual([
      { from: 0, alert: 1 },
      { from: 60, alert: 2 },
    ]);
  });

  it('a single reading followed by silence is still the same alert when an earlier outside reading comes late', () => {
    expect(told(inherit([finding(95, 100)], [alert(1, 100, 100)])).heirs).toEqual([{ from: 95, alert: 1 }]);
  });

  it('a running finding keeps its running alert rather than an ended one', () => {
    expect(told(inherit([finding(0, null)], [alert(1, 50, null)])).heirs).toEqual([{ from: 0, alert: 1 }]);
  });
});

/**
 * Promise 7 once more, as slowly and plainly as it can be said: times are whole cells of a short day, an overlap is
 * counted cell by cell, and every question is asked of every pair.
 */
const DAY = 40;
function promiseSeven(findings: readonly Interval[], alerts: readonly Standing[]) {
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
  const keeper = (a: Standing) =>
    longest(
      findings.filter((f) => claim(f) === a),
      (f) => cells(f, a),
      (f) => f.from,
    );
  const home = (a: Standing) =>
    keeper(a) ??
    longest(
      findings,
      (f) => cells(f, a),
      (f) => f.from,
    );
  return {
    heirs: findings
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
    orphans: alerts.filter((a) => home(a) === undefined).map((a) => a.number),
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

describe('identities are stable (Promise 7), for any findings and alerts of a key', () => {
  it('the matching is the naive statement of the promise', () => {
    fc.assert(
      fc.property(disjoint, standing, (findings, alerts) => {
        const result = told(inherit(findings, alerts));
        const naive = promiseSeven(findings, alerts);
        expect({ ...result, orphans: result.orphans.toSorted() }).toEqual({
          ...naive,
          orphans: naive.orphans.toSorted(),
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it('the order in which findings and alerts are named does not matter', () => {
    fc.assert(
      fc.property(disjoint, standing, (findings, alerts) => {
        expect(told(inherit(findings.toReversed(), alerts.toReversed()))).toEqual(told(inherit(findings, alerts)));
      }),
    );
  });

  it('every alert is carried on, merged or an orphan, exactly once, and no orphan meets a finding', () => {
    fc.assert(
      fc.property(disjoint, standing, (findings, alerts) => {
        const { heirs, orphans } = inherit(findings, alerts);
        const seen = [...heirs.flatMap((heir) => [heir.alert, ...heir.merged]), ...orphans].filter((a) => a !== null);
        expect(seen.map((a) => a.number).toSorted()).toEqual(alerts.map((a) => a.number).toSorted());
        for (const heir of heirs) {
          for (const merged of heir.merged) expect(merged.number).toBeGreaterThan(heir.alert?.number ?? 0);
        }
        for (const orphan of orphans) {
          const covered = findings.some((f) => f.from < (orphan.to ?? 1e9) && orphan.from < (f.to ?? 1e9));
          expect(covered).toBe(false);
        }
      }),
    );
  });

  it('once matched, matching again changes nothing', () => {
    fc.assert(
      fc.property(disjoint, standing, (findings, alerts) => {
        let next = 1_000;
        const settled = inherit(findings, alerts).heirs.map((heir) =>
          alert(heir.alert?.number ?? next++, heir.finding.from, heir.finding.to),
        );
        expect(told(inherit(findings, settled))).toEqual({
          heirs: settled.map((a) => ({ from: a.from, alert: a.number })),
          orphans: [],
        });
      }),
    );
  });
});
