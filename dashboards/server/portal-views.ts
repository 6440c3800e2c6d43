import { formatDuration, InputError, type Portal, type TimeSource } from '../../domain/index.ts';
import type { PassRecord, TraceQueries } from '../../trace/index.ts';
import { formatTime, type PageQuery, type PassDetail, type PassView, type PortalView } from '../api/index.ts';
import { type Directory, placeRef, type Registered } from './directory.ts';
import { pageById } from './paging.ts';

export interface PortalViewsOptions {
  readonly directory: Directory;
  readonly trace: TraceQueries;
  readonly time: TimeSource;
}

/** How far back gaps are shown: what moved through a door earlier is settled by other means. */
const GAPS_MS = 24 * 3_600_000;

export interface PassesQuery extends PageQuery {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Doors and what went through them, as dock staff see it. */
export class PortalViews {
  readonly #directory: Directory;
  readonly #trace: TraceQueries;
  readonly #time: TimeSource;

  constructor({ directory, trace, time }: PortalViewsOptions) {
    this.#directory = directory;
    this.#trace = trace;
    this.#time = time;
  }

  async list(query: PageQuery): Promise<{ items: PortalView[]; nextCursor: string | null }> {
    const registered = await this.#directory.registered();
    const page = pageById([...registered.portals.values()], ({ id }) => id, query);
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
    return { items: page.items.map(passView), nextCursor: page.nextCursor };
  }

  async passOrNull(id: string): Promise<PassView | null> {
    const pass = await this.#trace.pass(id);
    return pass === null ? null : passView(pass);
  }

  /** @throws {InputError} PASS_UNKNOWN */
  async passDetail(id: string): Promise<PassDetail> {
    const pass = await this.#trace.pass(id);
    if (pass === null) throw new InputError('PASS_UNKNOWN', `there is no pass ${id}`, { pass: id });
    return {
      ...passView(pass),
      directionReason: pass.directionReason,
      units: pass.units.map(({ epc, shipment, expected, seen }) => ({ epc, shipment, expected, seen })),
      expected: [...pass.expected],
      seen: [...pass.seen],
      missing: pass.missing.map((item) => ({ ...item })),
      unexpected: pass.unexpected.map((item) => ({ ...item })),
      strays: pass.strays.map((item) => ({ ...item })),
    };
  }

  async #portal(id: string): Promise<Portal> {
    const portal = (await this.#directory.registered()).portals.get(id);
    if (portal === undefined) throw new InputError('PORTAL_UNKNOWN', `there is no portal ${id}`, { portal: id });
    return portal;
  }

  async #view(portal: Portal, registered: Registered): Promise<PortalView> {
    const { items } = await this.#trace.passes(portal.id, { limit: 1 });
    const gaps = await this.#trace.gaps(portal, this.#time.now() - GAPS_MS);
    const [last] = items;
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
      lastPass: last === undefined ? null : passView(last),
      gaps: gaps.map((gap) => ({ ...gap, from: formatTime(gap.from), to: formatTime(gap.to) })),
    };
  }
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
  };
}
