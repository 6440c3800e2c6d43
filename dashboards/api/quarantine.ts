import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
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
  })
  .register(named, { id: 'Quarantined' });
export type QuarantinedView = z.output<typeof quarantined>;
export const quarantineList = listOf(quarantined).register(named, { id: 'QuarantineList' });

export const quarantineQuery = pageQuery.extend({ source: line(128).optional() });

export const quarantineOperations = {
  list: {
    method: 'get',
    path: '/quarantine',
    summary: 'What was refused on its way in, newest first',
    permission: 'quarantine.read',
    query: quarantineQuery,
    answers: { 200: quarantineList },
  },
} as const satisfies Operations;
