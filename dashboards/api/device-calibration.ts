import { z } from 'zod';
import { JUDGED_METRICS, metricByName } from '../../domain/index.ts';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { correctionFault, mostCorrection } from './plausible.ts';
import { line, named, prose } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

/** What a reference can be held against: a door is open or closed. */
export const CALIBRATED_METRICS = JUDGED_METRICS.filter((metric) => metric !== 'door' && metric !== 'defrost');

/** `due`: within thirty days; `unknown`: no certificate was filed. */
export const calibrationState = z.enum(['valid', 'due', 'overdue', 'unknown']);
export type CalibrationState = z.output<typeof calibrationState>;

const point = z.object({ reported: z.number(), reference: z.number() });
const certificate = z.object({
  number: z.string(),
  laboratory: z.string(),
  date: z.iso.date(),
  due: z.iso.date().describe('the last day on which it is good, UTC'),
  file: z.string().optional().describe('SHA-256 of the uploaded file, hex'),
});

export const calibration = z
  .object({
    metric: z.enum(CALIBRATED_METRICS),
    effectiveFrom: timeOut,
    points: z.array(point).describe('one is an offset everywhere; none corrects nothing'),
    certificate: certificate.nullable(),
    reason: z.string(),
    at: timeOut,
    by: z.string(),
    isReplaced: z.boolean().describe('another one with the same effectiveFrom was recorded later, and counts'),
    state: calibrationState.describe('of its certificate, today'),
  })
  .register(named, { id: 'Calibration' });
export type CalibrationView = z.output<typeof calibration>;
export const calibrationList = z.object({ items: z.array(calibration) }).register(named, { id: 'CalibrationList' });

/** Of one metric what is in force today: what a list of devices shows. */
export const calibrationNow = z.object({
  metric: z.enum(CALIBRATED_METRICS),
  effectiveFrom: timeOut,
  due: z.iso.date().nullable(),
  state: calibrationState,
});

/** Certificates name a handful of points. */
const MOST_POINTS = 50;

/**
 * The body of `POST /devices/{id}/calibrations`; with a file, the part `calibration` of a form, as JSON. The corrected value
 * has to rise with the reported one: a warmer reading that became the colder one would be a slip of the pen.
 */
export const calibrationInput = z
  .strictObject({
    metric: z.enum(CALIBRATED_METRICS).default('temperature'),
    effectiveFrom: timeIn.optional().describe('default: the beginning of the day of the certificate, UTC; else now'),
    offset: z.number().optional().describe('added to every value'),
    points: z
      .array(z.strictObject({ reported: z.number(), reference: z.number() }))
      .max(MOST_POINTS)
      .optional(),
    certificate: z
      .strictObject({
        number: line(100).min(1),
        laboratory: line(200).min(1),
        date: z.iso.date('expected a day, such as 2026-11-22'),
        due: z.iso.date('expected a day, such as 2027-11-22'),
      })
      .refine(({ date, due }) => due >= date, { path: ['due'], message: 'expected the day of date or a later one' })
      .optional(),
    reason: prose(1_000).trim().min(1),
  })
  .superRefine(({ metric, offset, points }, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (offset !== undefined && points !== undefined) fault(['offset'], 'expected either offset or points');
    const { min, max, unit } = metricByName(metric) ?? { min: 0, max: 0, unit: '' };
    const most = mostCorrection(metric);
    const offsetFault = correctionFault(metric, offset ?? 0);
    if (offsetFault !== null) fault(['offset'], offsetFault);
    for (const [i, one] of (points ?? []).entries()) {
      for (const name of ['reported', 'reference'] as const) {
        if (one[name] < min || one[name] > max) fault(['points', i, name], `expected ${min} to ${max} ${unit}`);
      }
      const added = one.reference - one.reported;
      if (Math.abs(added) > most) {
        fault(['points', i, 'reference'], `it adds ${added} ${unit}, plausible are -${most} to ${most} ${unit}`);
      }
    }
    const sorted = (points ?? []).map((one, i) => ({ ...one, i })).sort((a, b) => a.reported - b.reported);
    for (const [k, { reported, reference, i }] of sorted.entries()) {
      const before = sorted[k - 1];
      if (before === undefined) continue;
      if (before.reported === reported) fault(['points', i, 'reported'], 'expected each reported value once');
      else if (before.reference >= reference) {
        fault(['points', i, 'reference'], 'expected a greater reference for a greater reported value');
      }
    }
  });
export type CalibrationInput = z.output<typeof calibrationInput>;

export const calibrationOperations = {
  record: {
    method: 'post',
    path: '/devices/:id/calibrations',
    summary:
      'Record a calibration of a device: JSON, or a form with it in the part calibration and the certificate in file',
    permission: 'device.calibrate',
    bySite: true,
    body: calibrationInput,
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: ['multipart/form-data'],
    answers: { 201: calibration, 202: calibration },
  },
  list: {
    method: 'get',
    path: '/devices/:id/calibrations',
    summary: 'Calibrations of a device, the latest by effectiveFrom first',
    permission: 'records.read',
    bySite: true,
    answers: { 200: calibrationList },
  },
  file: {
    method: 'get',
    path: '/devices/:id/calibrations/:sha256',
    summary: 'The file of a certificate, as it was uploaded',
    permission: 'records.read',
    bySite: true,
    alsoGives: ['application/octet-stream'],
    answers: { 200: null },
  },
} as const satisfies Operations;
