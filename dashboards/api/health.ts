import { z } from 'zod';
import type { Operations } from './operation.ts';
import { named, prose } from './schema.ts';
import { timeOut } from './time.ts';

const readerHeard = z.object({
  id: z.string(),
  /** `reading`, or what keeps it from that. */
  state: z.string(),
  reason: z.string().nullable(),
  firmware: z.string().nullable(),
  lastActivity: timeOut.nullable(),
});

/** What a gateway last said of itself. */
export const gatewayHeard = z
  .object({
    id: z.string(),
    state: z.enum(['online', 'offline']),
    at: timeOut,
    /** Batches that wait on its disk. */
    pending: z.number(),
    readers: z.array(readerHeard),
    /** What its doors expect while it is cut off; null: it has not been told. */
    manifest: z
      .object({
        version: z.number().int(),
        madeAt: timeOut,
        /** When the platform last stood by it. */
        confirmedAt: timeOut,
        /** By its gateway: then nothing is green while it is cut off. */
        isOld: z.boolean(),
        shipments: z.number().int(),
        /** Serials and units. */
        things: z.number().int(),
        /** What did not fit; null: nothing. */
        left: z.object({ shipments: z.number().int(), things: z.number().int() }).nullable(),
      })
      .nullable(),
    manifestRefused: z.string().nullable().describe('Code of the manifest it refused last; null: it took the last one'),
  })
  .register(named, { id: 'GatewayHeard' });
export type GatewayHeardView = z.output<typeof gatewayHeard>;

/** A record that a consumer could not take; what it held has no effect. */
const deadRecord = z.object({
  id: z.number().int(),
  consumer: z.string(),
  kind: z.string(),
  source: z.string(),
  reason: z.string(),
  at: timeOut,
  arrival: timeOut,
  /** Readings can be given to the log once more: what is there already stays as it is. */
  canReplay: z.boolean(),
});
export type DeadRecordView = z.output<typeof deadRecord>;

/** A message that was given up. */
const undelivered = z.object({
  id: z.string(),
  type: z.string(),
  alert: z.string(),
  channel: z.string(),
  attempts: z.number().int(),
  lastError: z.string().nullable(),
  givenUpAt: timeOut,
});
export type UndeliveredView = z.output<typeof undelivered>;

/** A partner that is told no more: its subscription ended and nobody has seen to it. */
const endedSubscription = z.object({
  id: z.string(),
  query: z.string(),
  dest: z.string().describe('Where it was told, without what may be secret in the address'),
  by: z.string().describe('Who made it, or had it go on last'),
  endedAt: timeOut,
  because: z.string(),
  lastNotifiedAt: timeOut.nullable().describe('When it last took a message; null: never'),
});
export type EndedSubscriptionView = z.output<typeof endedSubscription>;

/** What is watched, each with a row of its own. */
export const HEALTH_SUBJECTS = [
  'antennas',
  'devices',
  'calibration',
  'archive',
  'ledger',
  'backup',
  'disk',
  'certificates',
] as const;
export type HealthSubject = (typeof HEALTH_SUBJECTS)[number];

const healthCheck = z
  .object({
    subject: z.enum(HEALTH_SUBJECTS),
    state: z
      .enum(['trouble', 'nothing', 'unknown'])
      .describe('nothing: no trouble is known; unknown: the database is away, or no backup was ever made'),
    since: timeOut.nullable().describe('When the oldest trouble began; null: there is none'),
    count: z.number().int().describe('Troubles, up to a thousand'),
    names: z.array(z.string()).describe('Of the oldest, at most three'),
  })
  .register(named, { id: 'HealthCheck' });
export type HealthCheckView = z.output<typeof healthCheck>;

/** Isotherm's own health, with what waits for a person. */
export const health = z
  .object({
    ready: z.boolean(),
    database: z.boolean(),
    troubles: z.array(z.object({ part: z.string(), code: z.string(), since: timeOut, text: z.string() })),
    checks: z.array(healthCheck),
    /** Records appended and not yet taken, over all partitions. */
    consumers: z.array(z.object({ consumer: z.string(), waiting: z.number(), detached: z.boolean() })),
    quarantine: z.number().int().nullable().describe('Entries that wait, up to a thousand; null: the database is away'),
    dead: z.array(deadRecord).nullable().describe('The newest, at most 50; null: the database is away'),
    undelivered: z.array(undelivered).nullable().describe('The newest, at most 50; null: the database is away'),
    subscriptions: z
      .array(endedSubscription)
      .nullable()
      .describe('EPCIS subscriptions that ended, the newest, at most 50; null: the database is away'),
    disk: z.object({ free: z.number(), total: z.number() }).nullable().describe('Bytes, of the data directory'),
    databaseBytes: z.number().nullable(),
    logBytes: z.number().nullable().describe('Bytes of the log that are kept'),
    lastBackup: timeOut.nullable().describe('null: none was made with isotherm backup, or the database is away'),
    certificates: z.array(z.object({ door: z.string(), ends: timeOut })),
    gateways: z.array(gatewayHeard).describe('As this process has heard them since it started'),
  })
  .register(named, { id: 'Health' });
export type HealthView = z.output<typeof health>;

export const readerTest = z
  .object({
    /** null where the gateway that serves it is not known. */
    gateway: z.string().nullable(),
    /** Whether the gateway is connected, and the reader reads. */
    connected: z.boolean(),
    reason: z.string().nullable(),
    /** What came within the time, by antenna. */
    antennas: z.array(z.object({ antenna: z.number().int(), tags: z.number().int() })),
    /** EPC memory in hex, at most 50. */
    tags: z.array(z.string()),
    seconds: z.number(),
  })
  .register(named, { id: 'ReaderTest' });
export type ReaderTest = z.output<typeof readerTest>;

const reason = z.strictObject({ reason: prose(1_000).trim().min(3) });

export const healthOperations = {
  get: {
    method: 'get',
    path: '/health',
    summary: "Isotherm's own health, with what waits for a person",
    permission: 'health.manage',
    answers: { 200: health },
  },
  sendAgain: {
    method: 'post',
    path: '/undelivered/:id/send-again',
    summary: 'Try a message that was given up once more, after those of its alert that were given up before it',
    permission: 'health.manage',
    answers: { 204: null },
  },
  discardMessage: {
    method: 'post',
    path: '/undelivered/:id/discard',
    summary: 'Do without a message that was given up',
    permission: 'health.manage',
    body: reason,
    answers: { 204: null },
  },
  resumeSubscription: {
    method: 'post',
    path: '/ended-subscriptions/:id/resume',
    summary: 'Have an EPCIS subscription that ended go on from where it was',
    permission: 'events.subscribe',
    answers: { 204: null },
  },
  discardSubscription: {
    method: 'post',
    path: '/ended-subscriptions/:id/discard',
    summary: 'Do without an EPCIS subscription that ended',
    permission: 'health.manage',
    body: reason,
    answers: { 204: null },
  },
  replay: {
    method: 'post',
    path: '/dead-records/:id/replay',
    summary: 'Give the readings of a record that could not be taken to the log once more',
    permission: 'health.manage',
    answers: { 204: null },
  },
  discardRecord: {
    method: 'post',
    path: '/dead-records/:id/discard',
    summary: 'Do without a record that could not be taken',
    permission: 'health.manage',
    body: reason,
    answers: { 204: null },
  },
  testReader: {
    method: 'post',
    path: '/readers/:reader/test',
    summary: 'Watch a reader for five seconds: connected, antennas, tags read now',
    permission: 'place.register',
    answers: { 200: readerTest },
  },
} as const satisfies Operations;
