import { z } from 'zod';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { timeOut } from './time.ts';

const KINDS = ['delivery', 'order', 'product', 'stock'] as const;
const BECOMES = ['new', 'changed', 'unchanged', 'older'] as const;
const FORMS = ['json', 'csv', 'xml', 'x12', 'edifact', 'idoc'] as const;
const MAPPING = z.string().min(1).max(1_000_000).describe('The mapping file, YAML (docs/erp.md)');

/** An ERP or WMS beside us. */
export const system = z
  .object({
    id: z.string(),
    name: z.string(),
    mapping: z.string(),
    webhook: z.string().nullable(),
    secret: z
      .string()
      .nullable()
      .describe('The beginning of the SHA-256 of what its webhook is signed with; null: not signed'),
    quota: z
      .object({ filesPerDay: z.number().int(), bytesPerDay: z.number().int() })
      .describe('How much it may bring on a day in UTC, by its mapping file'),
    today: z
      .object({ files: z.number().int(), bytes: z.number().int(), turnedAway: z.number().int() })
      .describe('What it brought today, and how often more was turned away'),
    revision: z.number().int(),
    changedAt: timeOut,
    changedBy: z.string(),
  })
  .register(named, { id: 'System' });
export type SystemView = z.output<typeof system>;

/** A file of a system, with its fate. */
export const systemFile = z
  .object({
    id: z.number().int(),
    via: z.enum(['https', 'folder']),
    name: z.string(),
    form: z.enum(FORMS).nullable().describe('What it is by its content'),
    bytes: z.number().int(),
    sha256: z.string(),
    at: timeOut,
    by: z.string(),
    fate: z
      .enum(['waiting', 'taken', 'unchanged', 'older', 'refused', 'repeated'])
      .describe('waiting: we stopped in the middle; sent or tried again it is taken'),
    reason: z.string().nullable(),
    acknowledgement: z.string().nullable().describe('X12 997 or EDIFACT CONTRL'),
    mappingRevision: z.number().int().nullable(),
    repeats: z.number().int().nullable().describe('The file that it is again, to the byte'),
    contentGoneAt: timeOut
      .nullable()
      .describe('When its content was thrown away, past retention.files; null: it is there'),
  })
  .register(named, { id: 'SystemFile' });
export type SystemFileView = z.output<typeof systemFile>;

/** A document of a system that is in force. */
export const systemDocument = z
  .object({
    id: z.number().int(),
    kind: z.enum(KINDS),
    number: z.string(),
    rank: z.number().int().nullable().describe('Its revision, or when it was changed there, epoch ms'),
    at: timeOut,
    file: z.number().int(),
    place: z.string().nullable(),
    subject: z.string().nullable().describe('What it became: shipment:ID, product:GTIN'),
    note: z.string().nullable(),
    revisions: z.number().int(),
    lines: z.number().int(),
    quantity: z.number().int().describe('Single packs, of all lines'),
  })
  .register(named, { id: 'SystemDocument' });
export type SystemDocumentView = z.output<typeof systemDocument>;

/** What a file would become. */
export const dryRun = z
  .object({
    form: z.enum(FORMS).nullable(),
    fault: z.string().nullable().describe('Why nothing would be taken of it, and where; null: all of it would be'),
    documents: z.array(
      z.object({
        kind: z.enum(KINDS),
        number: z.string(),
        becomes: z.enum(BECOMES),
        subject: z.string().nullable(),
        note: z.string().nullable(),
        made: z.unknown().describe('As the mapping made it'),
      }),
    ),
  })
  .register(named, { id: 'SystemDryRun' });
export type DryRunView = z.output<typeof dryRun>;

/** A message that a system is told by its webhook. */
export const systemMessage = z
  .object({
    id: z.string(),
    entry: z.string(),
    subject: z.string(),
    revision: z.number().int(),
    createdAt: timeOut,
    deliveredAt: timeOut.nullable(),
    givenUpAt: timeOut.nullable(),
    nextAttemptAt: timeOut.nullable(),
    attempts: z.number().int(),
    lastError: z.string().nullable(),
  })
  .register(named, { id: 'SystemMessage' });
export type SystemMessageView = z.output<typeof systemMessage>;

const stockLine = z.object({
  place: z.string(),
  gtin: z.string(),
  lot: z.string().nullable(),
  expiry: z.string().nullable(),
  status: z.string().nullable().describe('What forbids these to move on; null clears nothing'),
  packs: z.number().int(),
  stated: z
    .number()
    .int()
    .nullable()
    .describe('What the latest stock of a system says of this GTIN and lot here; null: nothing'),
});
export const stockList = z.object({ at: timeOut, items: z.array(stockLine) }).register(named, { id: 'StockList' });
export type StockListView = z.output<typeof stockList>;

const receiptLine = z.object({
  gtin: z.string(),
  lot: z.string().nullable(),
  listed: z.number().int().describe('Serials that the shipment lists'),
  missing: z.number().int(),
  unexpected: z.number().int(),
  damaged: z.number().int(),
  stopped: z.number().int().describe('Quarantined, rejected, recalled, stolen or expired'),
});
/** What was received of a shipment. */
export const receipt = z
  .object({
    shipment: z.string(),
    origin: z.string(),
    destination: z.string(),
    receivedAt: timeOut.nullable(),
    state: z.string(),
    open: z.number().int().describe('Differences that nobody has settled'),
    lines: z.array(receiptLine),
  })
  .register(named, { id: 'Receipt' });
