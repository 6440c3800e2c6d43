import { z } from 'zod';
import { caseDecision, caseStep, decisionInput, signatureInput, stepInput } from './case.ts';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { named, prose } from './schema.ts';

/** What is about to be signed. */
export const drafted = z
  .object({
    recordHash: z.string().describe('SHA-256 of the record, hex: what a passkey signs'),
    serials: z.number().int(),
    needsSecond: z.boolean(),
    record: z.string().describe('canonical JSON (RFC 8785), as it will be kept'),
    passkey: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('for navigator.credentials.get; null where no passkey can be used here'),
    oidc: z
      .string()
      .nullable()
      .describe('path where the browser signs in afresh to sign this; null where no provider vouches for who asks'),
  })
  .register(named, { id: 'DraftedDecision' });

export const draftedStep = drafted.omit({ serials: true, needsSecond: true }).register(named, { id: 'DraftedStep' });

/** The record of a decision as it was signed. */
export const signedRecord = z
  .object({ recordHash: z.string(), record: z.string().describe('canonical JSON (RFC 8785)') })
  .register(named, { id: 'SignedRecord' });

export const secondSignature = z.union([z.strictObject({ signature: signatureInput }), signatureInput]);

const signedWish = { revision: z.number().int(), reason: prose(4_000).trim().min(3), signature: signatureInput };
export const caseStepInput = z.strictObject({ step: stepInput, ...signedWish });
export const undoInput = z.strictObject(signedWish);

export const caseDecisionOperations = {
  draft: {
    method: 'post',
    path: '/cases/:id/decisions/draft',
    summary: 'What would be signed, and what a passkey or a fresh sign-in signs it with; nothing is decided by it',
    permission: 'case.decide',
    bySite: true,
    body: decisionInput.omit({ signature: true }),
    bodyLimit: DOCUMENT_LIMIT,
    answers: { 200: drafted },
  },
  decide: {
    method: 'post',
    path: '/cases/:id/decisions',
    summary: 'Decide on serials, a group or a lot of a case, with a signature; 409 where the case has changed since',
    permission: 'case.decide',
    bySite: true,
    body: decisionInput,
    bodyLimit: DOCUMENT_LIMIT,
    answers: { 201: caseDecision },
  },
  dispose: {
    method: 'post',
    path: '/cases/:id/dispositions',
    summary: 'The same as deciding, by the name that it had first',
    permission: 'case.decide',
    bySite: true,
    body: decisionInput,
    bodyLimit: DOCUMENT_LIMIT,
    answers: { 201: caseDecision },
  },
  challenge: {
    method: 'post',
    path: '/cases/:id/decisions/:number/challenge',
    summary: 'What the second signer signs with a passkey or a fresh sign-in',
    permission: 'case.decide',
    bySite: true,
    body: z.strictObject({}),
    answers: { 200: drafted.pick({ recordHash: true, passkey: true, oidc: true }) },
  },
  sign: {
    method: 'post',
    path: '/cases/:id/decisions/:number/signatures',
    summary: 'Sign a decision as the second signer: it comes into force',
    permission: 'case.decide',
    bySite: true,
    body: secondSignature,
    answers: { 201: caseDecision },
  },
  draftStep: {
    method: 'post',
    path: '/cases/:id/steps/draft',
    summary: 'What would be signed of a step, and with what; nothing is said by it',
    permission: 'case.decide',
    bySite: true,
    body: caseStepInput.omit({ signature: true }),
    answers: { 200: draftedStep },
  },
  step: {
    method: 'post',
    path: '/cases/:id/steps',
    summary: 'Say something of the evidence, with a signature: excuse, exclude, declare broken, override',
    permission: 'case.decide',
    bySite: true,
    body: caseStepInput,
    answers: { 201: caseStep },
  },
  draftUndo: {
    method: 'post',
    path: '/cases/:id/steps/:number/undo/draft',
    summary: 'What would be signed to take a step back, and with what; nothing is taken back by it',
    permission: 'case.decide',
    bySite: true,
    body: undoInput.omit({ signature: true }),
    answers: { 200: draftedStep },
  },
  undo: {
    method: 'post',
    path: '/cases/:id/steps/:number/undo',
    summary: 'Take a step back, with a signature',
    permission: 'case.decide',
    bySite: true,
    body: undoInput,
    answers: { 201: caseStep },
  },
  record: {
    method: 'get',
    path: '/cases/:id/decisions/:number/record',
    summary: 'What was signed, to the byte',
    permission: 'records.read',
    bySite: true,
    answers: { 200: signedRecord },
  },
} as const satisfies Operations;
