import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DailyWindow } from './local-clock.ts';
import { LocalClock, WEEKDAYS } from './local-clock.ts';
import { noticesOf, quietUntil } from './notices.ts';
import { onCall } from './on-call.ts';
import type { RoutedAlert, RouteNode, RoutingPlan, Schedule, Target } from './routing.ts';
import { shiftsOf } from './shifts.ts';

/*
 * RoutingPlan against a model that is slow and obvious: it walks the clock minute by minute, reads each minute from the
 * platform, and keeps what it has seen.
 */

const MINUTE = 60_000;
/** What these routes do not look at. */
const UNROUTED = { rule: 'r', about: 'device', device: null, gateways: [], shipments: [] } as const;
const DAY = 86_400_000;
/** What no route looks at in a person. */
const PLAIN = { language: 'en' as const, addresses: {} };
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns'];
/** Days on which some of these clocks are changed, and one on which none is. */
const DAYS = ['2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-05', '2026-10-04', '2026-06-10'];

const CLOCKS = new Map(
  ZONES.map((zone) => [
    zone,
    new Intl.DateTimeFormat('sv-SE', {
      ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
      weekday: 'short',
      hourCycle: 'h23',
    }),
  ]),
);
const SWEDISH: Readonly<Record<string, string>> = {
  ...{ mån: 'mon', tis: 'tue', ons: 'wed', tors: 'thu', fre: 'fri', lör: 'sat', sön: 'sun' },
};

interface Wall {
  readonly date: string;
  readonly weekday: string;
  readonly minute: number;
}

const READ = new Map<string, Wall>();

function wall(zone: string, at: number): Wall {
  const key = `${zone} ${Math.floor(at / MINUTE)}`;
  const known = READ.get(key) ?? wallOf(zone, at);
  READ.set(key, known);
  return known;
}

function wallOf(zone: string, at: number): Wall {
  const parts = CLOCKS.get(zone)?.formatToParts(at) ?? [];
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return {
    date: `${of('year')}-${of('month')}-${of('day')}`,
    weekday: SWEDISH[of('weekday').replace('.', '')] ?? of('weekday'),
    minute: Number(of('hour')) * 60 + Number(of('minute')),
  };
}

function isQuiet(zone: string, windows: readonly DailyWindow[], at: number): boolean {
  const { weekday, minute } = wall(zone, at);
  const yesterday = WEEKDAYS[(WEEKDAYS.indexOf(weekday as (typeof WEEKDAYS)[number]) + 6) % 7] ?? 'mon';
  return windows.some(({ from, to, days }) => {
    const names: readonly string[] = days;
    const passesMidnight = to <= from;
    if (names.includes(weekday) && minute >= from && (passesMidnight || minute < to)) return true;
    return passesMidnight && names.includes(yesterday) && minute < to;
  });
}

/** Walks from before the first turn, and counts the days on which the clock came to the time of hand-over. */
function peopleByWalking(schedule: Schedule, at: number): readonly string[] {
  const standsIn = schedule.instead.findLast(({ from, to }) => from <= at && at < to);
  if (standsIn !== undefined) return [standsIn.person];
  if (schedule.hours !== null && !isQuiet(schedule.zone, schedule.hours, at)) return [];
  const handedOver = new Set<string>();
  let begun = Date.parse(`${schedule.start}T00:00:00Z`) - 3 * DAY;
  for (; begun <= at; begun += MINUTE) {
    const { date, minute } = wall(schedule.zone, begun);
    if (minute >= schedule.handOver) handedOver.add(date);
  }
  const holiday = schedule.holidays.find(({ date }) => date === [...handedOver].at(-1));
  if (holiday !== undefined) return holiday.people;
  const turns = [...handedOver].filter((date) => date >= schedule.start).length;
  const person = schedule.people[Math.floor((turns - 1) / schedule.days) % schedule.people.length];
  return turns === 0 || person === undefined ? [] : [person];
}

function quarters({ from, to, days }: DailyWindow): DailyWindow {
  return { from: Math.floor(from / 15) * 15, to: Math.floor(to / 15) * 15, days };
}

