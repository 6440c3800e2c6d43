import { z } from 'zod';
import { PROFILES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { durationIn } from './time.ts';

const master = z.object({
  gtin: z.string().describe('GTIN-14'),
  name: z.string(),
  profile: z.string().nullable(),
  stability: z.object({ budget: z.string().nullable(), mktWindow: z.string().nullable() }),
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
  stability: z.strictObject({ budget: durationIn.optional(), mktWindow: durationIn.optional() }).default({}),
});

export const productOperations = {
  list: {
    method: 'get',
    path: '/products',
    summary: 'Products',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: productList },
  },
  get: {
    method: 'get',
    path: '/products/:gtin',
    summary: 'A product with its lots',
    permission: 'records.read',
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
} as const satisfies Operations;
