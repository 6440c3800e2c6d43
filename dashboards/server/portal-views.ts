import {
  formatDuration,
  InputError,
  type Portal,
  type SeenFrom,
  serverText,
  type TimeSource,
} from '../../domain/index.ts';
import type { PassRecord, PortalUsual, TraceQueries } from '../../trace/index.ts';
import {
  formatTime,
  type PageQuery,
  type PassDetail,
  type PassGoodsView,
  type PassView,
  type PortalUsualView,
  type PortalView,
  type UnsettledPassesView,
} from '../api/index.ts';
import { type Directory, placeRef, type Registered } from './directory.ts';
import { pageById } from './paging.ts';

export interface PortalViewsOptions {
  readonly directory: Directory;
  readonly trace: TraceQueries;
  /** The places whose doors are seen. */
  readonly seenFrom: SeenFrom;
  readonly time: TimeSource;
}

/** How far back gaps are shown: what moved through a door earlier is settled by other means. */
const GAPS_MS = 24 * 3_600_000;
/** A pallet has fewer kinds of goods; a lorry that is read as one may have more. */
const GOODS_SHOWN = 200;

export interface PassesQuery extends PageQuery {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Doors and what went through them, as dock staff see it. */
export class PortalViews {
  readonly #directory: Directory;
  readonly #trace: TraceQueries;
  readonly #time: TimeSource;
  readonly #seenFrom: SeenFrom;

  constructor({ directory, trace, time, seenFrom }: PortalViewsOptions) {
    this.#seenFrom = seenFrom;
    this.#directory = directory;
    this.#trace = trace;
    this.#time = time;
  }