const zone = fc.constantFrom(...ZONES);
const moment = fc
  .tuple(fc.constantFrom(...DAYS), fc.integer({ min: -600, max: 1_800 }))
  .map(([day, minute]) => Date.parse(`${day}T00:00:00Z`) + minute * MINUTE);
const timeOfDay = fc.oneof(fc.integer({ min: 0, max: 1_439 }), fc.integer({ min: 60, max: 200 }));
const window: fc.Arbitrary<DailyWindow> = fc.record({
  from: timeOfDay,
  to: timeOfDay,
  days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
});

/** A schedule as people make them around a moment: with hours, holidays and stand-ins, each of them or none. */
function scheduleAround(at: number, people: readonly string[]): fc.Arbitrary<Schedule> {
  const date = fc.integer({ min: -2, max: 2 }).map((days) => new Date(at + days * DAY).toISOString().slice(0, 10));
  const person = fc.constantFrom(...people);
  const holiday = fc.record({ date, people: fc.subarray([...people]) });
  const instead = fc
    .tuple(fc.integer({ min: -600, max: 300 }), fc.integer({ min: 1, max: 1_500 }), person)
    .map(([from, length, who]) => ({ from: at + from * MINUTE, to: at + (from + length) * MINUTE, person: who }));
  return fc.record({
    ...{ id: fc.constant('duty'), zone, people: fc.constant(people), days: fc.integer({ min: 1, max: 2 }) },
    start: fc.integer({ min: -1, max: 2 }).map((before) => new Date(at - before * DAY).toISOString().slice(0, 10)),
    handOver: timeOfDay,
    hours: fc.option(fc.array(window, { minLength: 1, maxLength: 2 }), { freq: 2 }),
    holidays: fc.uniqueArray(holiday, { maxLength: 2, selector: (one) => one.date }),
    instead: fc.array(instead, { maxLength: 2 }),
  });
}

