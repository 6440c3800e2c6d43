import { z } from 'zod';
import { METRIC_NAMES } from '../../domain/index.ts';
import { alertState, severity } from './alert.ts';
import { disposition } from './case.ts';
import type { Operations } from './operation.ts';
import { placeRef } from './place.ts';
import { SUSPECT_REASONS } from './reading.ts';
import { named } from './schema.ts';
import { timeOut } from './time.ts';

const during = { from: timeOut, to: timeOut.nullable().describe('null: it goes on') };

/** A stretch beyond a limit of a rule, too short for the rule to find anything. */
const briefRun = z.object({
  device: z.string(),
  from: timeOut,
  to: timeOut.describe('of the first good reading that is back within the limit, else of the last one beyond it'),
  side: z.enum(['above', 'below']),
  limit: z.number().describe('°C'),
  extreme: z.number().describe('°C, the furthest beyond'),
  minutes: z.number(),
  rule: z.string().nullable().describe('id of the rule it is too short for; null: no rule judges it'),
  ruleMinutes: z.number().nullable().describe('for how long it would have to last'),
});
export type BriefRunView = z.output<typeof briefRun>;

/** All of a shipment that has a time, but its readings: `GET /readings` gives those as the width of a chart needs them. */
export const shipmentJourney = z
  .object({
    ...during,
    devices: z
      .array(
        z.object({
          device: z.string(),
          name: z.string(),
          unit: z.string(),
          ...during,
          metrics: z.array(z.enum(METRIC_NAMES)).describe('that it ever measured'),
        }),
      )
      .describe('by unit, then time: which logger was on which unit'),
    presence: z
      .array(z.object({ unit: z.string(), place: placeRef.nullable(), ...during }))
      .describe('by unit, then time; place null: on the way'),
    containment: z.array(z.object({ unit: z.string(), parent: z.string().nullable(), ...during })),
    passes: z.array(
      z.object({
        id: z.string(),
        portal: z.string(),
        portalName: z.string(),
        from: timeOut,
        to: timeOut,
        direction: z.enum(['in', 'out', 'unknown']),
        verdict: z.enum(['pass', 'check']),
        units: z.array(z.string()),
      }),
    ),
    alerts: z
      .array(
        z.object({
          id: z.string(),
          kind: z.string(),
          severity,
          state: alertState,
          device: z.string().nullable(),
          metric: z.string().nullable(),
          summary: z.string(),
          ...during,
          runs: z.array(z.object({ from: timeOut, to: timeOut })).describe('stretches out of range'),
          acknowledged: z.object({ at: timeOut, by: z.string() }).nullable(),
          resolved: z.object({ at: timeOut, by: z.string() }).nullable(),
        }),
      )
      .describe('by time; the latest 200'),
    brief: z.array(briefRun).describe('temperatures beyond a limit for too short to be an excursion, by time'),
    suspects: z
      .array(
        z.object({
          device: z.string(),
          from: timeOut,
          to: timeOut.describe('of the last one'),
          reason: z.enum(SUSPECT_REASONS),
          count: z.number().int(),
          least: z.number().describe('°C, as received'),
          most: z.number(),
        }),
      )
      .describe('temperatures that are kept and not judged as fact, those in a row for one reason together'),
    excused: z
      .array(
        z.object({
          device: z.string(),
          ...during,
          how: z
            .enum(['rule', 'excuse', 'exclude', 'declare broken'])
            .describe('rule: by a rule that asks another metric of the device (`unless`); else the step of a case'),
          rule: z.string().nullable(),
          metric: z.enum(METRIC_NAMES).nullable().describe('that the rule asks'),
          case: z.string().nullable(),
          step: z.number().int().nullable(),
          who: z.string().nullable().describe('who signed the step'),
          reason: z.string().nullable(),
        }),
      )
      .describe('temperatures that do not count, whatever they were, by time'),
    isCloseWhole: z.boolean().describe('false: there are more of brief, suspects and excused than were looked for'),
    decisions: z.array(
      z.object({
        case: z.string(),
        number: z.number().int(),
        disposition,
        reason: z.string(),
        serials: z.number().int(),
        at: timeOut,
        inForceSince: timeOut.nullable().describe('null: a second signer is awaited'),
        by: z.array(z.string()),
      }),
    ),
    messages: z
      .array(
        z.object({
          alert: z.string(),
          who: z.string().nullable().describe('null: a channel without anybody in particular'),
          channel: z.string(),
          at: timeOut,
          deliveredAt: timeOut.nullable(),
          error: z.string().nullable().describe('why the latest attempt failed'),
        }),
      )
      .describe('who was told of its alerts, by time; the latest 500'),
  })
  .register(named, { id: 'ShipmentJourney' });
export type ShipmentJourneyView = z.output<typeof shipmentJourney>;

export const journeyOperations = {
  get: {
    method: 'get',
    path: '/shipments/:id/journey',
    summary: 'The whole journey of a shipment: places, units, loggers, doors, alerts, decisions and messages, by time',
    permission: 'records.read',
    bySite: true,
    answers: { 200: shipmentJourney },
  },
} as const satisfies Operations;
