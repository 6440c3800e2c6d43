import { z } from 'zod';
import {
  ALERT_ABOUTS,
  DURATION_FORM,
  isCalendarDate,
  MESSAGE_LANGUAGES,
  parseDuration,
  parseTimestamp,
  SEVERITIES,
  YamlFile,
} from '../../domain/index.ts';
import { CHANNEL_ID } from '../config.ts';
import { type DailyWindow, WEEKDAYS, type Weekday } from './local-clock.ts';
import { channelsOfPlan } from './plan-channels.ts';
import {
  type Escalation,
  type GroupedBy,
  type Grouping,
  LONGEST_GRACE_MS,
  type RouteNode,
  type RoutingPlan,
  type Schedule,
  type Target,
} from './routing.ts';

/*
 * RoutingPlan as people write it (docs/routing.md), turned into what the functions of this folder work with. Every message
 * says what is allowed; YamlFile adds where, and what was given.
 */

const ID = 'small letters, digits and dashes, at most 64';
const id = z.string().regex(CHANNEL_ID, { error: ID });
const TIME_FORM = 'a time of day, "00:00" to "23:59"';
const timeOfDay = z
  .string({ error: TIME_FORM })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: TIME_FORM })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
/** The end of a window: `24:00` is the midnight that ends the day. */
const endOfWindow = z.union([z.literal('24:00').transform(() => 1_440), timeOfDay], {
  error: 'a time of day, "00:00" to "24:00"',
});
const zone = z.string().refine(isZone, { error: 'an IANA time zone such as Europe/Berlin' });
const date = z.string().refine(isCalendarDate, { error: 'a date such as "2026-12-25"' });
const instant = z.string().transform((text, context) => {
  const at = parseTimestamp(text);
  if (at !== null) return at;
  context.addIssue({ code: 'custom', message: 'a time with its zone, "2026-12-24T08:00:00+01:00"' });
  return z.NEVER;
});
const duration = z.string({ error: DURATION_FORM }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: DURATION_FORM });
  return z.NEVER;
});

const days = z
  .array(z.enum(WEEKDAYS, { error: `of ${WEEKDAYS.join(', ')}` }))
  .min(1)
  .default([...WEEKDAYS]);
const window = z
  .strictObject({ from: timeOfDay, to: endOfWindow, days })
  .transform((given): DailyWindow => ({ ...given, days: given.days as readonly Weekday[] }));
const windows = z.array(window).max(50);
const atLeastOne = z.array(id).min(1, { error: 'at least one' });

