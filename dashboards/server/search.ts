import type { AlertService } from '../../alerts/index.ts';
import { InputError, type SeenFrom } from '../../domain/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import type { FoundView } from '../api/index.ts';
import type { AlertViews } from './alert-views.ts';
import { type Directory, placeRef, type Registered } from './directory.ts';
import { isPortalSeen } from './portal-views.ts';

export interface SearchOptions {
  readonly alertService: AlertService;
  readonly alertViews: AlertViews;
  readonly directory: Directory;
  readonly trace: TraceQueries;
  /** The places that are seen. */
  readonly seenFrom: SeenFrom;
}

/** Of each kind: who finds more than these says more of the name. */
const MOST = 10;

/** Finds what has a name, whatever the name is one of. */
export class Search {
  readonly #options: SearchOptions;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** By kind, what begins with the text before what holds it elsewhere. @param text trimmed, not empty */
  async find(text: string): Promise<FoundView[]> {
    const { directory, trace } = this.#options;
    const [everything, goods, alerts] = await Promise.all([
      directory.registered(),
      trace.search(text, MOST),
      this.#alerts(text),
    ]);
    const registered = await this.#seen(everything, text.toLowerCase());
    const nameOf = (gtin: string) => goods.products.find((product) => product.gtin === gtin)?.name ?? null;
    return [
      ...goods.shipments.map(({ id, state }) => found('shipment', id, id, state)),
      ...goods.units.map(({ epc, sscc, shipment }) =>
        found('unit', epc, printed(sscc) ?? epc, shipment === null ? null : `shipment ${shipment}`),
      ),
      ...goods.serials.map(({ epc, gtin, serial, lot }) => ({
        ...found('serial', epc, serial, `GTIN ${gtin}${lot === null ? '' : `, lot ${lot}`}`),
        gtin,
      })),
      ...goods.lots.map(({ lot, gtin }) => ({ ...found('lot', lot, lot, nameOf(gtin) ?? `GTIN ${gtin}`), gtin })),
      ...goods.products.map(({ gtin, name }) => ({ ...found('product', gtin, name ?? gtin, `GTIN ${gtin}`), gtin })),
      ...registeredNamed(registered, text.toLowerCase()),
      ...alerts,
    ];
  }

  /** Without what is not seen: devices of that name are asked about, which are few. */
  async #seen(registered: Registered, folded: string): Promise<Registered> {
    const { seenFrom, trace } = this.#options;
    if (seenFrom === null) return registered;
    const named = [...registered.devices.values()].filter(({ id, name = '' }) =>
      [id, name].some((one) => one.toLowerCase().includes(folded)),
    );
    const seen = await trace.seenDevices(named.map(({ id }) => id));
    return {
      ...registered,
      devices: new Map(named.filter(({ id }) => seen.has(id)).map((device) => [device.id, device])),
      portals: new Map([...registered.portals].filter(([, portal]) => isPortalSeen(portal, seenFrom))),
      places: new Map([...registered.places].filter(([id]) => seenFrom.includes(id))),
    };
  }

  async #alerts(text: string): Promise<FoundView[]> {
    try {
      const { alertService, alertViews } = this.#options;
      // As it is shown: without shipments that are not seen.
      const views = await alertViews.list([await alertService.get(text)]);
      return views.map(({ id, summary, state }) => found('alert', id, summary, state));
    } catch (error) {
      if (error instanceof InputError) return [];
      throw error;
    }
  }
}

function registeredNamed(registered: Registered, folded: string): FoundView[] {
  const { devices, portals, places } = registered;
  const site = (id: string | undefined) => (id === undefined ? null : placeRef(registered, id).name);
  return [
    ...named(devices.values(), folded).map(({ id, name, context }) =>
      found('device', id, name ?? id, site(context.site)),
    ),
    ...named(portals.values(), folded).map(({ id, name, site: at }) => found('portal', id, name, site(at))),
    ...named(places.values(), folded).map(({ id, name, kind }) => found('place', id, name, kind)),
  ];
}

/** Those whose id or name begins with the text, then those that hold it. */
function named<T extends { readonly id: string; readonly name?: string }>(all: Iterable<T>, folded: string): T[] {
  const found: { readonly one: T; readonly at: number }[] = [];
  for (const one of all) {
    const at = Math.min(placeIn(one.id, folded), placeIn(one.name ?? '', folded));
    if (at !== Number.POSITIVE_INFINITY) found.push({ one, at });
  }
  return found
    .sort((a, b) => a.at - b.at || (a.one.id < b.one.id ? -1 : 1))
    .slice(0, MOST)
    .map(({ one }) => one);
}

function placeIn(text: string, folded: string): number {
  const at = text.toLowerCase().indexOf(folded);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

function printed(sscc: string | null): string | null {
  return sscc === null ? null : `(00) ${sscc}`;
}

function found(kind: FoundView['kind'], id: string, name: string, about: string | null): FoundView {
  return { kind, id, name, about, gtin: null };
}
