import { z } from 'zod';
import { PROFILES } from '../../domain/index.ts';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { durationFault, MKT_WINDOW_MS, MOST_BUDGET_MS, THERMAL_MASS_MS } from './plausible.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { durationIn } from './time.ts';

const master = z.object({
  gtin: z.string().describe('GTIN-14'),
  name: z.string(),
  profile: z.string().nullable(),
  stability: z.object({ budget: z.string().nullable(), mktWindow: z.string().nullable() }),
  thermalMass: z.string().optional().describe('Time constant with which it follows the air; absent: not said'),
  valueClass: z.number().int().optional().describe('What a pack is worth, from 1 (least) to 5; absent: not said'),
});

export const product = master
  .extend({
    /** Lots that its serials are known by. */
    lots: z.array(z.object({ lot: z.string(), expiry: z.string().nullable(), serials: z.number().int() })),
  })
  .register(named, { id: 'Product' });
export type ProductView = z.output<typeof product>;
export const productList = listOf(master).register(named, { id: 'ProductList' });

const profileId = z
  .string()
  .refine(
    (id) => PROFILES.some((known) => known.id === id),
    `expected one of ${PROFILES.map(({ id }) => id).join(', ')}`,
  );

/** The body of `PUT /products/{gtin}`. */
export const productInput = z.strictObject({
  name: line(200).trim().min(1),
  profile: profileId.nullable().default(null),
  /** `budget`: time out of range it stands over its life; `mktWindow`: over which its MKT is taken. */
  stability: z
    .strictObject({ budget: durationIn.optional(), mktWindow: durationIn.optional() })
    .superRefine(({ budget, mktWindow }, context) => {
      const fault = (member: string, message: string | null) =>
        message === null ? undefined : context.addIssue({ code: 'custom', path: [member], message });
      fault('budget', durationFault(budget, 0, MOST_BUDGET_MS));
      fault('mktWindow', durationFault(mktWindow, MKT_WINDOW_MS.least, MKT_WINDOW_MS.most));
    })
    .default({}),
  thermalMass: durationIn
    .nullable()
    .default(null)
    .superRefine((ms, context) => {
      const message = durationFault(ms ?? undefined, THERMAL_MASS_MS.least, THERMAL_MASS_MS.most);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .describe('Time constant with which it follows the air, such as 45m'),
  valueClass: z
    .number()
    .int()
    .min(1, 'expected 1 (least) to 5')
    .max(5, 'expected 1 (least) to 5')
    .nullable()
    .default(null)
    .describe('What a pack is worth'),
});

/** What a file of products brought, or would. */
export const productImport = z
  .object({
    added: z.number().int(),
    changed: z.number().int(),
    same: z.number().int().describe('registered just so already; nothing is written'),
  })
  .register(named, { id: 'ProductImport' });
export type ProductImport = z.output<typeof productImport>;
export const productImportQuery = z.object({ dryRun: z.enum(['true', 'false']).optional() });

export const productOperations = {
  list: {
    method: 'get',
    path: '/products',
    summary: 'Products',
    permission: 'records.read',
    bySite: true,
    query: pageQuery,
    answers: { 200: productList },
  },
  get: {
    method: 'get',
    path: '/products/:gtin',
    summary: 'A product with its lots',
    permission: 'records.read',
    bySite: true,
    answers: { 200: product },
  },
  put: {
    method: 'put',
    path: '/products/:gtin',
    summary: 'Register or change a product',
    permission: 'product.register',
    body: productInput,
    answers: { 200: product, 202: null },
  },
  import: {
    method: 'post',
    path: '/products',
    summary: 'Register or change products by CSV, all of them or none; ?dryRun=true says what would change',
    permission: 'product.register',
    query: productImportQuery,
    body: z.string(),
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: ['text/csv'],
    answers: { 200: productImport, 202: null },
  },
} as const satisfies Operations;
