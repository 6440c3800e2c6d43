import { z } from 'zod';
import { ALERT_STATES, METRIC_NAMES, SEVERITIES } from '../../domain/index.ts';
import { CASE_STATES } from './case.ts';
import { CONDITION_STATES } from './condition.ts';
import type { Operations } from './operation.ts';
import { SHIPMENT_STATES } from './shipment.ts';

/** An assistant names things as people do: it may not page through everything. */
const few = z.number().int().min(1).max(100).default(20).describe('how many at most; nextCursor leads to the next');
const cursor = z.string().max(1_000).optional().describe('nextCursor of the answer before');
const name = (about: string) => z.string().trim().min(1).max(400).describe(about);
const time = (about: string) =>
  z.iso.datetime({ offset: true, error: 'expected RFC 3339 with a zone, 2026-11-29T03:00:00Z' }).describe(about);
const onePage = { limit: few, cursor };

/** One thing an assistant may ask for somebody: its name, what it is for, and what it takes. None changes anything. */
export interface AssistantTool {
  readonly title: string;
  readonly about: string;
  readonly input: z.ZodObject;
}

/**
 * What an assistant may ask (Model Context Protocol 2026-07-28, "Tools"): the questions people ask of shipments, alerts,
 * serials, cases and rules. Answers have the shapes of the API.
 */
export const ASSISTANT_TOOLS = {
  search: {
    title: 'Find by name',
    about:
      'Finds shipments, units, serials, lots, products, loggers, portals, places and alerts by name, code or scan.',
    input: z.strictObject({ query: name('a name, code or scan, or the beginning of one') }),
  },
  list_shipments: {
    title: 'Shipments',
    about: 'Shipments with state, place, condition and open alerts; those that need a person first come first.',
    input: z.strictObject({
      state: z.enum(SHIPMENT_STATES).optional(),
      condition: z.enum(CONDITION_STATES).optional().describe('the worst that matters: an undecided excursion is one'),
      query: name('in its id, places, profile, loggers or units').optional(),
      isOpen: z.boolean().default(true).describe('false: closed and cancelled ones too'),
      ...onePage,
    }),
  },
  get_shipment: {
    title: 'A shipment',
    about: 'One shipment: journey, units, serials by count, live conditions, alerts.',
    input: z.strictObject({ id: name('its id, SHP-1001') }),
  },
  list_alerts: {
    title: 'Alerts',
    about: 'Alerts, newest first: what happened, where, how severe, how many serials, who looks after it.',
    input: z.strictObject({
      states: z.array(z.enum(ALERT_STATES)).optional(),
      severities: z.array(z.enum(SEVERITIES)).optional(),
      shipment: name('only those of this shipment').optional(),
      device: name('only those of this logger').optional(),
      since: time('detected from then on').optional(),
      ...onePage,
    }),
  },
  get_alert: {
    title: 'An alert, explained',
    about:
      'One alert with the rule in force, what each reading that mattered changed, who was told and what people did. Serials: alert_serials.',
    input: z.strictObject({ id: name('its id') }),
  },
  alert_serials: {
    title: 'Serials of an alert',
    about: 'Every serial an alert touched, with its own interval, extremes and minutes out of range.',
    input: z.strictObject({ id: name('id of the alert'), ...onePage }),
  },
  lots_touched: {
    title: 'Lots that alerts touched, and who decided',
    about:
      'Lots with serials in alerts of a stretch of time: how many serials, how long out of range, extremes, the alerts, and the cases with their decisions and signatures.',
    input: z.strictObject({
      from: time('alerts that were going on from then'),
      to: time('until then'),
      metric: z.enum(METRIC_NAMES).default('temperature'),
      above: z.number().optional().describe('only serials that saw more than this, in the unit of the metric (°C)'),
      below: z.number().optional().describe('only serials that saw less than this'),
    }),
  },
  get_serial: {
    title: 'A serial',
    about: 'One serial: what it is, where it was, in what, in what air, its alerts and dispositions.',
    input: z.strictObject({ epc: name('EPC URN, GS1 Digital Link, or the hex of its tag') }),
  },
  recall: {
    title: 'Where a lot, product or shipment is now',
    about: 'Where all serials of a lot, GTIN or shipment are now, in which unit, and who has them: for recalls.',
    input: z
      .strictObject({
        gtin: name('GTIN of 8, 12, 13 or 14 digits').optional(),
        lot: name('lot').optional(),
        shipment: name('shipment').optional(),
        ...onePage,
      })
      .refine(({ gtin, lot, shipment }) => (gtin ?? lot ?? shipment) !== undefined, {
        message: 'expected at least one of gtin, lot and shipment',
      }),
  },
  list_verifications: {
    title: 'Packs that were verified',
    about: 'Verifications of packs that the caller made, latest first: what was asked, what was answered and why.',
    input: z.strictObject(onePage),
  },
  list_lanes: {
    title: 'Lanes',
    about:
      'What usually happens from one place to another: journeys, hours, how many late, how many with an excursion and where it began, with the alerts behind it. Rates per 1,000 only from 20 journeys on, with a 90 % interval.',
    input: z.strictObject({
      from: time('shipments that left from then').optional(),
      to: time('until then').optional(),
    }),
  },
  list_cases: {
    title: 'Cases',
    about: 'Cases of quality: what they are about, serials affected and undecided, clocks, who has them.',
    input: z.strictObject({
      states: z.array(z.enum(CASE_STATES)).optional(),
      shipment: name('only those of this shipment').optional(),
      ...onePage,
    }),
  },
  get_case: {
    title: 'A case',
    about:
      'One case: groups of serials by exposure, stability budget, proposal with reasons, decisions and who signed.',
    input: z.strictObject({ id: name('its id, C-000123') }),
  },
  get_readings: {
    title: 'Readings of a logger',
    about: 'What a logger measured: minima, means and maxima of buckets, or single readings (resolution raw).',
    input: z.strictObject({
      device: name('its id'),
      metric: z.enum(METRIC_NAMES).default('temperature'),
      from: time('from then'),
      to: time('until then, exclusive'),
      resolution: z.enum(['raw', '1m', '1h', '1d', 'auto']).default('auto'),
      limit: z.number().int().min(1).max(500).default(200),
      cursor,
    }),
  },
  list_rules: {
    title: 'Rules, explained',
    about:
      'The rules that watch readings, shipments and portals: what each says in words, its versions, who made them.',
    input: z.strictObject(onePage),
  },
  get_rule: {
    title: 'A rule, explained',
    about: 'One rule with every version it had, in words and as written, from when it judges, and who made it.',
    input: z.strictObject({ id: name('its id') }),
  },
} as const satisfies Readonly<Record<string, AssistantTool>>;

export type AssistantToolName = keyof typeof ASSISTANT_TOOLS;

export const assistantOperations = {
  ask: {
    method: 'post',
    path: '/assistants/tools/:tool',
    summary: 'What an assistant asks for who asks (docs/assistants.md); under their own rights, and in the audit trail',
    permission: 'signed in',
    onlyReads: true,
    body: z.strictObject({ arguments: z.record(z.string(), z.unknown()).default({}) }),
    answers: { 200: z.record(z.string(), z.unknown()) },
  },
  mcp: {
    method: 'post',
    base: '',
    path: '/mcp',
    summary: 'Model Context Protocol, streamable HTTP: the same tools for an assistant',
    permission: 'signed in',
    onlyReads: true,
    body: z.record(z.string(), z.unknown()),
    bodyAs: 'bytes',
    answers: { 200: null, 202: null },
  },
} as const satisfies Operations;