const person = z.strictObject({
  zone: zone.default('UTC'),
  notify: z.strictObject({
    critical: z.array(id).min(1, { error: 'at least one channel: a critical alert must reach everybody it is for' }),
    warning: z.array(id).default([]),
    info: z.array(id).default([]),
  }),
  quiet: windows.default([]),
  language: z.enum(MESSAGE_LANGUAGES, { error: `of ${MESSAGE_LANGUAGES.join(', ')}` }).default('en'),
  addresses: z
    .record(id, z.string().regex(/^[^\s,;<>"]{1,320}$/, { error: 'one address, number or chat: "anna@plant.example"' }))
    .default({}),
});

const schedule = z.strictObject({
  zone,
  people: atLeastOne,
  start: date,
  days: z.int().min(1, { error: 'whole days, from 1' }).max(366).default(7),
  handOver: timeOfDay.default(0),
  hours: windows.nullable().default(null),
  holidays: z.array(z.strictObject({ date, people: z.array(id).default([]) })).default([]),
  instead: z
    .array(
      z
        .strictObject({ from: instant, to: instant, person: id })
        .refine(({ from, to }) => from < to, { error: 'an end after its beginning', path: ['to'] }),
    )
    .default([]),
});

const team = z.strictObject({ members: atLeastOne });

/** Times of a week as they are written, in numbers. @throws {z.ZodError} */
export function windowsOf(given: readonly WindowGiven[]): readonly DailyWindow[] {
  return windows.parse(given);
}

/** What is wrong with times of a week as they are written, in a line; null: nothing. */
export function windowsFault(given: unknown): string | null {
  const [issue] = windows.safeParse(given).error?.issues ?? [];
  return issue === undefined ? null : `quiet.${issue.path.join('.')}: allowed: ${issue.message}`;
}

/** As they are written, before times become numbers. */
export type WindowGiven = z.input<typeof window>;
export type PersonGiven = z.input<typeof person>;
export type TeamGiven = z.input<typeof team>;
export type ScheduleGiven = z.input<typeof schedule>;

const target = z.union(
  [
    z.strictObject({ person: id }),
    z.strictObject({ team: id }),
    z.strictObject({ schedule: id }),
    z.strictObject({ channel: id }),
  ],
  { error: '{ person: ID }, { team: ID }, { schedule: ID } or { channel: ID }' },
);

const names = z.array(z.string().min(1)).min(1);
const match = z.strictObject({
  severity: z
    .array(z.enum(SEVERITIES, { error: `of ${SEVERITIES.join(', ')}` }))
    .min(1)
    .optional(),
  kind: names.optional(),
  site: names.optional(),
  profile: names.optional(),
  product: names.optional(),
  rule: names.optional(),
  shipment: names.optional(),
  device: names.optional(),
  gateway: names.optional(),
  about: z
    .array(z.enum(ALERT_ABOUTS, { error: `of ${ALERT_ABOUTS.join(', ')}` }))
    .min(1)
    .optional(),
  labels: z.record(z.string(), z.string()).optional(),
  during: z.strictObject({ zone, windows: windows.min(1) }).optional(),
});

const BY = 'shipment, site, gateway, device, rule, kind, severity or label:NAME';
const groupedBy = z
  .string({ error: BY })
  .regex(/^(?:shipment|site|gateway|device|rule|kind|severity|label:.+)$/, { error: BY })
  .transform((text) => text as GroupedBy);
const grouping = z
  .strictObject({
    by: z.array(groupedBy).max(8).default([]),
    wait: duration.default(30_000),
    interval: duration.default(5 * 60_000),
  })
  .transform(({ by, wait, interval }): Grouping => ({ by, waitMs: wait, intervalMs: interval }));

interface GivenNode {
  name: string;
  match: z.output<typeof match>;
  to: Target[] | null;
  escalation: Escalation[] | null;
  repeat: number | null;
  group: Grouping | 'none' | null;
  continue: boolean;
  routes: GivenNode[];
}

const node: z.ZodType<GivenNode> = z.strictObject({
  name: z.string().trim().min(1).max(60),
  match: match.default({}),
  to: z.array(target).min(1).nullable().default(null),
  escalation: z
    .array(
      z
        .strictObject({ after: duration, to: z.array(target).min(1) })
        .transform(({ after, to }) => ({ afterMs: after, to })),
    )
    .refine((steps) => steps.every(({ afterMs }, i) => afterMs > (steps[i - 1]?.afterMs ?? 0)), {
      error: 'steps one after the other, each later than the one before',
    })
    .nullable()
    .default(null),
  repeat: z
    .union([duration, z.literal('never').transform(() => 0)])
    .nullable()
    .default(null),
  group: z
    .union([z.literal('none'), grouping], { error: 'none, or { by, wait, interval }' })
    .nullable()
    .default(null),
  continue: z.boolean().default(false),
  get routes() {
    return z.array(node).max(200).default([]);
  },
}) as unknown as z.ZodType<GivenNode>;

const inhibition = z
  .strictObject({
    name: z.string().trim().min(1).max(60),
    source: match,
    target: match,
    equal: z.array(groupedBy).max(8).default([]),
    least: z.int().min(1).max(100).default(1),
    grace: duration.refine((ms) => ms <= LONGEST_GRACE_MS, { error: 'a day at most' }).optional(),
  })
  .refine(({ source }) => Object.keys(source).length > 0, {
    error: 'which alerts say it for others',
    path: ['source'],
  })
  .transform(({ grace, ...given }) => ({ ...given, graceMs: grace }));

const NEVER = z.literal('never').transform(() => null);
/** Half an hour, and a pace of six minutes: a link that comes and goes, a door at its limit. */
const flapping = z
  .union(
    [
      NEVER,
      z
        .strictObject({ opens: z.int().min(2).max(1_000).default(5), within: duration.default(30 * 60_000) })
        .transform(({ opens, within }) => ({ opens, withinMs: within })),
    ],
    { error: 'never, or { opens, within }' },
  )
  .default({ opens: 5, withinMs: 30 * 60_000 });
const cap = z
  .union(
    [
      NEVER,
      z
        .strictObject({ notifications: z.int().min(1).max(10_000), within: duration })
        .transform(({ notifications, within }) => ({ notifications, withinMs: within })),
    ],
    { error: 'never, or { notifications, within }' },
  )
  .default(null);

const routingFile = z.strictObject({
  inhibit: z.array(inhibition).max(100).default([]),
  flapping,
  cap,
  people: z.record(id, person).default({}),
  teams: z.record(id, team).default({}),
  schedules: z.record(id, schedule).default({}),
  route: node,
});

/**
 * Reads a routing file.
 *
 * @param channels ids of the channels there are; null: not asked, of a text that was checked when it was written
 * @throws {InputError} ROUTING_FILE_BAD, `file:line: key: given, allowed`
 */
export function parseRouting(text: string, file: string, channels: readonly string[] | null): RoutingPlan {
  const yaml = new YamlFile(text, file, 'ROUTING_FILE_BAD');
  const parsed = routingFile.safeParse(yaml.value);
  if (!parsed.success) yaml.reportIssues(parsed.error.issues, [], 'those of docs/routing.md');
  yaml.throwIfBad();
  if (!parsed.success) throw parsed.error;
  const { people, teams, schedules, route, inhibit, flapping, cap } = parsed.data;
  const routing: RoutingPlan = {
    people: new Map(Object.entries(people).map(([id, given]) => [id, { id, ...given }])),
    teams: new Map(Object.entries(teams).map(([id, given]) => [id, { id, ...given }])),
    schedules: new Map(Object.entries(schedules).map(([id, given]): [string, Schedule] => [id, { id, ...given }])),
    root: nodeOf(route),
    ...{ inhibit, flapping, cap },
  };
  const known = {
    person: new Set(routing.people.keys()),
    channel: new Set(channels ?? channelsOfPlan(routing).keys()),
  };
  const mustBe = (kind: 'person' | 'channel', ids: readonly string[], path: readonly (string | number)[]) => {
    for (const [i, one] of ids.entries()) {
      if (!known[kind].has(one)) yaml.report([...path, i], `a ${kind} that there is: ${[...known[kind]].join(', ')}`);
    }
  };
  for (const [id, { notify, addresses }] of Object.entries(people)) {
    for (const severity of SEVERITIES) mustBe('channel', notify[severity], ['people', id, 'notify', severity]);
    for (const channel of Object.keys(addresses)) {
      if (known.channel.has(channel)) continue;
      yaml.report(['people', id, 'addresses', channel], `a channel that there is: ${[...known.channel].join(', ')}`);
    }
  }
  for (const [id, { members }] of Object.entries(teams)) mustBe('person', members, ['teams', id, 'members']);
  for (const [id, given] of Object.entries(schedules)) {
    mustBe('person', given.people, ['schedules', id, 'people']);
    for (const [i, holiday] of given.holidays.entries()) {
      mustBe('person', holiday.people, ['schedules', id, 'holidays', i, 'people']);
    }
    for (const [i, { person: other }] of given.instead.entries()) {
      if (!known.person.has(other)) {
        yaml.report(
          ['schedules', id, 'instead', i, 'person'],
          `a person that there is: ${[...known.person].join(', ')}`,
        );
      }
    }
  }
  checkTargets(yaml, routing, known.channel, routing.root, ['route']);
  if (routing.root.to === null) yaml.report(['route', 'to'], 'whom to tell where no route below says so');
  yaml.throwIfBad();
  return routing;
}

function nodeOf({ repeat, continue: isContinued, group, routes, ...given }: GivenNode): RouteNode {
  return { ...given, repeatMs: repeat, group: group ?? undefined, isContinued, routes: routes.map(nodeOf) };
}

function checkTargets(
  yaml: YamlFile,
  routing: RoutingPlan,
  channels: ReadonlySet<string>,
  route: RouteNode,
  path: readonly (string | number)[],
): void {
  const check = (to: readonly Target[], at: readonly (string | number)[]) => {
    for (const [i, one] of to.entries()) {
      const [kind, id] = Object.entries(one)[0] as ['person' | 'team' | 'schedule' | 'channel', string];
      const there = { person: routing.people, team: routing.teams, schedule: routing.schedules, channel: channels }[
        kind
      ];
      if (!there.has(id)) yaml.report([...at, i, kind], `a ${kind} that there is: ${[...there.keys()].join(', ')}`);
    }
  };
  check(route.to ?? [], [...path, 'to']);
  for (const [i, { to }] of (route.escalation ?? []).entries()) check(to, [...path, 'escalation', i, 'to']);
  for (const [i, child] of route.routes.entries()) checkTargets(yaml, routing, channels, child, [...path, 'routes', i]);
}

/** Whether this machine knows a zone of that name. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
