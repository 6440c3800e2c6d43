import { z } from 'zod';
import { SEVERITIES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named, prose } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

/** A version of the routing, without its text. */
export const routingVersion = z
  .object({
    version: z.number().int(),
    author: z.string(),
    at: timeOut,
    reason: z.string(),
  })
  .register(named, { id: 'RoutingVersion' });
export type RoutingVersionView = z.output<typeof routingVersion>;

export const routingText = routingVersion
  .extend({ text: z.string().describe('YAML') })
  .register(named, { id: 'RoutingText' });
export type RoutingTextView = z.output<typeof routingText>;

const shift = z.object({
  from: timeOut,
  to: timeOut,
  people: z.array(z.string()).describe('nobody: off hours, or nobody is named'),
  why: z.enum(['turn', 'instead', 'holiday', 'off hours', 'before the first turn']),
});

const dailyWindow = z.object({
  from: z.string().describe('time of day, "22:00"'),
  to: z.string(),
  days: z.array(z.string()).optional().describe('absent: every day'),
});

/** People, teams and schedules as they are written, with what is not written as it is then. */
const routingParts = z.object({
  people: z.array(
    z.object({
      id: z.string(),
      zone: z.string(),
      language: z.string(),
      notify: z.object({
        critical: z.array(z.string()),
        warning: z.array(z.string()),
        info: z.array(z.string()),
      }),
      quiet: z.array(dailyWindow),
      addresses: z.record(z.string(), z.string()),
      channels: z.array(z.string()),
      own: z
        .array(z.string())
        .describe('what they set for themselves, which counts: language, zone, quiet, or a channel'),
    }),
  ),
  teams: z.array(z.object({ id: z.string(), members: z.array(z.string()) })),
  schedules: z.array(
    z.object({
      id: z.string(),
      zone: z.string(),
      people: z.array(z.string()),
      start: z.string().describe('date of the first turn'),
      days: z.number().int().describe('of a turn'),
      handOver: z.string(),
      hours: z.array(dailyWindow).nullable().describe('null: always'),
      holidays: z.array(z.object({ date: z.string(), people: z.array(z.string()) })),
      instead: z.array(z.object({ from: z.string(), to: z.string(), person: z.string() })),
      shifts: z.array(shift).describe('of the next two weeks'),
    }),
  ),
});
export type RoutingPartsView = z.output<typeof routingParts>;

/** Who is told of alerts: what is in force, and who is on call. */
export const routing = z
  .object({
    source: z
      .enum(['file', 'edited', 'route', 'none'])
      .describe('a file of the configuration, which is changed there; a version from the page; alerts.route; nothing'),
    file: z.string().nullable(),
    version: z.number().int().describe('the latest from the page; 0: there is none'),
    text: z.string().nullable().describe('YAML, of what is in force'),
    problems: z.array(z.string()).describe('what of it does not work, a line each'),
    channels: z.array(z.string()).describe('that can be named'),
    ...routingParts.shape,
    versions: z.array(routingVersion).describe('latest first'),
  })
  .register(named, { id: 'Routing' });
export type RoutingView = z.output<typeof routing>;

/** `?dryRun=true` checks and changes nothing; `?version=` refuses where somebody was first. */
export const routingQuery = z.object({
  dryRun: z.enum(['true', 'false']).default('false'),
  version: z.coerce.number().int().min(0).optional().describe('the latest version that was seen'),
});

export const routingInput = z.strictObject({
  text: z.string().min(1).max(500_000).describe('the whole routing, YAML'),
  reason: prose(1_000).trim().min(3),
});

/** A change by a form: of one person, team or schedule. Nothing is saved by it. */
export const routingDraftInput = z.strictObject({
  text: z.string().max(500_000).describe('YAML; empty: a routing begins'),
  change: z
    .strictObject({
      section: z.enum(['people', 'teams', 'schedules']),
      id: line(64).min(1),
      value: z
        .record(line(64), z.json())
        .nullable()
        .describe('JSON Merge Patch (RFC 7396) of the entry as it is written; null: it goes'),
    })
    .optional()
    .describe('absent: the text as it is'),
});

export const routingDraft = routingParts
  .extend({
    text: z.string().describe('YAML; all but the change as it was, to the letter'),
    lost: z.array(z.string()).describe('comments that stood in what went'),
  })
  .register(named, { id: 'RoutingDraft' });
export type RoutingDraftView = z.output<typeof routingDraft>;

const names = z.array(line(200).min(1)).max(100).default([]);

/** An alert that there is, or one that is invented. */
export const routingTrial = z.strictObject({
  alert: line(200).min(1).optional().describe('of an alert that there is; else of one that is as follows'),
  severity: z.enum(SEVERITIES).default('critical'),
  kind: line(64).min(1).default('threshold'),
  rule: line(200).default(''),
  sites: names,
  shipments: names,
  profiles: names,
  products: names,
  gateways: names,
  labels: z.record(line(100), line(200)).default({}),
  at: timeIn.optional().describe('when it opens; default: when the alert was found, or now'),
  text: z.string().min(1).max(500_000).optional().describe('by this routing instead of the one in force, YAML'),
});

/** Who would be told, by which channel, when and why, while nobody acknowledges. */
export const routedNotice = z
  .object({
    who: z.string().nullable().describe('null: a channel without anybody in particular'),
    channel: z.string(),
    when: timeOut,
    why: z.string(),
    step: z.string().describe('first, escalation n or repeat n'),
    route: z.string(),
    group: z.record(z.string(), z.string()).nullable().describe('told together with alerts that agree in these'),
  })
  .register(named, { id: 'RoutedNotice' });
export type RoutedNoticeView = z.output<typeof routedNotice>;
export const routedNoticeList = listOf(routedNotice).register(named, { id: 'RoutedNoticeList' });

export const routingOperations = {
  get: {
    method: 'get',
    path: '/routing',
    summary: 'Who is told of alerts, who is on call, and the versions there were',
    permission: 'alert.handle',
    answers: { 200: routing },
  },
  version: {
    method: 'get',
    path: '/routing/versions/:version',
    summary: 'A version of the routing as it was written',
    permission: 'alert.handle',
    answers: { 200: routingText },
  },
  put: {
    method: 'put',
    path: '/routing',
    summary: 'Change who is told of alerts: the whole of it, in force at once, or nothing',
    permission: 'routing.change',
    query: routingQuery,
    body: routingInput,
    answers: { 200: routing },
  },
  draft: {
    method: 'post',
    path: '/routing/draft',
    summary: 'What a change by a form would make of a routing; saved by nobody yet',
    permission: 'alert.handle',
    body: routingDraftInput,
    answers: { 200: routingDraft },
  },
  trial: {
    method: 'post',
    path: '/routing/trial',
    summary: 'Who would be told of an alert, by which channel, when and why',
    permission: 'alert.handle',
    body: routingTrial,
    answers: { 200: routedNoticeList },
  },
} as const satisfies Operations;
