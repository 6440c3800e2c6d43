import { gtin14 } from '../../../codecs/epc/index.ts';
import { formatDuration, InputError, PLACE_ID, parseDuration } from '../../../domain/index.ts';
import { checkPack, classOfAnswer, type Market, type MarketCheck, periodOf } from '../../../partners/index.ts';
import { type MarketCheckView, type MarketView, marketOperations } from '../../api/index.ts';
import { ok, SENT } from '../answer.ts';
import { mount } from '../mount.ts';
import { classedView } from '../national-answer-view.ts';
import { pageById } from '../paging.ts';
import type { Services } from '../services.ts';

/** What the laws of markets ask of medicines, and what follows of it for a pack. */
export function marketRoutes(services: Services) {
  const {
    at,
    directory,
    marketAssignments,
    marketWatch,
    markets,
    productLabels,
    readinessRecords,
    retention,
    time,
    trace,
  } = services;

  /** Where a market holds, by name. */
  const standing = async (id: string) => {
    const market = markets.get(id);
    const held = (await marketAssignments.all()).filter((one) => one.market === id);
    const ofKind = (kind: string) =>
      held.flatMap(({ subject, from, to }) =>
        subject.startsWith(kind) ? [{ id: subject.slice(kind.length), from, to }] : [],
      );
    const gtins = ofKind('product:').map((one) => one.id);
    const [registered, products, labels, { records, ofMarket }, { looked, isMore, found }] = await Promise.all([
      directory.registered(),
      trace.productsOf(gtins),
      productLabels.of(gtins),
      retention.view(),
      marketWatch.lacking(id, time.now() - LATELY_MS, MOST_SHIPMENTS),
    ]);
    const names = new Map(products.map(({ gtin, name }) => [gtin, name]));
    const asked = periodOf(market, 'records kept');
    return {
      ...{ market: id, day: dayOf(time.now()) },
      sites: ofKind('site:').map(({ id: site, ...days }) => ({
        ...{ id: `site:${site}`, name: registered.places.get(`site:${site}`)?.name ?? site, ...days },
      })),
      products: ofKind('product:').map(({ id: gtin, ...days }) => ({
        ...{ gtin, name: names.get(gtin) ?? null, ...days },
        lacks: market.transaction === null ? [] : LABEL.filter((field) => (labels.get(gtin)?.[field] ?? null) === null),
      })),
      shipments: {
        ...{ looked, isMore },
        lacking: found.map(({ shipment, checks }) => ({ shipment, checks: checks.map(checkView) })),
      },
      recordsKept: {
        asked: asked === null ? null : formatDuration(asked),
        kept: longer(records, ofMarket?.records ?? records),
      },
    };
  };

  return [
    mount(marketOperations.standing, async ({ parameters: { id } }) => ok(await standing(id))),

    mount(marketOperations.readiness, async ({ parameters: { id }, query, response }) => {
      const view = await readinessRecords.view(id, query);
      if (query.as === 'json') return ok(view);
      const type = query.as === 'csv' ? 'text/csv' : 'application/pdf';
      response.attachment(`readiness-${id}.${query.as}`).type(type);
      response.end(query.as === 'csv' ? readinessRecords.csv(view) : await readinessRecords.pdf(view));
      return SENT;
    }),

    mount(marketOperations.assignments, async ({ query: { subject, ...query } }) => {
      const kept = await (subject === undefined ? marketAssignments.all() : marketAssignments.of([subject]));
      const { items, nextCursor } = pageById(
        kept.map((one) => ({ id: `${one.subject} ${one.market} ${one.from}`, one })),
        ({ id }) => id,
        query,
      );
      return ok({ items: items.map(({ one }) => one), nextCursor });
    }),

    mount(marketOperations.assign, async ({ parameters, body, origination }) => {
      const subject = await subjectOf(parameters.subject);
      await marketAssignments.put(subject, body.markets, origination);
      return ok({ markets: body.markets });
    }),

    mount(marketOperations.ofShipment, async ({ parameters: { id }, seenFrom }) => {
      const isSeen = (await at(seenFrom).trace.seenShipments([id])).has(id);
      const checks = isSeen ? await marketWatch.ofShipment(id) : null;
      if (checks === null) throw shipmentUnknown(id);
      return ok({ checks: checks.map(checkView) });
    }),

    mount(marketOperations.list, async ({ query }) => {
      const { items, nextCursor } = pageById(markets.list(), ({ id }) => id, query);
      return ok({ items: items.map(viewOf), nextCursor });
    }),

    mount(marketOperations.get, async ({ parameters: { id } }) => ok(viewOf(markets.get(id)))),

    mount(marketOperations.pack, async ({ parameters: { id }, query: { code, day } }) => {
      const on = day ?? dayOf(time.now());
      const { missing, toLookAt, isAsked } = checkPack(markets.get(id), code, on);
      return ok({ day: on, isAsked, missing: [...missing], toLookAt: [...toLookAt] });
    }),

    mount(marketOperations.answer, async ({ parameters: { id }, query }) => {
      const { code, decommissionedAt = null } = query;
      const sent = words(query.sentSerial, query.sentLot, query.sentExpiry);
      const printed = words(query.printedSerial, query.printedLot, query.printedExpiry);
      const found = classOfAnswer(markets.get(id), { code, sent, printed, decommissionedAt }, time.now());
      return ok(classedView(found));
    }),
  ];

  /** @throws {InputError} MARKET_SUBJECT_BAD, PRODUCT_UNKNOWN, PLACE_UNKNOWN, SHIPMENT_UNKNOWN */
  async function subjectOf(given: string): Promise<`${string}:${string}`> {
    const [kind = '', id = ''] = [given.slice(0, given.indexOf(':')), given.slice(given.indexOf(':') + 1)];
    if (kind === 'site' && PLACE_ID.test(given)) {
      if ((await directory.registered()).places.has(given)) return `site:${id}`;
      throw new InputError('PLACE_UNKNOWN', `there is no place ${given}`, { place: given });
    }
    if (kind === 'product') {
      const gtin = gtin14(id);
      if ((await trace.productsOf([gtin])).length > 0) return `product:${gtin}`;
      throw new InputError('PRODUCT_UNKNOWN', `there is no product ${gtin}`, { gtin });
    }
    if (kind === 'shipment') {
      if ((await marketWatch.ofShipment(id)) !== null) return `shipment:${id}`;
      throw shipmentUnknown(id);
    }
    const message = `expected site:…, product:GTIN or shipment:…, not ${given.slice(0, 60)}`;
    throw new InputError('MARKET_SUBJECT_BAD', message, { subject: given });
  }
}

const LABEL = ['ndc', 'strength', 'dosageForm', 'containerSize'] as const;
/** How far back a market's standing looks at shipments, ms, and at how many. */
const LATELY_MS = 30 * 86_400_000;
const MOST_SHIPMENTS = 100;

function shipmentUnknown(id: string): InputError {
  return new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id.slice(0, 200)}`, { shipment: id });
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function longer(one: string, other: string): string {
  return (parseDuration(one) ?? 0) >= (parseDuration(other) ?? 0) ? one : other;
}

function checkView({ market, missing, toLookAt, transaction, elsewhere, ...check }: MarketCheck): MarketCheckView {
  return {
    ...{ ...check, market: market.id, marketName: market.name, version: market.version },
    missing: missing.map(({ examples, ...gap }) => ({ ...gap, examples: [...examples] })),
    ...{ toLookAt: [...toLookAt], transaction: [...transaction], elsewhere: elsewhere.map((one) => ({ ...one })) },
  };
}

function words(serial: string | undefined, lot: string | undefined, expiry: string | undefined) {
  return { serial: serial ?? null, lot: lot ?? null, expiry: expiry ?? null };
}

function viewOf(market: Market): MarketView {
  return market;
}
