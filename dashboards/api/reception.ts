import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, named } from './schema.ts';
import { timeOut } from './time.ts';

/** As a message over MQTT: what is larger is sent in parts. */
const MESSAGE_LIMIT = 1024 * 1024;

const anything = z.unknown().describe('As the maker documents it; docs/http-readings.md');

const explained = z
  .object({
    readBy: z.string().nullable().describe('The dialect or mapping; null where nobody reads the topic'),
    readings: z.array(
      z.object({
        device: z.string(),
        metric: z.string(),
        value: z.number(),
        time: timeOut.nullable().describe('null: of its arrival'),
      }),
    ),
    refused: z.array(z.object({ reason: z.string(), field: z.string(), detail: z.string() })),
  })
  .register(named, { id: 'ExplainedMessage' });
export type ExplainedView = z.output<typeof explained>;

export const explainInput = z.object({
  topic: line(1_024).describe('Where it was, or would be, published'),
  message: z
    .string()
    .max(64 * 1024)
    .describe('As text'),
  base64: z.boolean().default(false).describe('The message is in base64, as an entry of quarantine has it'),
  mappings: z
    .string()
    .max(64 * 1024)
    .optional()
    .describe('A file of mappings to try; absent: the one in use'),
});

/** Readings of machines over HTTP: what makers' clouds push, and InfluxDB line protocol. */
export const receptionOperations = {
  webhook: {
    method: 'post',
    path: '/webhooks/:dialect',
    summary: 'Take a message of a sensor, as its maker sends it (docs/mqtt.md has the dialects); durable when answered',
    permission: 'sender',
    query: z.object({
      device: line(128).optional().describe('Whose message it is, where it does not say so itself'),
    }),
    body: anything,
    bodyAs: 'bytes',
    bodyLimit: MESSAGE_LIMIT,
    anyMedia: true,
    answers: { 201: null },
  },
  write: {
    method: 'post',
    base: '/api/v2',
    path: '/write',
    summary: 'Take InfluxDB line protocol, as Telegraf and every Influx client send it; durable when answered',
    permission: 'sender',
    // Clients send more than is asked for: org, bucket, consistency.
    query: z.looseObject({
      precision: z.string().optional().describe('Unit of the times: ns (default), us, ms or s'),
    }),
    body: anything,
    bodyAs: 'bytes',
    bodyLimit: MESSAGE_LIMIT,
    anyMedia: true,
    alsoTakes: ['text/plain'],
    answers: { 204: null },
  },
  explain: {
    method: 'post',
    path: '/messages/explain',
    summary: 'What would be taken of a message of a sensor, and what not and why; nothing is stored',
    permission: 'quarantine.read',
    body: explainInput,
    answers: { 200: explained },
  },
} as const satisfies Operations;
