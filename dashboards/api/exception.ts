import { z } from 'zod';
import { EXCEPTION_ANSWERS, EXCEPTION_KINDS, EXCEPTION_STATES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery, prose } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

const MAX_LINK_DAYS = 366;
const FILE_LIMIT = 5 * 1024 * 1024;
const kind = z.enum(EXCEPTION_KINDS);
const answer = z.enum(EXCEPTION_ANSWERS);
const said = z.enum([...EXCEPTION_ANSWERS, 'settled', 'withdrawn']);

const entry = z.object({
  number: z.number().int(),
  side: z.enum(['ours', 'theirs']),
  author: z.string(),
  at: timeOut,
  text: z.string(),
  answer: said.nullable(),
  sha256: z.string().describe('Of the entry before it and of this: a chain'),
  file: z.object({ name: z.string(), type: z.string(), sha256: z.string() }).nullable(),
});
export type ExceptionEntryView = z.output<typeof entry>;

/** What is wrong between us and a partner. */
export const exception = z
  .object({
    id: z.string().describe('E-000123'),
    kind,
    partner: z.string(),
    partnerName: z.string(),
    title: z.string(),
    shipment: z.string().nullable(),
    epcs: z.array(z.string()),
    lot: z.string().nullable(),
    finding: z.string().nullable().describe('What it was opened from; null: by hand'),
    reference: z.string().nullable().describe('What the partner calls it'),
    theirs: z.boolean().describe('The partner opened it'),
    state: z.enum(EXCEPTION_STATES),
    openedAt: timeOut,
    openedBy: z.string(),
    due: timeOut,
    overdue: z.boolean(),
    toldAt: timeOut.nullable(),
    answeredAt: timeOut.nullable(),
    closedAt: timeOut.nullable(),
    closedBy: z.string().nullable(),
  })
  .register(named, { id: 'Exception' });
export type ExceptionView = z.output<typeof exception>;

const link = z.object({
  id: z.number().int(),
  recipient: z.string(),
  madeAt: timeOut,
  madeBy: z.string(),
  endsAt: timeOut,
  revokedAt: timeOut.nullable(),
  viewedAt: timeOut.nullable(),
  views: z.number().int(),
});

const telling = z
  .object({
    attempts: z.number().int().describe('That failed in a row'),
    failure: z.string().nullable(),
    since: timeOut,
    nextAt: timeOut.nullable().describe('null: it was given up'),
  })
  .describe('What the partner’s webhook has not taken yet; null: nothing waits');

export const exceptionDetail = exception
  .extend({ thread: z.array(entry), links: z.array(link), telling: telling.nullable() })
  .register(named, { id: 'ExceptionDetail' });
export type ExceptionDetailView = z.output<typeof exceptionDetail>;

export const exceptionInput = z.strictObject({
  kind,
  partner: line(64).min(1),
  title: line(200).trim().min(3),
  text: prose(4_000).trim().min(3),
  shipment: line(200).min(1).nullable().default(null),
  epcs: z.array(line(200).min(1)).max(1_000).default([]),
  lot: line(20).min(1).nullable().default(null),
  finding: line(200).min(1).nullable().default(null).describe('difference:…, pass:…, file:…, market:…'),
  due: timeIn.nullable().default(null).describe('null: in three days'),
});

const draftList = listOf(
  exceptionInput.omit({ due: true }).extend({
    partner: z.string().nullable().describe('Who it would be told to, where that is known'),
  }),
).register(named, { id: 'ExceptionDraftList' });

/** One side's word. */
const entryInput = z.strictObject({ text: prose(4_000).trim().min(1), answer: answer.nullable().default(null) });

/** What another installation of Isotherm sends for one thing that was said there (docs/partners.md). */
export const exceptionMessage = z.object({
  type: z.enum(['exception.opened', 'exception.entry', 'partner.test']),
  data: z.union([
    z.object({
      exception: line(100).min(1),
      yours: line(100).nullable().default(null),
      kind,
      title: line(200).trim().min(1),
      shipment: line(200).min(1).nullable().default(null),
      epcs: z.array(line(200).min(1)).max(1_000).default([]),
      lot: line(20).min(1).nullable().default(null),
      due: timeIn.nullable().default(null),
      entry: z.object({
        number: z.number().int().min(1).max(100_000),
        author: line(200).trim().min(1),
        text: prose(4_000).trim().min(1),
        answer: said.nullable().default(null),
      }),
    }),
    z.object({ partner: line(64) }),
  ]),
});

/** As a link shows it: no id of ours but the exception's own, both sides' words, and when it ends. */
export const linkedException = exception
  .omit({ partner: true, finding: true, openedBy: true, toldAt: true, closedBy: true })
  .extend({ organisation: z.string().nullable(), recipient: z.string(), endsAt: timeOut, thread: z.array(entry) })
  .register(named, { id: 'LinkedException' });
export type LinkedExceptionView = z.output<typeof linkedException>;

