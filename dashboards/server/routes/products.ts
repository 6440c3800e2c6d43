import { gtin14 } from '../../../codecs/epc/index.ts';
import { formatDuration, InputError, type ProductMaster } from '../../../domain/index.ts';
import { type ProductView, productOperations } from '../../api/index.ts';
import { accepted, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** What products are called, under which conditions they are kept, and what they stand. */
export function productRoutes({ factCommands, trace }: Services) {
  return [
    mount(productOperations.list, async ({ query }) => {
      const page = await trace.products(query);
      return ok({ items: page.items.map(masterView), nextCursor: page.nextCursor });
    }),

    mount(productOperations.get, async ({ parameters }) => ok(await detail(gtin14(parameters.gtin)))),

    mount(productOperations.put, async ({ parameters, identity, body, received }) => {
      const gtin = gtin14(parameters.gtin);
      const { name, profile, stability } = body;
      const { budget = null, mktWindow = null } = stability;
      const product: ProductMaster = { gtin, name, profile, stability: { budgetMs: budget, mktWindowMs: mktWindow } };
      const isApplied = await factCommands.record([{ type: 'product', product, by: identity.name }], received);
      return isApplied ? ok(await detail(gtin)) : accepted(`/api/v1/products/${gtin}`);
    }),
  ];

  async function detail(gtin: string): Promise<ProductView> {
    const record = await trace.product(gtin);
    if (record === null) throw new InputError('PRODUCT_UNKNOWN', `there is no product ${gtin}`, { gtin });
    return { ...masterView(record), lots: record.lots.map((lot) => ({ ...lot })) };
  }
}

function masterView({ gtin, name, profile, stability }: ProductMaster): Omit<ProductView, 'lots'> {
  const text = (ms: number | null) => (ms === null ? null : formatDuration(ms));
  return {
    ...{ gtin, name, profile },
    stability: { budget: text(stability.budgetMs), mktWindow: text(stability.mktWindowMs) },
  };
}
