import { z } from 'zod';
import type { Operations } from './operation.ts';
import { named } from './schema.ts';

const subjects = z.object({ shipments: z.number().int(), devices: z.number().int() });

/** What is kept how long, as the configuration in force says it; durations as written there, such as `400d`. */
export const retention = z
  .object({
    readings: z.string().nullable().describe('null: no reading is ever deleted'),
    originals: z.string().nullable().describe('Messages as received; null: none is ever deleted'),
    files: z.string().nullable().describe('Content of files of partners and systems; null: none is ever deleted'),
    log: z.string().describe('Closed segments of the log, once every part has taken them'),
    records: z.string().describe("Of a shipment's records, at least, after its end"),
    afterExpiry: z.string().describe('and at least after the last expiry of its products'),
    ofMarket: z
      .object({ market: z.string(), records: z.string() })
      .nullable()
      .describe('The longest that a market asks for which is set here; records is kept so long where that is longer'),
    kept: z
      .object({
        onHold: subjects,
        underAlert: subjects.describe('Named by alerts that are open or acknowledged'),
        inRecordPeriod: z.number().int().describe('Shipments'),
      })
      .describe('What is kept though it may be older'),
  })
  .register(named, { id: 'Retention' });
export type RetentionView = z.output<typeof retention>;

export const retentionOperations = {
  get: {
    method: 'get',
    path: '/retention',
    summary: 'What is kept how long, and what is kept beyond that',
    permission: 'records.read',
    answers: { 200: retention },
  },
} as const satisfies Operations;
