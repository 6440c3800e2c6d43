import { waitingCases } from '../../quality/index.ts';
import type { Database, Holds } from '../../storage/index.ts';
import type { ShipmentRecord, TraceQueries } from '../../trace/index.ts';
import type { Waiting } from '../api/index.ts';
import type { DifferenceCounts } from './difference-counts.ts';

export interface WaitingGoodsOptions {
  readonly database: Database;
  readonly holds: Holds;
  readonly trace: TraceQueries;
  readonly differenceCounts: DifferenceCounts;
}

/** Looks up what waits for a person on shipments, but for their alerts, which are known with the conditions. */
export class WaitingGoods {
  readonly #options: WaitingGoodsOptions;

  constructor(options: WaitingGoodsOptions) {
    this.#options = options;
  }

  /** @returns by shipment, the gravest first; without an entry nothing waits */
  async of(shipments: readonly ShipmentRecord[]): Promise<ReadonlyMap<string, readonly Waiting[]>> {
    const { database, differenceCounts, holds, trace } = this.#options;
    const ids = shipments.map(({ id }) => id);
    // Nothing can differ before it has left, and of what is closed nothing is expected.
    const moved = shipments.filter(({ state }) => state === 'in transit' || state === 'received').map(({ id }) => id);
    const [stopped, cases, standing, differences] = await Promise.all([
      trace.stoppedGoods(ids),
      waitingCases(database, ids),
      ids.length === 0 ? [] : holds.standing(),
      differenceCounts.of(moved),
    ]);
    const found = new Map<string, Waiting[]>();
    const add = (shipment: string, one: Omit<Waiting, 'case'> & { readonly case?: string }) => {
      const all = found.get(shipment);
      const whole = { case: null, ...one };
      if (all === undefined) found.set(shipment, [whole]);
      else all.push(whole);
    };
    for (const { shipment, status, serials } of stopped)
      if (status === 'recalled') add(shipment, { kind: 'recall', gravity: 'excursion', count: serials });
    for (const { shipment, serials, isCritical, case: id } of cases)
      add(shipment, { kind: 'case', gravity: isCritical ? 'excursion' : 'warning', count: serials, case: id });
    for (const [shipment, count] of differences)
      if (count > 0) add(shipment, { kind: 'difference', gravity: 'warning', count });
    const others = new Map<string, number>();
    for (const { shipment, status, serials } of stopped)
      if (status !== 'recalled') others.set(shipment, (others.get(shipment) ?? 0) + serials);
    for (const [shipment, count] of others) add(shipment, { kind: 'stopped', gravity: 'warning', count });
    const asked = new Set(ids);
    for (const { subject } of standing) {
      const shipment = subject.startsWith('shipment:') ? subject.slice('shipment:'.length) : '';
      if (asked.has(shipment)) add(shipment, { kind: 'hold', gravity: 'warning', count: 1 });
    }
    return found;
  }
}
