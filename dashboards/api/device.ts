import { z } from 'zod';
import { DEVICE_ID, METRIC_NAMES } from '../../domain/index.ts';
import { condition } from './condition.ts';
import { calibrationNow } from './device-calibration.ts';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { correctionFault } from './plausible.ts';
import { line, listOf, named, pageQuery, prose } from './schema.ts';
import { profile } from './shipment.ts';
import { durationIn, timeIn, timeOut } from './time.ts';

export const latestReading = z.object({
  metric: z.string(),
  unit: z.string(),
  value: z.number().describe('as it is judged, corrected as registered'),
  received: z.number().optional().describe('as the device sent it; absent: the same'),
  isSuspect: z.literal(true).optional().describe('it is not judged as fact'),
  time: timeOut,
});

/** How many of its readings or messages were refused for a reason (docs/mqtt.md, Quarantine), and the last of them. */
export const refusalCount = z.object({
  reason: z.string(),
  count: z.number(),
  first: timeOut,
  last: timeOut,
  topic: z.string(),
  detail: z.string(),
});

export const device = z
  .object({
    id: z.string(),
    kind: z.enum(['logger', 'sensor', 'gateway']).nullable(),
    name: z.string().nullable(),
    interval: z.string().nullable(),
    learnedInterval: z
      .string()
      .optional()
      .describe('of one device: how often it has measured lately, whatever it is registered with'),
    reportsEvery: z.string().nullable(),
    readOut: z.boolean().describe('it is read out by cable: that nothing comes from it says nothing'),
    reportsOnChange: z.boolean(),
    heartbeat: z.string().nullable(),
    /** What measures in it; null where that is not known. */
    sensor: z.string().nullable(),
    /** Added to what it reports, by metric. */
    correction: z.partialRecord(z.enum(METRIC_NAMES), z.number()),
    stepPerMinute: z.number().nullable(),
    effectiveFrom: timeOut.nullable().describe('of the registration: before it what was registered before holds'),
    calibrations: z.array(calibrationNow).describe('in force today, by metric'),
    profile: profile.nullable(),
    product: z.string().nullable(),
    lane: z.string().nullable(),
    site: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    /** A unit's EPC or a place's id. */
    attachment: z.object({ subject: z.string(), from: timeOut, shipment: z.string().nullable() }).nullable(),
    latest: z.array(latestReading),
    lastHeard: timeOut.nullable(),
    clock: z
      .object({ behindMs: z.number().int(), messages: z.number().int(), at: timeOut })
      .nullable()
      .describe('arrival minus stated time, median of the latest live messages; positive: its clock is behind ours'),
    signal: z
      .object({ rssi: z.number().describe('dBm'), snr: z.number().nullable().describe('dB'), at: timeOut })
      .nullable()
      .describe('how well it was received last, where its network says it'),
    condition,
    /** What was refused of it, the latest first; a device of which everything is refused is shown by this alone. */
    refusals: z.array(refusalCount),
  })
  .register(named, { id: 'Device' });
export type DeviceView = z.output<typeof device>;
export const deviceList = listOf(device).register(named, { id: 'DeviceList' });

/** As many as the cost of an expression over them is counted with (rules/expression-cost.ts). */
const MOST_LABELS = 100;
const labels = z
  .record(line(64).min(1), line(200))
  .refine((given) => Object.keys(given).length <= MOST_LABELS, `at most ${MOST_LABELS} labels`);

/** The body of `POST /devices`: registers or changes a device, and puts it somewhere where `attachment` is given. */
export const deviceInput = z.strictObject({
  id: z.string().regex(DEVICE_ID, 'expected 1 to 128 of A-Z a-z 0-9 . _ : -'),
  kind: z.enum(['logger', 'sensor', 'gateway']).default('logger'),
  name: line(200).min(1).optional(),
  interval: durationIn.optional(),
  reportsEvery: durationIn.optional(),
  readOut: z.boolean().optional().describe('it is read out by cable: that nothing comes from it says nothing'),
  reportsOnChange: z.boolean().optional().describe('it reports when its value changes, not at intervals'),
  heartbeat: durationIn.optional().describe('it reports at least this often, changed or not'),
  sensor: line(64).min(1).optional().describe('what measures in it, such as ds18b20: decides what is an error code'),
  correction: z
    .partialRecord(z.enum(METRIC_NAMES), z.number())
    .superRefine((added, context) => {
      for (const metric of METRIC_NAMES) {
        const message = correctionFault(metric, added[metric] ?? 0);
        if (message !== null) context.addIssue({ code: 'custom', path: [metric], message });
      }
    })
    .optional()
    .describe('added to what it reports, by metric'),
  stepPerMinute: z.number().positive().optional().describe('°C; absent: 5, the pace of air'),
  effectiveFrom: timeIn
    .optional()
    .describe('event time from which this holds; before it what was registered before. Default: of all time'),
  profile: line(64).optional(),
  product: line(200).optional(),
  lane: line(200).optional(),
  site: line(128).optional(),
  labels: labels.optional(),
  attachment: z
    .strictObject({
      subject: line(256).min(1).nullable().describe("a unit's EPC or a place's id; null takes it off"),
      from: timeIn.optional().describe('default: now'),
    })
    .optional(),
});

/** What a file of devices brought, or would. */
export const deviceImport = z
  .object({
    added: z.number().int(),
    changed: z.number().int(),
    same: z.number().int().describe('registered just so already; nothing is written'),
  })
  .register(named, { id: 'DeviceImport' });
export type DeviceImport = z.output<typeof deviceImport>;

/** The body of `POST /devices/{id}/swap`: another one takes its place on its unit or in its place. */
export const swapInput = z.strictObject({
  by: z
    .string()
    .regex(DEVICE_ID, 'expected 1 to 128 of A-Z a-z 0-9 . _ : -')
    .describe('the device that takes its place'),
  from: timeIn.optional().describe('when they were changed; default: now'),
  reason: prose(1_000).trim().min(1),
});
export const swapped = z.object({ by: device, warnings: z.array(z.string()) }).register(named, { id: 'DeviceSwapped' });
export type SwappedView = z.output<typeof swapped>;

export const deviceOperations = {
  list: {
    method: 'get',
    path: '/devices',
    summary: 'Devices',
    permission: 'records.read',
    bySite: true,
    query: pageQuery,
    answers: { 200: deviceList },
  },
  register: {
    method: 'post',
    path: '/devices',
    summary: 'Register or change a device',
    permission: 'device.register',
    bySite: true,
    body: deviceInput,
    answers: { 201: device, 202: null },
  },
  csv: {
    method: 'get',
    path: '/devices.csv',
    summary: 'The registry as a file, RFC 4180: what can be taken in again',
    permission: 'records.read',
    answers: { 200: null },
  },
  import: {
    method: 'post',
    path: '/devices.csv',
    summary: 'Register or change devices by CSV, all of them or none; ?dryRun=true says what would change',
    permission: 'device.register',
    query: z.object({ dryRun: z.enum(['true', 'false']).optional() }),
    body: z.string(),
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: ['text/csv'],
    answers: { 200: deviceImport, 202: null },
  },
  swap: {
    method: 'post',
    path: '/devices/:id/swap',
    summary: 'Another device takes the place of one that failed, on its unit or in its place',
    permission: 'device.attach',
    bySite: true,
    body: swapInput,
    answers: { 200: swapped, 202: null },
  },
  get: {
    method: 'get',
    path: '/devices/:id',
    summary: 'A device',
    permission: 'records.read',
    bySite: true,
    answers: { 200: device },
  },
} as const satisfies Operations;