export type ReceiptView = z.output<typeof receipt>;

export const systemOperations = {
  list: {
    method: 'get',
    path: '/erp/systems',
    permission: 'erp.exchange',
    summary: 'ERP and WMS beside us, by id',
    query: pageQuery,
    answers: { 200: listOf(system).register(named, { id: 'SystemList' }) },
  },
  get: {
    method: 'get',
    path: '/erp/systems/:id',
    permission: 'erp.exchange',
    summary: 'A system with its mapping file',
    answers: { 200: system },
  },
  put: {
    method: 'put',
    path: '/erp/systems/:id',
    permission: 'erp.change',
    summary: 'Make a system, or replace its mapping file; the secret stays only while the address of the webhook does',
    body: z.strictObject({
      mapping: MAPPING,
      secret: line(500)
        .nullable()
        .optional()
        .describe('whsec_ and the key in base64: signs what is sent to its webhook'),
    }),
    answers: { 200: system },
  },
  remove: {
    method: 'delete',
    path: '/erp/systems/:id',
    permission: 'erp.change',
    summary: 'Remove a system; what came from it stays',
    answers: { 204: null },
  },
  dryRun: {
    method: 'post',
    path: '/erp/systems/:id/dry-run',
    permission: 'erp.exchange',
    summary: 'What would become of a file, by the mapping in use or one that is being written; nothing is kept',
    onlyReads: true,
    body: z.strictObject({
      mapping: MAPPING.nullable().default(null).describe('null: the one in use'),
      content: z.string().max(DOCUMENT_LIMIT),
      encoding: z.enum(['utf8', 'base64']).default('utf8'),
    }),
    bodyLimit: 2 * DOCUMENT_LIMIT,
    answers: { 200: dryRun },
  },
  bring: {
    method: 'post',
    path: '/erp/systems/:id/files',
    permission: 'erp.exchange',
    summary: 'Bring a file of a system: kept, hashed, read by its mapping, and told what became of it',
    query: z.object({ name: line(200).trim().min(1).default('unnamed').describe('What the sender calls it') }),
    body: z.string(),
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: [
      'application/xml',
      'text/xml',
      'text/csv',
      'text/plain',
      'application/edi-x12',
      'application/edifact',
      'application/octet-stream',
    ],
    answers: { 200: systemFile },
  },
  files: {
    method: 'get',
    path: '/erp/systems/:id/files',
    permission: 'erp.exchange',
    summary: 'Files of a system with their fates, latest first',
    query: pageQuery,
    answers: { 200: listOf(systemFile).register(named, { id: 'SystemFileList' }) },
  },
  content: {
    method: 'get',
    path: '/erp/systems/:id/files/:file',
    permission: 'erp.exchange',
    summary: 'A file to the byte',
    alsoGives: ['application/octet-stream'],
    answers: { 200: null },
  },
  again: {
    method: 'post',
    path: '/erp/systems/:id/files/:file/again',
    permission: 'erp.exchange',
    summary: 'Read a file that was refused once more, by the mapping there is now',
    answers: { 200: systemFile },
  },
  documents: {
    method: 'get',
    path: '/erp/systems/:id/documents',
    permission: 'erp.exchange',
    summary: 'Documents of a system that are in force, latest first',
    query: pageQuery,
    answers: { 200: listOf(systemDocument).register(named, { id: 'SystemDocumentList' }) },
  },
  messages: {
    method: 'get',
    path: '/erp/systems/:id/messages',
    permission: 'erp.exchange',
    summary: 'What a system was told by its webhook, latest first, at most 200',
    answers: { 200: listOf(systemMessage).register(named, { id: 'SystemMessageList' }) },
  },
  tellAgain: {
    method: 'post',
    path: '/erp/systems/:id/messages/:message/again',
    permission: 'erp.exchange',
    summary: 'Send a message once more that was given up, under the same id',
    answers: { 204: null },
  },
  stock: {
    method: 'get',
    path: '/erp/stock',
    permission: 'erp.exchange',
    summary: 'Packs at a site by place, GTIN, lot and status, beside what systems state; ?as=csv gives a table',
    query: z.object({ site: line(128).describe('site:lyon'), as: z.enum(['json', 'csv']).default('json') }),
    alsoGives: ['text/csv'],
    answers: { 200: stockList },
  },
  receipts: {
    method: 'get',
    path: '/erp/receipts',
    permission: 'erp.exchange',
    summary: 'What was received, by shipment, GTIN and lot, latest first; ?as=csv gives a row a line',
    query: pageQuery.extend({ as: z.enum(['json', 'csv']).default('json'), shipment: line(128).optional() }),
    alsoGives: ['text/csv'],
    answers: { 200: listOf(receipt).register(named, { id: 'ReceiptList' }) },
  },
} as const satisfies Operations;
