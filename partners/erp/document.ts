import { createHash } from 'node:crypto';
import { z } from 'zod';
import { gtin14 } from '../../codecs/epc/index.ts';
import { InputError, parseTimestamp, textFault } from '../../domain/index.ts';

export const DOCUMENT_KINDS = ['delivery', 'order', 'product', 'stock'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** How much of what, in single packs. */
export interface DocumentLine {
  /** GTIN-14. */
  readonly gtin: string;
  readonly lot: string | null;
  readonly quantity: number;
  /** SSCC, 18 digits. */
  readonly sscc: string | null;
  readonly order: string | null;
}

/** What a mapping makes of a file: one document of a system. */
export interface SystemDocument {
  readonly kind: DocumentKind;
  readonly number: string;
  /** Its revision, or when it was changed there, epoch ms; null: it says neither. */
  readonly rank: number | null;
  /** Of a delivery the notice, of a product what is registered; null of the others. What is in it is checked by who takes it. */
  readonly body: Readonly<Record<string, unknown>> | null;
  /** Site that an order is for, or a stock is at. */
  readonly place: string | null;
  readonly lines: readonly DocumentLine[];
  /** As the mapping made it. */
  readonly said: unknown;
  /** Equal for two that say the same, whatever their revision. */
  readonly hash: string;
}

/** What single packs are called: UN/ECE Recommendation 20, X12 element 355, SAP. */
const EACH = ['each', 'EA', 'PCE', 'PCS', 'ST', 'STK', 'H87', 'C62', 'NMP', 'PK'];
const MOST_LINES = 50_000;

const text = (max: number) =>
  z
    .string('a text')
    .trim()
    .min(1, 'a text')
    .superRefine((given, context) => {
      const fault = textFault(given, { max });
      if (fault !== null) context.addIssue(fault);
    });
const number = z.union([text(80), z.number().int().transform(String)], 'a number of the document').pipe(text(80));
const whole = (least: number) =>
  z.union(
    [
      z.number().int().min(least).max(1e9),
      z
        .string()
        .regex(/^\d{1,9}(?:\.0+)?$/)
        .transform(Number)
        .pipe(z.number().min(least)),
    ],
    `a whole number, ${least} or more`,
  );
const gtin = z.union([z.string(), z.number().int().transform(String)], 'a GTIN').transform((given, context) => {
  try {
    return gtin14(given);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    context.addIssue(`a GTIN of 8, 12, 13 or 14 digits with its check digit (${error.message})`);
    return z.NEVER;
  }
});
const sscc = z
  .string()
  .transform((given) => given.replace(/^\(?00\)?(?=\d{18}$)/, ''))
  .refine((given) => isSscc(given), 'an SSCC of 18 digits with its check digit');
const line = z
  .strictObject({
    gtin,
    lot: text(20).nullable().default(null),
    quantity: whole(0),
    unit: z.string().max(20).default('each'),
    each: whole(1).nullable().default(null),
    sscc: sscc.nullable().default(null),
    order: number.nullable().default(null),
  })
  .superRefine(({ unit, each }, context) => {
    if (each !== null || EACH.includes(unit)) return;
    const message = `each, how many packs one ${JSON.stringify(unit.slice(0, 20))} is, or a unit of ${EACH.join(', ')}`;
    context.addIssue({ code: 'custom', path: ['each'], message });
  });
const lines = z.array(line).max(MOST_LINES, `at most ${MOST_LINES} lines`);
const site = z
  .string('the id of a site, such as site:lyon')
  .regex(/^site:[A-Za-z0-9._/-]{1,120}$/, 'the id of a site, such as site:lyon');
const changed = z
  .string('an RFC 3339 time with zone')
  .refine((given) => parseTimestamp(given) !== null, 'an RFC 3339 time with zone, such as 2026-11-22T08:00:00Z');
const told = { number, revision: whole(0).optional(), changed: changed.optional() };
const anything = z.record(z.string(), z.unknown());

const schema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('delivery'), ...told, notice: anything, lines: lines.default([]) }),
    z.strictObject({ kind: z.literal('order'), ...told, place: site.nullable().default(null), lines }),
    z.strictObject({ kind: z.literal('product'), ...told, number: gtin, product: anything }),
    z.strictObject({ kind: z.literal('stock'), ...told, place: site, lines }),
  ],
  { error: `a kind, one of ${DOCUMENT_KINDS.join(', ')}` },
);

/**
 * Reads what a mapping made.
 * @param where of which document of the file, for messages
 * @throws {InputError} ERP_DOCUMENT_BAD: where, what was given, what is allowed
 */
export function readDocument(made: unknown, where: string): SystemDocument {
  const read = schema.safeParse(made);
  if (!read.success) {
    const [issue] = read.error.issues;
    const path =
      issue?.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('') ?? '';
    const allowed =
      issue?.code === 'unrecognized_keys' ? `no ${issue.keys.join(', ')}` : (issue?.message ?? 'a document');
    const given = JSON.stringify(valueAt(made, issue?.path ?? [])) ?? 'nothing';
    throw new InputError('ERP_DOCUMENT_BAD', `${where}${path}: ${given.slice(0, 100)} given; allowed: ${allowed}`);
  }
  const { data } = read;
  const { revision, changed: at, kind } = data;
  if (revision !== undefined && at !== undefined) {
    throw new InputError(
      'ERP_DOCUMENT_BAD',
      `${where}: revision and changed given; allowed: one of them, by which the later one is told`,
    );
  }
  const rank = revision ?? (at === undefined ? null : parseTimestamp(at));
  const { revision: _revision, changed: _changed, ...content } = made as Readonly<Record<string, unknown>>;
  return {
    ...{ kind, number: data.number, rank, said: made },
    body: 'notice' in data ? data.notice : 'product' in data ? data.product : null,
    place: 'place' in data ? data.place : null,
    lines:
      'lines' in data
        ? data.lines.map(({ unit: _, each, quantity, ...one }) => ({ ...one, quantity: quantity * (each ?? 1) }))
        : [],
    hash: createHash('sha256')
      .update(JSON.stringify(sorted(content)))
      .digest('base64url'),
  };
}

function isSscc(given: string): boolean {
  if (!/^\d{18}$/.test(given)) return false;
  const sum = Array.from(given.slice(0, 17)).reduce(
    (all, digit, index) => all + Number(digit) * (index % 2 === 0 ? 3 : 1),
    0,
  );
  return (10 - (sum % 10)) % 10 === Number(given.at(17));
}

function valueAt(made: unknown, path: readonly PropertyKey[]): unknown {
  let at = made;
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
  return at;
}

/** With its keys in order: a system may write them in another one each time. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => [key, sorted(one)]);
}