export const exceptionOperations = {
  list: {
    method: 'get',
    path: '/exceptions',
    summary: 'Exceptions with partners, latest first',
    permission: 'partner.read',
    query: pageQuery.extend({
      state: z.enum(['open', 'all']).default('open'),
      partner: line(64).min(1).optional(),
      shipment: line(200).min(1).optional(),
    }),
    answers: { 200: listOf(exception).register(named, { id: 'ExceptionList' }) },
  },
  draft: {
    method: 'get',
    path: '/shipments/:id/exceptions/draft',
    summary: 'What would be told to a partner of the open differences of a shipment, by kind; nothing is kept',
    permission: 'partner.read',
    answers: { 200: draftList },
  },
  passDraft: {
    method: 'get',
    path: '/passes/:id/exceptions/draft',
    summary:
      'What would be told to a partner of what differs in a pass, and of what was damaged in it; nothing is kept',
    permission: 'partner.read',
    answers: { 200: draftList },
  },
  fileDraft: {
    method: 'get',
    path: '/partners/:id/files/:file/exceptions/draft',
    summary: 'What would be told to a partner of its file that was refused; nothing is kept',
    permission: 'partner.read',
    answers: { 200: draftList },
  },
  get: {
    method: 'get',
    path: '/exceptions/:id',
    summary: 'An exception with all that both sides said',
    permission: 'partner.read',
    answers: { 200: exceptionDetail },
  },
  open: {
    method: 'post',
    path: '/exceptions',
    summary: 'Open an exception with a partner; the partner is told by link or webhook, not by this',
    permission: 'exception.handle',
    takesKey: true,
    body: exceptionInput,
    answers: { 201: exceptionDetail },
  },
  say: {
    method: 'post',
    path: '/exceptions/:id/entries',
    summary: 'Say something of an exception, or settle or withdraw it',
    permission: 'exception.handle',
    takesKey: true,
    body: z.strictObject({ text: prose(4_000).trim().min(1), answer: said.nullable().default(null) }),
    answers: { 201: exceptionDetail },
  },
  attach: {
    method: 'post',
    path: '/exceptions/:id/files',
    summary: 'Put a file to an exception, in the part file, with a text in the part text: PDF, PNG, JPEG, UTF-8 text',
    permission: 'exception.handle',
    body: z.strictObject({ file: z.string(), text: z.string().optional() }),
    bodyAs: 'bytes',
    bodyLimit: FILE_LIMIT,
    alsoTakes: ['multipart/form-data'],
    answers: { 201: exceptionDetail },
  },
  file: {
    method: 'get',
    path: '/exceptions/:id/files/:number',
    summary: 'The file of an entry, to the byte; never shown in place',
    permission: 'partner.read',
    alsoGives: ['application/octet-stream'],
    answers: { 200: null },
  },
  tell: {
    method: 'post',
    path: '/exceptions/:id/tell',
    summary:
      'Send what we said to the partner’s webhook, each entry under the same id; what is not taken is sent again for three days',
    permission: 'exception.handle',
    answers: { 200: z.object({ failure: z.string().nullable().describe('null: the partner has it all') }) },
  },
  share: {
    method: 'post',
    path: '/exceptions/:id/links',
    summary: 'Make a link by which a partner sees and answers an exception without an account; answered once',
    permission: 'exception.handle',
    body: z.strictObject({
      recipient: line(200).trim().min(1),
      endsAt: timeIn.describe(`at most ${MAX_LINK_DAYS} days from now`),
    }),
    answers: { 201: link.extend({ path: z.string().describe('/answer/{token}, on this installation') }) },
  },
  unshare: {
    method: 'delete',
    path: '/exceptions/:id/links/:link',
    summary: 'Withdraw a link: it shows nothing from now on',
    permission: 'exception.handle',
    answers: { 204: null },
  },
  take: {
    method: 'post',
    path: '/partners/:id/exceptions',
    summary: 'What a partner says of an exception, with its token; the same said again stands once',
    permission: 'partner.exchange',
    byPartner: true,
    body: exceptionMessage,
    answers: { 200: z.object({ exception: z.string().nullable().describe('What we call it') }) },
  },
  linked: {
    method: 'get',
    path: '/answer/:token',
    summary: 'An exception as a link shows it to a partner',
    permission: 'anyone',
    answers: { 200: linkedException },
  },
  answer: {
    method: 'post',
    path: '/answer/:token/entries',
    summary: 'What a partner says of an exception by a link',
    permission: 'anyone',
    body: entryInput.extend({ author: line(100).trim().min(1).describe('Who says it') }),
    answers: { 201: linkedException },
  },
  answerFile: {
    method: 'post',
    path: '/answer/:token/files',
    summary: 'A file that a partner puts to an exception by a link, in the part file, with text and author',
    permission: 'anyone',
    body: z.strictObject({ file: z.string(), text: z.string().optional(), author: z.string() }),
    bodyAs: 'bytes',
    bodyLimit: FILE_LIMIT,
    alsoTakes: ['multipart/form-data'],
    answers: { 201: linkedException },
  },
  linkedFile: {
    method: 'get',
    path: '/answer/:token/files/:number',
    summary: 'The file of an entry, by a link; never shown in place',
    permission: 'anyone',
    alsoGives: ['application/octet-stream'],
    answers: { 200: null },
  },
  visit: {
    method: 'post',
    path: '/answer/:token/visits',
    summary: 'A person has the page of the link before them: recorded once a visit',
    permission: 'anyone',
    answers: { 204: null },
  },
} as const satisfies Operations;

export { MAX_LINK_DAYS as EXCEPTION_LINK_MOST_DAYS };
