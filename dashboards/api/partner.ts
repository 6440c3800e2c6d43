import { z } from 'zod';
import {
  CONNECTION_STEPS,
  ENDPOINT_KINDS,
  KEY_STATES,
  PARTNER_FORMATS,
  PARTNER_ROLES,
  PARTNER_SEES,
  PARTNER_SENDS,
  USUAL_QUOTA,
} from '../../domain/index.ts';
import { token, tokenCreated } from './access.ts';
import type { Operations } from './operation.ts';
import { gln } from './place.ts';
import { line, listOf, named, pageQuery, prose } from './schema.ts';
import { durationIn, timeOut } from './time.ts';

const day = z.iso.date('expected a day as YYYY-MM-DD').nullable().default(null);
const some = <const T extends readonly string[]>(values: T) => z.array(z.enum(values)).max(values.length).default([]);
const print = z.string().nullable().describe('The beginning of the SHA-256 of what is kept; null: nothing is');
const key = z.object({
  id: z.string(),
  pem: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  revoked: z.string().nullable(),
  state: z.enum(KEY_STATES),
  print: z.string().describe('The SHA-256 of the key (SubjectPublicKeyInfo), to be compared with theirs'),
});
const quota = z.strictObject({
  requestsPerMinute: z.number().int().min(1).max(100_000).default(USUAL_QUOTA.requestsPerMinute),
  filesPerDay: z.number().int().min(1).max(1_000_000).default(USUAL_QUOTA.filesPerDay),
  bytesPerDay: z
    .number()
    .int()
    .min(1)
    .max(2 ** 40)
    .default(USUAL_QUOTA.bytesPerDay),
});

/** A company beside us, or an authority. Secrets are never shown again. */
export const partner = z
  .object({
    id: z.string(),
    name: z.string(),
    address: z.string().nullable(),
    glns: z.array(z.string()),
    roles: z.array(z.enum(PARTNER_ROLES)),
    endpoints: z.partialRecord(z.enum(ENDPOINT_KINDS), z.string()),
    publicKeys: z.array(key),
    secrets: z.object({ webhook: print, authorization: print }),
    sees: z.array(z.enum(PARTNER_SEES)),
    sends: z.array(z.enum(PARTNER_SENDS)),
    formats: z.array(z.enum(PARTNER_FORMATS)),
    quota: quota.describe('What is more is answered 429'),
    today: z
      .object({ files: z.number().int(), bytes: z.number().int(), turnedAway: z.number().int() })
      .nullable()
      .describe('What of the quota is used since 00:00 UTC, and what was too many; null in the list of all'),
    from: z.string().nullable(),
    to: z.string().nullable(),
    agreed: z.boolean().describe('Whether the agreement holds today'),
    revision: z.number().int(),
    changedAt: timeOut,
    changedBy: z.string(),
  })
  .register(named, { id: 'Partner' });
export type PartnerView = z.output<typeof partner>;
export const partnerList = listOf(partner).register(named, { id: 'PartnerList' });

/** The body of `PUT /partners/{id}`: all that is kept but for the secrets, which stay unless they are given. */
export const partnerInput = z.strictObject({
  name: line(200).trim().min(1, 'expected a name'),
  address: line(400).trim().min(1).nullable().default(null).describe('Business address, as transaction records say it'),
  glns: z.array(gln).max(200).default([]).describe('Each belongs to one partner'),
  roles: some(PARTNER_ROLES),
  endpoints: z
    .partialRecord(z.enum(ENDPOINT_KINDS), line(2_000).min(1))
    .default({})
    .describe('sftp as sftp://user@host/folder, the others as http or https'),
  publicKeys: z
    .array(
      z.strictObject({
        ...{ id: line(200).min(1), pem: prose(8_000).min(1), from: day, to: day },
        revoked: day.describe('Since when nothing it signed counts'),
      }),
    )
    .max(20)
    .default([])
    .describe('What its signatures are checked with'),
  secrets: z
    .strictObject({
      webhook: line(500)
        .nullable()
        .optional()
        .describe('whsec_ and the key in base64: signs what is sent to its webhook'),
      authorization: line(4_000).nullable().optional().describe('Sent as Authorization to its endpoints: Bearer …'),
    })
    .default({})
    .describe('Absent: the one there is; null: none any more. Needed again where the address of an endpoint changes'),
  sees: some(PARTNER_SEES).describe('Of what concerns its GLNs'),
  sends: some(PARTNER_SENDS),
  formats: some(PARTNER_FORMATS).describe('Of files, the preferred one first'),
  quota: quota.default(USUAL_QUOTA).describe('Requests of its tokens, and files and bytes in either direction, in UTC'),
  from: day.describe('First day of the agreement'),
  to: day.describe('Last day of the agreement'),
});

const step = z.object({
  step: z.enum(CONNECTION_STEPS),
  ok: z.boolean(),
  said: z.string().describe('What was found, and what to do'),
  received: z.string().nullable().describe('Their answer as it came, or the error of the network'),
});

export const partnerTest = z
  .object({
    ok: z.boolean(),
    endpoints: z.array(
      z.object({ endpoint: z.enum(ENDPOINT_KINDS), url: z.string(), ok: z.boolean(), steps: z.array(step) }),
    ),
  })
  .register(named, { id: 'PartnerTest' });
export type PartnerTestView = z.output<typeof partnerTest>;

export const partnerTokenInput = z.strictObject({
  name: line(64).min(1),
  expires: durationIn.optional().describe('90d; default: never'),
});

export const partnerOperations = {
  list: {
    method: 'get',
    path: '/partners',
    summary: 'Partners and what is agreed with them',
    permission: 'partner.read',
    query: pageQuery,
    answers: { 200: partnerList },
  },
  get: {
    method: 'get',
    path: '/partners/:id',
    summary: 'A partner',
    permission: 'partner.read',
    answers: { 200: partner },
  },
  put: {
    method: 'put',
    path: '/partners/:id',
    summary: 'Register or change a partner',
    permission: 'partner.change',
    body: partnerInput,
    answers: { 200: partner },
  },
  remove: {
    method: 'delete',
    path: '/partners/:id',
    summary: 'Remove a partner; its tokens are revoked, what was exchanged stays',
    permission: 'partner.change',
    answers: { 204: null },
  },
  test: {
    method: 'post',
    path: '/partners/:id/test',
    summary: 'Try to reach a partner, and say step by step what is wrong',
    permission: 'partner.change',
    query: z.object({ endpoint: z.enum(ENDPOINT_KINDS).optional().describe('default: all it has') }),
    answers: { 200: partnerTest },
  },
  tokens: {
    method: 'get',
    path: '/partners/:id/tokens',
    summary: 'API tokens of a partner, without their secrets',
    permission: 'partner.change',
    answers: { 200: listOf(token) },
  },
  createToken: {
    method: 'post',
    path: '/partners/:id/tokens',
    summary: 'Give a partner an API token, good for what is agreed with it alone',
    permission: 'partner.change',
    body: partnerTokenInput,
    answers: { 201: tokenCreated },
  },
  revokeToken: {
    method: 'delete',
    path: '/partners/:id/tokens/:name',
    summary: 'Revoke an API token of a partner',
    permission: 'partner.change',
    answers: { 204: null },
  },
} as const satisfies Operations;
