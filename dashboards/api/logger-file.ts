import { z } from 'zod';
import { loggerFileMapping, TWICE } from '../../codecs/logger-files/index.ts';
import { DEVICE_ID, METRIC_NAMES } from '../../domain/index.ts';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { timeOut } from './time.ts';

const figures = z.object({
  count: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  mean: z.number().optional(),
  mkt: z.number().optional(),
});
/** Of the temperature, or else of the first metric; of others under their name. */
const summary = figures.extend(
  Object.fromEntries(METRIC_NAMES.map((metric) => [metric, figures.optional()])) as Record<
    (typeof METRIC_NAMES)[number],
    z.ZodOptional<typeof figures>
  >,
);
const row = z.object({ row: z.number().int(), reason: z.string(), detail: z.string() });

/** What was taken of a logger's file, what not and why, its own summary beside ours. */
export const loggerFileAnswer = z
  .object({
    file: z.object({ sha256: z.string(), zone: z.string(), name: z.string(), layout: z.string() }),
    repeated: z.boolean().describe('the file had been taken before: nothing was added'),
    devices: z.array(
      z.object({
        device: z.string(),
        taken: z.number().int().describe('readings, of all metrics'),
        from: timeOut.nullable(),
        to: timeOut.nullable(),
        theirs: summary.extend({ alarms: z.array(z.string()).optional() }).nullable(),
        ours: summary.extend({ suspect: z.number().int().optional() }).nullable(),
        differences: z.array(
          z.object({
            metric: z.enum(METRIC_NAMES),
            figure: z.enum(['count', 'min', 'max', 'mean', 'mkt']),
            theirs: z.number(),
            ours: z.number(),
          }),
        ),
      }),
    ),
    refused: z.array(row).describe('the first thousand'),
    refusedCount: z.number().int(),
    waiting: z.number().int().describe('readings that wait for a person: too old, or of an hour that occurs twice'),
    waits: z.array(row).describe('why, row by row; the first thousand'),
    marks: z.number().int(),
    notes: z.array(z.string()),
  })
  .register(named, { id: 'LoggerFileAnswer' });
export type LoggerFileAnswerView = z.output<typeof loggerFileAnswer>;

/** The parts of `POST /logger-files` beside `file`, as forms send them: text. */
export const loggerFileParts = z.strictObject({
  zone: line(80).optional().describe('that its clock was set to: IANA zone, UTC or an offset'),
  device: z
    .union([z.literal(''), z.string().regex(DEVICE_ID, 'expected 1 to 128 of A-Z a-z 0-9 . _ : -')])
    .optional()
    .describe('default: the serial number in the file'),
  shipment: line(128).optional().describe('the logger travelled with it: it is attached to its unit'),
  unit: line(256).optional().describe("which unit's, where the shipment has several"),
  mapping: z.string().max(65_536).optional().describe('JSON, or the name of a mapping that is kept'),
  twice: z.union([z.literal(''), z.enum(TWICE)]).optional(),
  dryRun: z.enum(['true', 'false', '']).optional().describe('true: says what would be taken, and takes nothing'),
});

export const keptLoggerFile = z.object({
  sha256: z.string(),
  device: z.string(),
  name: z.string(),
  zone: z.string(),
  shipment: z.string().nullable(),
  at: timeOut,
  by: z.string(),
  answer: loggerFileAnswer,
});
export const loggerFileList = listOf(keptLoggerFile).register(named, { id: 'LoggerFileList' });

export const keptMapping = z.object({ name: z.string(), mapping: loggerFileMapping, at: timeOut, by: z.string() });
export const mappingList = z.object({ items: z.array(keptMapping) }).register(named, { id: 'LoggerFileMappingList' });

/** The first rows of a file as they stand, for a person who points at columns. */
export const looseRows = z.object({ rows: z.array(z.object({ row: z.number().int(), cells: z.array(z.string()) })) });

export {
  DATE_ORDERS,
  type LoggerFileMapping,
  loggerFileMapping,
  TWICE,
  UNIT_NAMES,
} from '../../codecs/logger-files/index.ts';

export const loggerFileOperations = {
  take: {
    method: 'post',
    path: '/logger-files',
    summary: 'Take in a file that a logger was read out into: multipart with file, zone, and what else it does not say',
    permission: 'logger-file.take',
    body: loggerFileParts,
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: ['multipart/form-data'],
    answers: { 200: loggerFileAnswer },
  },
  rows: {
    method: 'post',
    path: '/logger-files/rows',
    summary: 'The first rows of a file as they stand, to say which columns they are',
    permission: 'logger-file.take',
    body: loggerFileParts,
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: ['multipart/form-data'],
    answers: { 200: looseRows },
  },
  list: {
    method: 'get',
    path: '/logger-files',
    summary: 'Files that were taken in, newest first',
    permission: 'records.read',
    query: pageQuery.extend({ device: line(128).optional(), shipment: line(128).optional() }),
    answers: { 200: loggerFileList },
  },
  mappings: {
    method: 'get',
    path: '/logger-file-mappings',
    summary: 'How files are read that do not say it themselves',
    permission: 'records.read',
    answers: { 200: mappingList },
  },
  keepMapping: {
    method: 'put',
    path: '/logger-file-mappings/:name',
    summary: 'Keep how such files are read, under a name',
    permission: 'logger-file.take',
    body: loggerFileMapping,
    answers: { 200: keptMapping },
  },
} as const satisfies Operations;
