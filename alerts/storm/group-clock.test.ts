import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GroupCount, type GroupState, stepOf } from './group-clock.ts';

/*
 * The clock of a group, which is looked at only when it asks to be, against a model that is slow and obvious: it looks at
 * every minute. Minutes stand for ms. How told alerts stand counts on the beat of the interval, and where the clock looked
 * besides, for an alert that was then taken back before its telling: what is over already is told then, not a beat later.
 */

interface Played {
  readonly opens: number;
  /** What was found is over; null: it goes on. */
  readonly over: number | null;
  readonly acknowledged: number | null;
  readonly retracted: number | null;
}

interface Setting {
  readonly wait: number;
  readonly interval: number;
  readonly repeat: number;
  readonly alerts: readonly Played[];
}

const REPEATS_FOR = 300;
const END = 900;

type Told = readonly [minute: number, telling: string, alerts: number];

const by = (at: number | null, now: number) => at !== null && at <= now;

function count(told: readonly Played[], now: number): GroupCount {
  const retracted = told.filter((one) => by(one.retracted, now));
  const acknowledged = told.filter((one) => !retracted.includes(one) && by(one.acknowledged, now));
  const open = told.filter((one) => !retracted.includes(one) && !acknowledged.includes(one));
  const running = told.filter((one) => !retracted.includes(one) && !by(one.over, now)).length;
  const lengths = { open: open.length, acknowledged: acknowledged.length, retracted: retracted.length };
  return { alerts: told.length, ...lengths, resolved: 0, running };
}

const isOpen = (one: Played, now: number) => !by(one.retracted, now) && !by(one.acknowledged, now);

/** Asks `stepOf` only when it said it wants to be, or when an alert comes that cannot wait so long. */
function played({ wait, interval, repeat, alerts }: Setting): { told: Told[]; looks: ReadonlySet<number> } {
  const told: Told[] = [];
  const looks = new Set<number>();
  const openedAt = Math.min(...alerts.map(({ opens }) => opens));
  let group: GroupState = {
    ...{ openedAt, toldAt: null, isEnded: false, intervalMs: interval, repeatMs: repeat },
    ...{ toldRetracted: 0, toldRunning: 0 },
  };
  const heard = new Set<Played>();
  let dueAt: number | null = openedAt + wait;
  for (let now = openedAt; now < END && !group.isEnded; now++) {
    if (dueAt !== null && alerts.some(({ opens }) => opens === now)) {
      dueAt = Math.min(dueAt, Math.max(now + wait, group.toldAt === null ? 0 : group.toldAt + interval));
    }
    if (dueAt === null || now < dueAt) continue;
    looks.add(now);
    const fresh = alerts.filter((one) => one.opens <= now && !heard.has(one) && isOpen(one, now));
    const first = fresh.some(({ opens }) => opens + wait <= now);
    const soon = first ? fresh.filter(({ opens }) => opens + wait <= now + interval) : [];
    const after = fresh.filter((one) => !soon.includes(one)).map(({ opens }) => opens + wait);
    const nextAt = after.length === 0 ? null : Math.min(...after);
    const step = stepOf(group, count([...heard, ...soon], now), { first, escalation: false, nextAt }, now, REPEATS_FOR);
    dueAt = step.nextAt;
    group = { ...group, isEnded: step.isEnded };
    if (step.tell === null) continue;
    if (step.tell === 'opened' || step.tell === 'changed') for (const one of soon) heard.add(one);
    const { retracted: toldRetracted, running: toldRunning } = count([...heard], now);
    group = { ...group, toldAt: now, toldRetracted, toldRunning };
    told.push([now, step.tell, heard.size]);
  }
  return { told, looks };
}

/** Looks at every minute: whether a new alert waited long enough, and on a beat or a look how the others stand. */
function walked({ wait, interval, repeat, alerts }: Setting, looks: ReadonlySet<number>): Told[] {
  const told: Told[] = [];
  const heard = new Set<Played>();
  const openedAt = Math.min(...alerts.map(({ opens }) => opens));
  let last: number | null = null;
  let before = count([], 0);
  for (let now = openedAt; now < END; now++) {
    const fresh = alerts.filter((one) => one.opens <= now && !heard.has(one) && isOpen(one, now));
    const isDue = fresh.some(({ opens }) => opens + wait <= now);
    const isFree = last === null || now - last >= interval;
    const say = (telling: string) => {
      last = now;
      before = count([...heard], now);
      told.push([now, telling, heard.size]);
    };
    if (isDue && isFree) {
      for (const one of fresh) if (one.opens + wait <= now + interval) heard.add(one);
      say(last === null ? 'opened' : 'changed');
      continue;
    }
    if (last === null) {
      // Nobody is left to be told: what comes later is another group.
      if (fresh.length === 0 && now >= openedAt + wait) return told;
      continue;
    }
    const stands = count([...heard], now);
    const isBeat = now > last && ((now - last) % interval === 0 || (isFree && looks.has(now)));
    if (isBeat && stands.running === 0) {
      if (before.running > 0) say('ended');
      else if (stands.retracted > before.retracted) say('changed');
      return told;
    }
    if (isBeat && stands.retracted > before.retracted) say('changed');
    else if (repeat > 0 && stands.open > 0 && now - last >= repeat && now - openedAt <= REPEATS_FOR) say('reminded');
  }
  return told;
}

const later = (least: number) => fc.option(fc.integer({ min: least, max: 400 }));
const setting: fc.Arbitrary<Setting> = fc
  .record({
    wait: fc.integer({ min: 0, max: 5 }),
    interval: fc.integer({ min: 1, max: 30 }),
    /** Such that a repeat falls on a beat: what stands is looked at there. */
    beats: fc.constantFrom(0, 3, 4),
    alerts: fc.array(
      fc
        .record({ opens: fc.integer({ min: 0, max: 40 }), over: later(0), acknowledged: later(0), retracted: later(0) })
        .map(({ opens, over, acknowledged, retracted }) => ({
          ...{ opens, over: over === null ? null : opens + over },
          ...{ acknowledged: acknowledged === null ? null : opens + acknowledged },
          ...{ retracted: retracted === null ? null : opens + retracted },
        })),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ beats, ...given }) => ({ ...given, repeat: beats * given.interval }));

describe('a group of alerts', () => {
  test('is told when walking minute by minute would tell it, until its end', () => {
    fc.assert(
      fc.property(setting, (given) => {
        const { told, looks } = played(given);
        expect(told).toEqual(walked(given, looks));
      }),
      { numRuns: 300 },
    );
  });

  test('tells its end once, and no two notifications nearer than its interval', () => {
    fc.assert(
      fc.property(setting, (given) => {
        const { told } = played(given);
        expect(told.filter(([, telling]) => telling === 'ended').length).toBeLessThanOrEqual(1);
        for (const [i, [minute]] of told.entries()) {
          const before = told[i - 1];
          if (before !== undefined) expect(minute - before[0]).toBeGreaterThanOrEqual(given.interval);
        }
      }),
      { numRuns: 300 },
    );
  });
});
