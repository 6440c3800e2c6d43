import { z } from 'zod';
import { caseDetail, caseInput, caseList, caseQuery, caseSerialList } from './case.ts';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { line, pageQuery, prose } from './schema.ts';
import { timeIn } from './time.ts';

const reason = prose(4_000).trim().min(3);
export const commentInput = z.strictObject({ text: prose(4_000).trim().min(1) });
export const taskInput = z.strictObject({
  text: prose(1_000).trim().min(1),
  owner: line(64).nullable().default(null),
  due: timeIn.nullable().default(null),
});

/** What people do about cases, but for deciding on their goods. */
export const caseOperations = {
  list: {
    method: 'get',
    path: '/cases',
    summary: 'Cases, what falls due first first; order=opened or value otherwise',
    permission: 'records.read',
    bySite: true,
    query: caseQuery,
    answers: { 200: caseList },
  },
  open: {
    method: 'post',
    path: '/cases',
    summary:
      'Open a case by hand: suspect product, a complaint, missing data; 409 where one of its shipment or place is open',
    permission: 'case.handle',
    bySite: true,
    body: caseInput,
    bodyLimit: DOCUMENT_LIMIT,
    answers: { 201: caseDetail },
  },
  get: {
    method: 'get',
    path: '/cases/:id',
    summary: 'A case with its evidence, groups, proposals, decisions and what people said',
    permission: 'records.read',
    bySite: true,
    answers: { 200: caseDetail },
  },
  serials: {
    method: 'get',
    path: '/cases/:id/serials',
    summary: 'The serials of a case with the latest decision on each, by EPC',
    permission: 'records.read',
    bySite: true,
    query: pageQuery.extend({ group: line(100).optional() }),
    answers: { 200: caseSerialList },
  },
  close: {
    method: 'post',
    path: '/cases/:id/close',
    summary: 'Close a case of which every serial is decided; 409 where one is not. What comes after opens a follow-up',
    permission: 'case.handle',
    bySite: true,
    body: z.strictObject({ reason }),
    answers: { 200: caseDetail },
  },
  assign: {
    method: 'post',
    path: '/cases/:id/assign',
    summary: 'Say who takes care of a case; to null, nobody',
    permission: 'case.handle',
    bySite: true,
    body: z.strictObject({ to: line(64).nullable() }),
    answers: { 200: caseDetail },
  },
  comment: {
    method: 'post',
    path: '/cases/:id/comments',
    summary: 'Say something about a case; @name mentions a user',
    permission: 'case.comment',
    bySite: true,
    body: commentInput,
    answers: { 201: caseDetail },
  },
  task: {
    method: 'post',
    path: '/cases/:id/tasks',
    summary: 'Set a task, with an owner and a due time',
    permission: 'case.handle',
    bySite: true,
    body: taskInput,
    answers: { 201: caseDetail },
  },
  taskDone: {
    method: 'post',
    path: '/cases/:id/tasks/:number/done',
    summary: 'Say that a task is done; once more changes nothing',
    permission: 'case.comment',
    bySite: true,
    body: z.strictObject({}),
    answers: { 200: caseDetail },
  },
  attach: {
    method: 'post',
    path: '/cases/:id/attachments',
    summary: 'Put a file to a case, in the part file: PDF, PNG, JPEG, ZIP and Office documents, UTF-8 text',
    permission: 'case.comment',
    bySite: true,
    body: z.strictObject({ file: z.string() }),
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: ['multipart/form-data'],
    answers: { 201: caseDetail },
  },
  attachment: {
    method: 'get',
    path: '/cases/:id/attachments/:number',
    summary: 'A file of a case, to the byte; never shown in place',
    permission: 'records.read',
    bySite: true,
    alsoGives: ['application/octet-stream'],
    answers: { 200: null },
  },
  finding: {
    method: 'post',
    path: '/cases/:id/finding',
    summary: 'What the investigation of suspect product found; illegitimate product is to be notified within 24 hours',
    permission: 'case.handle',
    bySite: true,
    body: z.strictObject({ illegitimate: z.boolean(), reason }),
    answers: { 200: caseDetail },
  },
  clockDone: {
    method: 'post',
    path: '/cases/:id/clocks/:clock/done',
    summary: 'Say that what a legal clock waits for is done: the quarantine, the notification',
    permission: 'case.handle',
    bySite: true,
    body: z.strictObject({ reason }),
    answers: { 200: caseDetail },
  },
} as const satisfies Operations;
