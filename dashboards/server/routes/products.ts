import { Router } from 'express';
import { gtin14 } from '../../../codecs/epc/index.ts';
import { formatDuration, InputError, type ProductMaster } from '../../../domain/index.ts';
import { type ProductView, pageQuery, productInput } from '../../api/index.ts';
import { allow, identityOf } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import { receivedFrom } from '../received.ts';
import type { Services } from '../services.ts';

/** What products are called, under which conditions they are kept, and what they stand. */
export function productRoutes({ accounts, factCommands, trace }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');

  router.get('/products', anyone, async (request, response) => {
    const page = await trace.products(parsed(pageQuery, request.query, 'QUERY_INVALID'));
    response.json({ items: page.items.map(masterView), nextCursor: page.nextCursor });
  });

  router.get('/products/:gtin', anyone, async (request, response) => {
    response.json(await detail(gtin14(parameter(request, 'gtin'))));
  });

  router.put('/products/:gtin', allow(accounts, 'product.register'), async (request, response) => {
    const gtin = gtin14(parameter(request, 'gtin'));
    const { name, profile, stability } = parsed(productInput, request.body, 'BODY_INVALID');
    const { budget = null, mktWindow = null } = stability;
    const product: ProductMaster = { gtin, name, profile, stability: { budgetMs: budget, mktWindowMs: mktWindow } };
    const isApplied = await factCommands.record(
      [{ type: 'product', product, by: identityOf(request).name }],
      receivedFrom(request),
    );
    if (isApplied) response.json(await detail(gtin));
    else response.status(202).location(`/api/v1/products/${gtin}`).end();
  });

  async function detail(gtin: string): Promise<ProductView> {
    const record = await trace.product(gtin);
    if (record === null) throw new InputError('PRODUCT_UNKNOWN', `there is no product ${gtin}`, { gtin });
    return { ...masterView(record), lots: record.lots.map((lot) => ({ ...lot })) };
  }

  return router;
}

function masterView({ gtin, name, profile, stability }: ProductMaster): Omit<ProductView, 'lots'> {
  const text = (ms: number | null) => (ms === null ? null : formatDuration(ms));
  return {
    ...{ gtin, name, profile },
    stability: { budget: text(stability.budgetMs), mktWindow: text(stability.mktWindowMs) },
  };
}