describe('who is on call', () => {
  test('is who walking the clock finds, with hours, holidays and stand-ins, whenever the clock is set', () => {
    const asked = moment.chain((at) => fc.tuple(fc.constant(at), scheduleAround(at, ['anna', 'ben', 'carl'])));
    fc.assert(
      fc.property(asked, ([at, schedule]) => {
        expect(onCall(schedule, at).people).toEqual(peopleByWalking(schedule, at));
      }),
      { numRuns: 150 },
    );
  });

  test('is who walking the clock finds, on days of 23, 24 and 25 hours', () => {
    fc.assert(
      fc.property(
        fc.record({ zone, at: moment, handOver: timeOfDay, before: fc.integer({ min: 0, max: 2 }) }),
        fc.integer({ min: 1, max: 2 }),
        ({ zone, at, handOver, before }, days) => {
          const start = new Date(at - before * DAY).toISOString().slice(0, 10);
          const schedule: Schedule = {
            ...{ id: 's', zone, people: ['a', 'b', 'c'], start, days, handOver },
            ...{ hours: null, holidays: [], instead: [] },
          };
          expect(onCall(schedule, at).people).toEqual(peopleByWalking(schedule, at));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is listed shift by shift as it is asked for each minute, on days of 23, 24 and 25 hours', () => {
    fc.assert(
      fc.property(fc.record({ zone, at: moment, handOver: timeOfDay }), fc.array(window), (given, hours) => {
        const schedule: Schedule = {
          ...{ id: 's', zone: given.zone, people: ['a', 'b'], days: 1, instead: [], holidays: [] },
          ...{
            start: new Date(given.at - DAY).toISOString().slice(0, 10),
            handOver: given.handOver - (given.handOver % 15),
          },
          // Shifts shorter than a quarter of an hour may be left out.
          hours: hours.length === 0 ? null : hours.map(quarters),
        };
        const [from, to] = [given.at, given.at + 2 * DAY];
        const shifts = shiftsOf(schedule, from, to);
        expect([shifts[0]?.from, shifts.at(-1)?.to]).toEqual([from, to]);
        for (let minute = from; minute < to; minute += 7 * MINUTE) {
          const shift = shifts.find((one) => minute >= one.from && minute < one.to);
          const { people, why } = onCall(schedule, minute);
          expect({ people: shift?.people, why: shift?.why }).toEqual({ people, why });
        }
      }),
      { numRuns: 40 },
    );
  });

  test('who stands in for a part of a turn ends it, and hands it back', () => {
    const at = (clock: string) => Date.parse(`2026-06-10T${clock}:00Z`);
    const schedule: Schedule = {
      ...{ id: 's', zone: 'UTC', people: ['anna', 'ben'], start: '2026-06-10', days: 1, handOver: 0 },
      ...{ hours: null, holidays: [], instead: [{ from: at('13:05'), to: at('14:00'), person: 'carl' }] },
    };
    const shifts = shiftsOf(schedule, at('12:00'), at('20:00'));
    expect(shifts.map(({ from, to, people }) => [from, to, people[0]])).toEqual([
      [at('12:00'), at('13:05'), 'anna'],
      [at('13:05'), at('14:00'), 'carl'],
      [at('14:00'), at('20:00'), 'anna'],
    ]);
  });

  test('is not taken back where the clock is set back past the hand-over', () => {
    const schedule: Schedule = {
      ...{ id: 's', zone: 'Europe/Berlin', people: ['anna', 'ben'], start: '2026-10-24', days: 1, handOver: 150 },
      ...{ hours: null, holidays: [], instead: [] },
    };
    const at = (time: string) => onCall(schedule, Date.parse(time)).people[0];
    expect(at('2026-10-25T02:29:00+02:00')).toBe('anna');
    expect(at('2026-10-25T02:30:00+02:00')).toBe('ben');
    // The clock shows 02:10 again.
    expect(at('2026-10-25T02:10:00+01:00')).toBe('ben');
  });
});

test('quiet hours end at the first minute that lies in none of them', () => {
  fc.assert(
    fc.property(zone, moment, fc.array(window, { minLength: 1, maxLength: 2 }), (zone, at, windows) => {
      const until = quietUntil(new LocalClock(zone), windows, at);
      if (!isQuiet(zone, windows, at)) {
        expect(until).toBe(at);
        return;
      }
      let first = at;
      while (first < at + 4 * DAY && isQuiet(zone, windows, first)) first += MINUTE;
      // Windows that never end hold nothing back.
      if (first >= at + 4 * DAY) fc.pre(false);
      expect(until).toBe(first);
    }),
    { numRuns: 40 },
  );
});

describe('what is due of an alert', () => {
  test('does not wait for somebody where nobody is on call', () => {
    const hours = [{ from: 480, to: 1_080, days: [...WEEKDAYS] }];
    const duty = { id: 'duty', zone: 'UTC', people: ['anna'], start: '2026-06-01', days: 1, handOver: 0 };
    const person = (id: string) => ({
      ...{ id, ...PLAIN, zone: 'UTC', quiet: [] },
      notify: { critical: [id], warning: [], info: [] },
    });
    const plan: RoutingPlan = {
      people: new Map(['anna', 'ben'].map((id) => [id, person(id)])),
      teams: new Map(),
      schedules: new Map([['duty', { ...duty, hours, holidays: [], instead: [] }]]),
      root: {
        ...{ name: 'all', match: {}, to: [{ schedule: 'duty' }], repeatMs: 0, isContinued: false, routes: [] },
        escalation: [{ afterMs: 30 * MINUTE, to: [{ person: 'ben' }] }],
      },
    };
    const told = (time: string) => {
      const openedAt = Date.parse(time);
      const alert = {
        ...UNROUTED,
        severity: 'critical',
        kind: 'shock',
        sites: [],
        profiles: [],
        products: [],
        labels: {},
      } as const;
      return noticesOf(plan, { ...alert, openedAt }).map(({ person, at }) => [person, (at - openedAt) / MINUTE]);
    };
    expect(told('2026-06-10T12:00:00Z')).toEqual([
      ['anna', 0],
      ['ben', 30],
    ]);
    expect(told('2026-06-10T03:00:00Z')).toEqual([['ben', 0]]);
  });

  test('is what walking its first day minute by minute finds', () => {
    fc.assert(
      fc.property(routingAndAlert(), ({ routing, alert }) => {
        const found = noticesOf(routing, alert).map(({ at, channel, person, step }) => ({ at, channel, person, step }));
        const walked = walk(routing, alert);
        const key = (one: object) => JSON.stringify(one);
        expect(found.map(key).sort()).toEqual(walked.map(key).sort());
        expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).toSorted((a, b) => a - b));
      }),
      { numRuns: 120 },
    );
  });
});

/** In any of the zones, on and off the days on which their clocks are set. */
function routingAndAlert(): fc.Arbitrary<{ routing: RoutingPlan; alert: RoutedAlert }> {
  const channels = ['mail', 'sms', 'hook'];
  const target: fc.Arbitrary<Target> = fc.oneof(
    fc.constantFrom('anna', 'ben').map((person) => ({ person })),
    fc.constant({ team: 'all' }),
    fc.constant({ schedule: 'duty' }),
    fc.constantFrom(...channels).map((channel) => ({ channel })),
  );
  const to = fc.array(target, { minLength: 1, maxLength: 3 });
  const leaf = fc.record({
    name: fc.constantFrom('one', 'two'),
    match: fc.oneof(
      fc.constant({}),
      fc.constant({ severity: ['critical'] as const }),
      fc.constant({ site: ['site:a'] }),
      fc.constant({ labels: { x: '1', y: '2' } }),
    ),
    to: fc.option(to),
    escalation: fc.option(
      fc
        .uniqueArray(fc.integer({ min: 1, max: 90 }), { maxLength: 2 })
        .chain((after) =>
          fc
            .array(to, { minLength: after.length, maxLength: after.length })
            .map((all) =>
              after.toSorted((a, b) => a - b).map((minutes, i) => ({ afterMs: minutes * MINUTE, to: all[i] ?? [] })),
            ),
        ),
    ),
    repeatMs: fc.option(fc.constantFrom(0, 360 * MINUTE, 1_000 * MINUTE)),
    group: fc.constantFrom(undefined, 'none' as const, {
      by: ['site' as const],
      waitMs: 3 * MINUTE,
      intervalMs: MINUTE,
    }),
    isContinued: fc.boolean(),
    routes: fc.constant<RouteNode[]>([]),
  });
  const tree = fc.record({ root: leaf, rootTo: to, children: fc.array(leaf, { maxLength: 3 }), deep: leaf });
  const notify = fc.record({
    critical: fc.subarray(channels),
    warning: fc.subarray(channels),
    info: fc.subarray(channels),
  });
  const quiet = fc.array(
    fc.record({ from: fc.integer({ min: 0, max: 1_439 }), to: fc.integer({ min: 0, max: 1_439 }) }).map((given) => ({
      ...given,
      days: [...WEEKDAYS],
    })),
    { maxLength: 1 },
  );
  const alert = moment.chain((openedAt) =>
    fc.record({
      severity: fc.constantFrom('info', 'warning', 'critical'),
      kind: fc.constant('threshold'),
      sites: fc.subarray(['site:a', 'site:b']),
      profiles: fc.constant([]),
      products: fc.constant([]),
      labels: fc.constantFrom({}, { x: '1' }, { x: '1', y: '2' }, { x: '2', y: '2' }),
      openedAt: fc.constant(openedAt),
      duty: scheduleAround(openedAt, ['anna', 'ben']),
    }),
  );
  return fc
    .tuple(tree, notify, notify, quiet, alert, zone)
    .map(([{ root, rootTo, children, deep }, anna, ben, hush, { duty, ...alert }, zone]) => ({
      alert: { ...UNROUTED, ...alert } as RoutedAlert,
      routing: {
        people: new Map([
          ['anna', { ...PLAIN, id: 'anna', zone, notify: anna, quiet: hush.filter(({ from, to }) => from !== to) }],
          ['ben', { ...PLAIN, id: 'ben', zone: 'UTC', notify: ben, quiet: [] }],
        ]),
        teams: new Map([['all', { id: 'all', members: ['anna', 'ben'] }]]),
        schedules: new Map([['duty', duty]]),
        root: {
          ...root,
          ...{ match: {}, to: rootTo },
          routes: children.map((child, i) => (i === 0 ? { ...child, routes: [deep] } : child)),
        },
      },
    }));
}

interface Told {
  readonly at: number;
  readonly channel: string;
  readonly person: string | null;
  readonly step: string;
}

/** Minute by minute for two days: whose time has come, and whom their quiet hours no longer keep. */
function walk(routing: RoutingPlan, alert: RoutedAlert): Told[] {
  const isUnmanned = (target: Target) => 'schedule' in target && peopleOf(target, routing, alert.openedAt).length === 0;
  const waiting: { due: number; step: string; to: readonly Target[] }[] = takenBy(
    routing.root,
    alert,
    null,
    null,
    null,
    'none',
  ).flatMap(({ to, escalation, repeatMs, group }) => [
    { due: group === 'none' ? 0 : group.waitMs, step: 'first', to },
    ...escalation.map((step, i) => ({
      // Where nobody is on call there is nobody to wait for.
      due: i === 0 && to.length > 0 && to.every((target) => isUnmanned(target)) ? 0 : step.afterMs,
      ...{ step: `escalation ${i + 1}`, to: step.to },
    })),
    ...Array.from({ length: 96 }, (_, i) => ({ due: (i + 1) * repeatMs, step: `repeat ${i + 1}`, to })).filter(
      ({ due }) => repeatMs > 0 && due <= DAY && group === 'none',
    ),
  ]);
  const told: Told[] = [];
  const held: Omit<Told, 'at'>[] = [];
  const seen = new Set<string>();
  for (let at = alert.openedAt; at <= alert.openedAt + 3 * DAY; at += MINUTE) {
    for (const { due, step, to } of waiting) {
      if (alert.openedAt + due !== at) continue;
      for (const target of to) {
        if ('channel' in target) held.push({ channel: target.channel, person: null, step });
        for (const person of peopleOf(target, routing, at)) {
          for (const channel of routing.people.get(person)?.notify[alert.severity] ?? [])
            held.push({ channel, person, step });
        }
      }
    }
    for (const one of held.splice(0)) {
      const { quiet = [], zone = 'UTC' } = routing.people.get(one.person ?? '') ?? {};
      if (alert.severity !== 'critical' && isQuiet(zone, quiet, at)) {
        held.push(one);
        continue;
      }
      if (!seen.has(JSON.stringify(one))) told.push({ at, ...one });
      seen.add(JSON.stringify(one));
    }
  }
  return told;
}

function peopleOf(target: Target, routing: RoutingPlan, at: number): readonly string[] {
  if ('person' in target) return [target.person];
  if ('team' in target) return routing.teams.get(target.team)?.members ?? [];
  if ('channel' in target) return [];
  const schedule = routing.schedules.get(target.schedule);
  return schedule === undefined ? [] : peopleByWalking(schedule, at);
}

type Taken = {
  to: readonly Target[];
  escalation: NonNullable<RouteNode['escalation']>;
  repeatMs: number;
  group: NonNullable<RouteNode['group']>;
};

function takenBy(
  route: RouteNode,
  alert: RoutedAlert,
  ...[to, escalation, repeat, group]: [RouteNode['to'], RouteNode['escalation'], RouteNode['repeatMs'], Taken['group']]
): Taken[] {
  const here = [
    route.to ?? to,
    route.escalation ?? escalation,
    route.repeatMs ?? repeat,
    route.group ?? group,
  ] as const;
  const found: Taken[] = [];
  for (const child of route.routes) {
    const { severity, site, labels } = child.match;
    if (severity !== undefined && !severity.includes(alert.severity)) continue;
    if (site !== undefined && !alert.sites.some((one) => site.includes(one))) continue;
    if (Object.entries(labels ?? {}).some(([name, value]) => alert.labels[name] !== value)) continue;
    found.push(...takenBy(child, alert, ...here));
    if (!child.isContinued) return found;
  }
  if (found.length > 0) return found;
  return [{ to: here[0] ?? [], escalation: here[1] ?? [], repeatMs: here[2] ?? 0, group: here[3] }];
}
