import { z } from 'zod';
import { ALERT_ABOUTS, SEVERITIES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named, prose } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

const names = z.array(line(200).min(1)).min(1).max(100).optional();

/** Which alerts, in the words of a route: all that is said must hold. */
export const silenceMatch = z.strictObject({
  severity: z.array(z.enum(SEVERITIES)).min(1).optional(),
  kind: names,
  rule: names,
  site: names,
  shipment: names,
  device: names,
  gateway: names,
  profile: names,
  product: names,
  about: z.array(z.enum(ALERT_ABOUTS)).min(1).optional(),
  labels: z.record(line(100), line(200)).optional(),
});

/** Of which alerts nobody is told, until when, by whom and why. */
export const silence = z
  .object({
    id: z.string(),
    match: silenceMatch,
    reason: z.string(),
    author: z.string(),
    from: timeOut,
    until: timeOut,
    endedAt: timeOut.nullable().describe('null: it is in force'),
    endedBy: z.string().nullable().describe('who ended it before its time'),
    muted: z.number().int().describe('open alerts that it mutes now'),
  })
  .register(named, { id: 'Silence' });
export type SilenceView = z.output<typeof silence>;
export const silenceList = listOf(silence).register(named, { id: 'SilenceList' });

export const silenceInput = z.strictObject({
  match: silenceMatch.refine((match) => Object.values(match).some((value) => value !== undefined), {
    message: 'which alerts: one at least of severity, kind, rule, site, shipment, device, gateway, labels and the like',
  }),
  reason: prose(1_000).trim().min(1),
  until: timeIn.describe('thirty days away at most'),
});

export const silenceOperations = {
  list: {
    method: 'get',
    path: '/silences',
    summary: 'Silences in force, and the latest that ended',
    permission: 'records.read',
    answers: { 200: silenceList },
  },
  add: {
    method: 'post',
    path: '/silences',
    summary: 'Tell nobody of some alerts for a while',
    permission: 'alert.handle',
    body: silenceInput,
    answers: { 201: silence },
  },
  end: {
    method: 'post',
    path: '/silences/:id/end',
    summary: 'End a silence before its time: what still stands is told',
    permission: 'alert.handle',
    answers: { 200: silence },
  },
} as const satisfies Operations;
