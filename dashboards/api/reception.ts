import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line } from './schema.ts';

/** As a message over MQTT: what is larger is sent in parts. */
const MESSAGE_LIMIT = 1024 * 1024;

const anything = z.unknown().describe('As the maker documents it; docs/http-readings.md');

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
} as const satisfies Operations;
