import { isDeepStrictEqual } from 'node:util';
import { gtin14 } from '../../../codecs/epc/index.ts';
import { formatDuration, InputError, type ProductMaster, type SeenFrom } from '../../../domain/index.ts';
import { type ProductView, productOperations } from '../../api/index.ts';
import { accepted, ok } from '../answer.ts';
import { textOf } from '../body.ts';
import { mount } from '../mount.ts';
import { parseProductCsv, productMasterOf } from '../product-csv.ts';
import type { Services } from '../services.ts';

/** What products are called, under which conditions they are kept, and what they stand. */
export function productRoutes({ at, factCommands, trace }: Services) {
  return [
    mount(productOperations.list, async ({ query }) => {
      const page = await trace.products(query);
      return ok({ items: page.items.map(masterView), nextCursor: page.nextCursor });
    }),

    mount(productOperations.get, async ({ parameters, seenFrom }) =>
      ok(await detail(gtin14(parameters.gtin), seenFrom)),
    ),

    mount(productOperations.put, async ({ parameters, identity, body, received }) => {
      const gtin = gtin14(parameters.gtin);
      const product = productMasterOf({ ...body, gtin });
      const isApplied = await factCommands.record([{ type: 'product', product, by: identity.name }], received);
      return isApplied ? ok(await detail(gtin, null)) : accepted(`/api/v1/products/${gtin}`);
    }),

    mount(productOperations.import, async ({ query, request, identity, body, received }) => {
      const rows = parseProductCsv(textOf(body, request.headers['content-type']));
      const given = rows.map(productMasterOf);
      const known = new Map((await trace.productsOf(given.map(({ gtin }) => gtin))).map((one) => [one.gtin, one]));
      const fresh = given.filter(({ gtin }) => !known.has(gtin));
      const changed = given.filter((one) => known.has(one.gtin) && !isDeepStrictEqual(known.get(one.gtin), one));
      const facts = [...fresh, ...changed].map((product) => ({ type: 'product' as const, product, by: identity.name }));
      const counts = { added: fresh.length, changed: changed.length };
      const answer = ok({ ...counts, same: given.length - fresh.length - changed.length });
      if (query.dryRun === 'true' || facts.length === 0) return answer;
      return (await factCommands.record(facts, received)) ? answer : accepted('/api/v1/products');
    }),
  ];

  async function detail(gtin: string, seenFrom: SeenFrom): Promise<ProductView> {
    const record = await at(seenFrom).trace.product(gtin);
    if (record === null) throw new InputError('PRODUCT_UNKNOWN', `there is no product ${gtin}`, { gtin });
    return { ...masterView(record), lots: record.lots.map((lot) => ({ ...lot })) };
  }
}

function masterView(product: ProductMaster): Omit<ProductView, 'lots'> {
  const { gtin, name, profile, stability, valueClass, thermalMassMs } = product;
  const text = (ms: number | null) => (ms === null ? null : formatDuration(ms));
  return {
    ...{ gtin, name, profile },
    stability: { budget: text(stability.budgetMs), mktWindow: text(stability.mktWindowMs) },
    ...(valueClass != null && { valueClass }),
    ...(thermalMassMs != null && { thermalMass: formatDuration(thermalMassMs) }),
  };
}