  async list(query: PageQuery): Promise<{ items: PortalView[]; nextCursor: string | null }> {
    const registered = await this.#directory.registered();
    const seen = [...registered.portals.values()].filter((portal) => isPortalSeen(portal, this.#seenFrom));
    const page = pageById(seen, ({ id }) => id, query);
    return {
      items: await Promise.all(page.items.map((portal) => this.#view(portal, registered))),
      nextCursor: page.nextCursor,
    };
  }

  /** @throws {InputError} PORTAL_UNKNOWN */
  async detail(id: string): Promise<PortalView> {
    const registered = await this.#directory.registered();
    return this.#view(await this.#portal(id), registered);
  }

  async passes(portal: string, query: PassesQuery): Promise<{ items: PassView[]; nextCursor: string | null }> {
    await this.#portal(portal);
    const page = await this.#trace.passes(portal, query);
    return { items: await this.#passViews(page.items), nextCursor: page.nextCursor };
  }

  /** @throws {InputError} PORTAL_UNKNOWN */
  async unsettled(id: string): Promise<UnsettledPassesView> {
    await this.#portal(id);
    const found = await this.#trace.unsettledPasses(id, this.#time.now());
    const views = await this.#passViews(found.map(({ pass }) => pass));
    const items = found.flatMap(({ open, stops }, index) => {
      const pass = views[index];
      return pass === undefined ? [] : [{ pass, open, stops }];
    });
    return { items };
  }

  /** @throws {InputError} PORTAL_UNKNOWN */
  async usual(id: string): Promise<PortalUsualView> {
    const portal = await this.#portal(id);
    const { zone, hours, shares, stays, ways } = await this.#trace.portalUsual(portal, this.#time.now());
    const registered = await this.#directory.registered();
    const ref = (id: string) => placeRef(registered, id);
    return {
      ...{ portal: id, zone, hours: hours.map(({ from, tags }) => ({ from: formatTime(from), tags })) },
      readRates: shares.map(({ antenna, recent, usual }) => ({ antenna, recent, usual, text: usualText(usual) })),
      stays: stays.map(({ place, minutes }) => ({ place: ref(place), minutes, text: minutesText('stay', minutes) })),
      ways: ways.map(({ site, minutes }) => ({ from: ref(site), minutes, text: minutesText('way', minutes) })),
    };
  }

  async passOrNull(id: string): Promise<PassView | null> {
    const pass = await this.#trace.pass(id);
    if (pass === null || !(await this.#sees(pass))) return null;
    const [view] = await this.#passViews([pass]);
    return view ?? null;
  }

  /** @throws {InputError} PASS_UNKNOWN */
  async passDetail(id: string): Promise<PassDetail> {
    const pass = await this.#trace.pass(id);
    const [view] = pass === null || !(await this.#sees(pass)) ? [] : await this.#passViews([pass]);
    if (pass === null || view === undefined) {
      throw passUnknown(id);
    }
    const items = [...pass.missing, ...pass.unexpected, ...pass.strays];
    const shipments = [...items, ...pass.units].flatMap(({ shipment }) => (shipment === null ? [] : [shipment]));
    const seen = await this.#trace.seenShipments([...new Set(shipments)]);
    const named = <T extends { readonly shipment: string | null }>(item: T): T =>
      item.shipment === null || seen.has(item.shipment) ? { ...item } : { ...item, shipment: null };
    return {
      ...view,
      directionReason: pass.directionReason,
      units: pass.units.map(named).map(({ epc, shipment, expected, seen }) => ({ epc, shipment, expected, seen })),
      expected: [...pass.expected],
      seen: [...pass.seen],
      missing: pass.missing.map(named),
      unexpected: pass.unexpected.map(named),
      strays: pass.strays.map(named),
    };
  }

  /** @throws {InputError} PASS_UNKNOWN */
  async passGoods(id: string): Promise<PassGoodsView> {
    const pass = await this.#trace.pass(id);
    if (pass === null || !(await this.#sees(pass))) throw passUnknown(id);
    return {
      ...{ pass: pass.id, isProvisional: pass.isProvisional, counts: { ...pass.counts } },
      lines: pass.goods.slice(0, GOODS_SHOWN).map((line) => ({ ...line })),
      more: Math.max(0, pass.goods.length - GOODS_SHOWN),
    };
  }

  /** With the shipments among theirs that are seen. */
  async #passViews(passes: readonly PassRecord[]): Promise<PassView[]> {
    const seen = await this.#trace.seenShipments([...new Set(passes.flatMap(({ shipments }) => shipments))]);
    return passes.map((pass) => {
      const view = passView(pass);
      return { ...view, shipments: view.shipments.filter((id) => seen.has(id)) };
    });
  }

  async #sees({ portal: id }: PassRecord): Promise<boolean> {
    if (this.#seenFrom === null) return true;
    const portal = (await this.#directory.registered()).portals.get(id);
    return portal !== undefined && isPortalSeen(portal, this.#seenFrom);
  }

  async #portal(id: string): Promise<Portal> {
    const portal = (await this.#directory.registered()).portals.get(id);
    if (portal === undefined || !isPortalSeen(portal, this.#seenFrom))
      throw new InputError('PORTAL_UNKNOWN', `there is no portal ${id}`, { portal: id });
    return portal;
  }

  async #view(portal: Portal, registered: Registered): Promise<PortalView> {
    const { items } = await this.#trace.passes(portal.id, { limit: 1 });
    const gaps = await this.#trace.gaps(portal, this.#time.now() - GAPS_MS);
    const [last] = await this.#passViews(items);
    return {
      id: portal.id,
      name: portal.name,
      inside: placeRef(registered, portal.inside),
      outside: placeRef(registered, portal.outside),
      site: placeRef(registered, portal.site),
      antennas: portal.antennas.map((antenna) => ({ ...antenna })),
      triggers: [...portal.triggers],
      quiet: formatDuration(portal.quietMs),
      cap: formatDuration(portal.capMs),
      lastPass: last ?? null,
      gaps: gaps.map((gap) => ({ ...gap, from: formatTime(gap.from), to: formatTime(gap.to) })),
    };
  }
}

function passUnknown(id: string): InputError {
  return new InputError('PASS_UNKNOWN', `there is no pass ${id}`, { pass: id });
}

/** A door is seen from its site and from the places on both its sides. */
export function isPortalSeen({ site, inside, outside }: Portal, seenFrom: SeenFrom): boolean {
  return seenFrom === null || [site, inside, outside].some((place) => seenFrom.includes(place));
}

function clearanceView({ clearance }: PassRecord): PassView['clearance'] {
  if (clearance === null) return null;
  const { mayMoveOn, findings, at } = clearance;
  return { mayMoveOn, at: formatTime(at), findings: findings.map((one) => ({ ...one, epcs: [...one.epcs] })) };
}

function passView(pass: PassRecord): PassView {
  return {
    id: pass.id,
    portal: pass.portal,
    from: formatTime(pass.from),
    to: formatTime(pass.to),
    direction: pass.direction,
    verdict: pass.verdict,
    isProvisional: pass.isProvisional,
    counts: { ...pass.counts },
    reason: pass.reason,
    shipments: [...pass.shipments],
    blocked: (pass.blocked ?? []).map((one) => ({ ...one })),
    clearance: clearanceView(pass),
    shownLights: pass.shownLights.map((light) => ({ ...light, at: formatTime(light.at) })),
  };
}

/** As in the explanation of alerts: of fewer than five nobody is told what is usual. */
function minutesText(
  what: 'stay' | 'way',
  { observations, median, mad }: PortalUsual['stays'][number]['minutes'],
): string {
  if (median === null || observations < 5) return serverText('found.usual.unknown', { what, observations });
  const figures = { median: Math.round(median), mad: Math.round(mad ?? 0) };
  return serverText('found.usual.minutes', { what, observations, ...figures });
}

function usualText({ observations, median, mad }: PortalUsual['shares'][number]['usual']): string {
  if (median === null || observations < 20) return serverText('usual.unknown', { passes: observations });
  return serverText('usual.share', { median: Math.round(median), mad: Math.round(mad ?? 0), passes: observations });
}
