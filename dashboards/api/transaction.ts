import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, named } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

const text = z.string().nullable();

export const transactionParty = z.object({
  partner: text.describe('Id of the partner; own: us; null: nobody who is known here'),
  gln: text,
  name: text,
  address: text,
});

/** Transaction information and statement (21 U.S.C. 360eee(26), (27)) of the goods of one shipment. */
export const transaction = z
  .object({
    shipment: z.string(),
    transactedOn: text.describe('Day, UTC'),
    shippedOn: text.describe('Day, UTC'),
    from: transactionParty,
    to: transactionParty,
    lines: z.array(
      z.object({
        ...{ gtin: z.string(), name: text, ndc: text, strength: text, dosageForm: text, containerSize: text },
        ...{ lot: text, expiry: text, count: z.number().int().describe('Containers'), serials: z.array(z.string()) },
      }),
    ),
    missing: z.array(z.string()).describe('What the law asks for and nobody has told us, as paths'),
    statement: z
      .array(z.string())
      .nullable()
      .describe('What we state where ownership came from us; null: the seller states it, not we'),
  })
  .register(named, { id: 'Transaction' });
export type TransactionView = z.output<typeof transaction>;

/** Of whom and what. The same is signed as JWS and drawn as PDF. */
export const transactionRecord = z
  .object({
    format: z.literal('isotherm-transaction-record-1'),
    issuedAt: timeOut,
    issuer: transactionParty,
    serials: z.number().int().describe('Of all transactions'),
    items: z.array(transaction),
  })
  .register(named, { id: 'TransactionRecord' });
export type TransactionRecordView = z.output<typeof transactionRecord>;

/** One of: gtin and serial, gtin and lot, shipment, from and to. */
export const transactionQuery = z
  .strictObject({
    gtin: line(14).optional(),
    serial: line(20).min(1).optional(),
    lot: line(20).min(1).optional(),
    shipment: line(200).min(1).optional(),
    from: timeIn.optional().describe('left then or later'),
    to: timeIn.optional().describe('left before'),
    serials: z.enum(['true', 'false']).default('true').describe('Whether serial numbers are listed'),
  })
  .superRefine(({ gtin, serial, lot, shipment, from, to }, context) => {
    const ways = [
      ...[gtin !== undefined && serial !== undefined, gtin !== undefined && lot !== undefined],
      ...[shipment !== undefined, from !== undefined && to !== undefined],
    ];
    const isOne = ways.filter(Boolean).length === 1;
    const isBare = gtin !== undefined && serial === undefined && lot === undefined;
    if (isOne && !isBare) return;
    context.addIssue('expected one of: gtin and serial; gtin and lot; shipment; from and to');
  });
export type TransactionQueryInput = z.output<typeof transactionQuery>;

const partyId = line(64).min(1).nullable().default(null);
export const transactionStatement = z.strictObject({
  seller: partyId.describe('Id of a partner, or own; null: as the GLNs say'),
  buyer: partyId.describe('Id of a partner, or own; null: as the GLNs say'),
  transactedOn: z.iso
    .date('expected a day as YYYY-MM-DD')
    .nullable()
    .default(null)
    .describe('null: that of the shipment'),
});

const label = z.object({ gtin: z.string(), ndc: text, strength: text, dosageForm: text, containerSize: text });
const given = (about: string) => line(200).trim().min(1).nullable().default(null).describe(about);

const ED25519_KEY = z.object({
  ...{ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() },
  ...{ use: z.literal('sig'), alg: z.literal('EdDSA') },
});

export const transactionOperations = {
  find: {
    method: 'get',
    path: '/transactions',
    summary: 'Transaction information and statements of a serial, a lot, a shipment or a period',
    permission: 'partner.read',
    query: transactionQuery,
    answers: { 200: transactionRecord },
  },
  signed: {
    method: 'get',
    path: '/transactions/record.jws',
    summary: 'The same as a compact JSON Web Signature (Ed25519), checked with the keys of /transactions/keys',
    permission: 'partner.exchange',
    query: transactionQuery,
    alsoGives: ['application/jose'],
    answers: { 200: null },
  },
  pdf: {
    method: 'get',
    path: '/transactions/record.pdf',
    summary: 'The same as PDF/A-3b, with the data in it and the proof of the ledger',
    permission: 'partner.read',
    query: transactionQuery,
    alsoGives: ['application/pdf'],
    answers: { 200: null },
  },
  epcis: {
    method: 'get',
    path: '/transactions/record.epcis.json',
    summary: 'The events (EPCIS 2.0) of the same goods and of what they stand in',
    permission: 'partner.read',
    query: transactionQuery,
    alsoGives: ['application/ld+json'],
    answers: { 200: null },
  },
  keys: {
    method: 'get',
    path: '/transactions/keys',
    summary: 'The keys that records are signed with, as a JSON Web Key Set (RFC 7517)',
    permission: 'anyone',
    answers: { 200: z.object({ keys: z.array(ED25519_KEY) }) },
  },
  state: {
    method: 'put',
    path: '/shipments/:id/transaction',
    summary: 'Say who sold the goods of a shipment to whom and when, where their GLNs do not',
    permission: 'partner.exchange',
    body: transactionStatement,
    answers: { 200: transactionRecord },
  },
  ofPartner: {
    method: 'get',
    path: '/partners/:id/transactions',
    summary: 'What a partner may have: signed records of what went to or came from its GLNs',
    permission: 'partner.exchange',
    byPartner: true,
    query: transactionQuery,
    alsoGives: ['application/jose'],
    answers: { 200: null },
  },
  label: {
    method: 'get',
    path: '/products/:gtin/label',
    summary: 'What the label of a product says, for transaction information',
    permission: 'records.read',
    answers: { 200: label.register(named, { id: 'ProductLabel' }) },
  },
  putLabel: {
    method: 'put',
    path: '/products/:gtin/label',
    summary: 'Say what the label of a product says',
    permission: 'product.register',
    body: z.strictObject({
      ndc: given('National Drug Code, such as 0143-9296-01'),
      strength: given('such as 500 mg'),
      dosageForm: given('such as TABLET, FILM COATED'),
      containerSize: given('such as 30 tablets'),
    }),
    answers: { 200: label },
  },
} as const satisfies Operations;
