import { z } from 'zod';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { timeOut } from './time.ts';

const FATES = ['waiting', 'taken', 'asked', 'refused', 'repeated', 'given'] as const;

/** A file to or from a partner, with its fate. */
export const partnerFile = z
  .object({
    id: z.number().int(),
    direction: z.enum(['in', 'out']),
    via: z.enum(['https', 'folder']),
    name: z.string(),
    format: z.string().nullable().describe('What it is by its content'),
    bytes: z.number().int(),
    sha256: z.string(),
    at: timeOut,
    by: z.string(),
    fate: z
      .enum(FATES)
      .describe(
        'waiting: we stopped in the middle; sent again it is taken. asked: it says what has become of goods in our hands; taken when a person grants it',
      ),
    reason: z.string().nullable(),
    subject: z
      .string()
      .nullable()
      .describe('What it became: capture:ID, shipment:ID; or the case that asks about it, case:ID'),
    events: z.number().int(),
    repeats: z.number().int().nullable().describe('The file that it is again, to the byte'),
    contentGoneAt: timeOut
      .nullable()
      .describe('When its content was thrown away, past retention.files; null: it is there'),
  })
  .register(named, { id: 'PartnerFile' });
export type PartnerFileView = z.output<typeof partnerFile>;

export const partnerFileOperations = {
  drop: {
    method: 'post',
    path: '/partners/:id/files',
    summary:
      'Bring a file as a partner: EPCIS as JSON or XML, a shipment as CSV; kept, hashed and told what became of it',
    permission: 'partner.exchange',
    byPartner: true,
    query: z.object({ name: line(200).trim().min(1).default('unnamed').describe('What the sender calls it') }),
    body: z.string(),
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: ['application/ld+json', 'application/xml', 'text/xml', 'text/csv', 'application/octet-stream'],
    answers: { 200: partnerFile },
  },
  list: {
    method: 'get',
    path: '/partners/:id/files',
    summary: 'Files to and from a partner with their fates, latest first',
    permission: 'partner.exchange',
    byPartner: true,
    query: pageQuery.extend({
      fate: z.enum(FATES).optional().describe('default: all'),
      text: line(200).trim().optional().describe('What stands in the name, or what the hash begins with'),
    }),
    answers: { 200: listOf(partnerFile).register(named, { id: 'PartnerFileList' }) },
  },
  again: {
    method: 'post',
    path: '/partners/:id/files/:file/again',
    summary:
      'Take a file that was refused once more, as it is kept: what it lacked may have been put right here; or one that is asked about, as it says',
    permission: 'partner.change',
    answers: { 200: partnerFile },
  },
  content: {
    method: 'get',
    path: '/partners/:id/files/:file',
    summary: 'A file to the byte',
    permission: 'partner.exchange',
    byPartner: true,
    alsoGives: ['application/octet-stream'],
    answers: { 200: null },
  },
} as const satisfies Operations;
