import { z } from 'zod';
import { METRIC_NAMES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

/** A message as it was accepted (docs/keeping.md). */
export const original = z
  .object({
    arrival: timeOut,
    source: z.string().describe('MQTT client id, or the name of the user or token'),
    door: z.string().describe('MQTT topic, or method and path'),
    payload: z.string().describe('as received, base64'),
    sha256: z.string().describe('of the payload, hex'),
    segment: z.number().int().nullable().describe('of the archive; null while it is in the log only'),
    position: z.number().int().describe('of its record in the log'),
  })
  .register(named, { id: 'Original' });
export type OriginalView = z.output<typeof original>;
export const originalList = listOf(original).register(named, { id: 'OriginalList' });

export const originalQuery = z.object({
  subject: line(512).min(1).describe('a device, gateway or reader; shipment:ID, capture:ID, portal:ID, rule:ID'),
  from: timeIn.optional(),
  to: timeIn.optional(),
});

/** Messages that brought one reading: the first is the one it was stored from, later ones repeated it. */
export const readingOriginals = z
  .object({ items: z.array(original.extend({ value: z.number() })) })
  .register(named, { id: 'ReadingOriginals' });
export type ReadingOriginals = z.output<typeof readingOriginals>;

export const readingOriginalQuery = z.object({
  device: line(128).min(1),
  metric: z.enum(METRIC_NAMES),
  time: timeIn,
});

export const originalOperations = {
  ofReading: {
    method: 'get',
    path: '/readings/original',
    summary: 'The messages, as received, that brought a reading; the first is the one it was stored from',
    permission: 'originals.read',
    bySite: true,
    query: readingOriginalQuery,
    answers: { 200: readingOriginals },
  },
  list: {
    method: 'get',
    path: '/originals',
    summary: 'Messages, as received, that speak of a device, reader, shipment, capture, portal or rule; at most 100',
    permission: 'originals.read',
    query: originalQuery,
    answers: { 200: originalList },
  },
} as const satisfies Operations;
