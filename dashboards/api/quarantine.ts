import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery, prose } from './schema.ts';
import { timeOut } from './time.ts';

/** What ingest refused, one entry a message and reason (docs/mqtt.md). */
export const quarantined = z
  .object({
    /** Where in the log it was refused; names the entry. */
    id: z.string(),
    arrival: timeOut,
    /** Client id of the sender; null where there was none. */
    source: z.string().nullable(),
    topic: z.string(),
    reason: z.string(),
    detail: z.string(),
    /** As received, base64; of a message over 64 KiB only what was refused. */
    payload: z.string(),
    /** What a person decided of it; null while it waits. */
    decision: z
      .object({ decision: z.enum(['adopted', 'discarded']), at: timeOut, by: z.string(), reason: z.string() })
      .nullable(),
  })
  .register(named, { id: 'Quarantined' });
export type QuarantinedView = z.output<typeof quarantined>;
export const quarantineList = listOf(quarantined).register(named, { id: 'QuarantineList' });

export const quarantineQuery = pageQuery.extend({ source: line(128).optional() });

/** The body of a decision, and whose everything it is about where the path names no entry. */
export const quarantineDecisionInput = z.object({ reason: prose(1_000).trim().min(3) });
const ofSource = z.object({ source: line(128) });
/** With a source the path's entry only stands for all of its source. */
const orSource = z.object({ source: line(128).optional() });

/** What became of the entries that were decided upon. */
export const quarantineOutcome = z
  .object({
    entries: z.number().int().describe('entries decided upon'),
    readings: z.number().int().describe('readings taken; repeats of ones that are there change nothing'),
    left: z
      .array(z.object({ id: z.string(), reason: z.string() }))
      .describe('entries that wait still, and why; at most 100'),
  })
  .register(named, { id: 'QuarantineOutcome' });

export const quarantineOperations = {
  list: {
    method: 'get',
    path: '/quarantine',
    summary: 'What was refused on its way in, newest first',
    permission: 'quarantine.read',
    bySite: true,
    query: quarantineQuery,
    answers: { 200: quarantineList },
  },
  adoptAll: {
    method: 'post',
    path: '/quarantine/adopt',
    summary: 'Take over everything of one source (?source=) that was refused for its time, or a field beside it',
    permission: 'quarantine.decide',
    bySite: true,
    query: ofSource,
    body: quarantineDecisionInput,
    answers: { 200: quarantineOutcome },
  },
  discardAll: {
    method: 'post',
    path: '/quarantine/discard',
    summary: 'Settle everything of one source (?source=) that waits, taking nothing of it',
    permission: 'quarantine.decide',
    bySite: true,
    query: ofSource,
    body: quarantineDecisionInput,
    answers: { 200: quarantineOutcome },
  },
  adopt: {
    method: 'post',
    path: '/quarantine/:id/adopt',
    summary: 'Take over the readings of an entry that were refused for their time, or a field beside them',
    permission: 'quarantine.decide',
    bySite: true,
    query: orSource,
    body: quarantineDecisionInput,
    answers: { 200: quarantineOutcome },
  },
  discard: {
    method: 'post',
    path: '/quarantine/:id/discard',
    summary: 'Settle an entry, taking nothing of it',
    permission: 'quarantine.decide',
    bySite: true,
    query: orSource,
    body: quarantineDecisionInput,
    answers: { 200: quarantineOutcome },
  },
} as const satisfies Operations;
