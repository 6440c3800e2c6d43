import type pg from 'pg';
import type { Epc, EpcisCapture } from '../../domain/index.ts';
import {
  arrivingAt,
  type CapturedEvent,
  contentBefore,
  type Emptying,
  emptyingsAfter,
  epcisSource,
  epcsIn,
  keepCapture,
  presenceOf,
  waitingFor,
  withKnownNames,
} from '../epcis-in/index.ts';
import type { Registry } from '../passes/index.ts';
import { keepEventCounts } from '../reconciliation/index.ts';
import { keepSerialEvents, knowSerials } from '../serials/index.ts';
import { deriveShipment, keepShippingEvents, shippedWith, unnoticed } from '../shipments/index.ts';
import { applyStatements, type Statement } from '../statements/index.ts';
import { type BatchChanges, unitsIn } from './batch-changes.ts';
import type { ChangedIntervals } from './touched-devices.ts';

/**
 * EPCIS events of one batch: what they say of serials, shipments, containment and presence. What an event empties and what was
 * shipped follow from all other statements, so they are worked out when everything has been taken in.
 */
export class BatchEvents {
  readonly #client: pg.ClientBase;
  readonly #registry: Registry;
  readonly #changes: BatchChanges;
  /** Events that empty a unit, applied when all other statements are. */
  readonly #emptyings = new Map<string, Emptying>();

  constructor(given: { readonly client: pg.ClientBase; readonly registry: Registry; readonly changes: BatchChanges }) {
    this.#client = given.client;
    this.#registry = given.registry;
    this.#changes = given.changes;
  }

  async capture(
    capture: EpcisCapture,
    { position, arrival, by }: { readonly position: number; readonly arrival: number; readonly by: string },
  ): Promise<void> {
    const events = await keepCapture(this.#client, capture, { position, by });
    if (events.length === 0) return;
    const epcs = events.flatMap(({ event }) => epcsIn(event));
    await knowSerials(this.#client, epcs, position);
    await this.#applyEvents(await withKnownNames(this.#client, events), { at: arrival, by });
    await this.applyWaiting(epcs);
  }

  /** Events that named these things by Digital Link: their EPCs are known now. */
  async applyWaiting(epcs: readonly Epc[]): Promise<void> {
    for (const { events, received } of await waitingFor(this.#client, epcs)) {
      await this.#applyEvents(await withKnownNames(this.#client, events), received);
    }
  }

  async #applyEvents(
    events: readonly CapturedEvent[],
    received: { readonly at: number; readonly by: string },
  ): Promise<void> {
    const { told, renamed } = await keepSerialEvents(this.#client, events);
    for (const id of await shippedWith(this.#client, renamed)) this.#changes.derived.add(id);
    if (renamed.length > 0) await this.#changes.passes.holding(renamed);
    await keepEventCounts(this.#client, events, received.by);
    const shippedIds = await keepShippingEvents(this.#client, events, received);
    for (const id of shippedIds) this.#changes.derived.add(id);
    // What an event says of a shipment may not fit what its notice says.
    if (this.#registry.judges('badData')) {
      await this.#changes.passes.ofShipments(shippedIds, 'we heard of EPCIS events');
      if (told.length > 0) await this.#changes.passes.holding(told);
    }
    const sources = events.map(({ source }) => source);
    const reason = 'we heard of EPCIS events';
    const inside = events.flatMap(({ containment }) => containment);
    const changed = await applyStatements(this.#client, 'containment', sources, inside);
    await this.#changes.repacked([{ changed, reason }]);
    await this.#changes.moved(
      await applyStatements(this.#client, 'presence', sources, await presenceOf(this.#client, events)),
      reason,
    );
    for (const { source, empties, at, position } of events) {
      if (empties === null) this.#emptyings.delete(source);
      else this.#emptyings.set(source, { source, unit: empties, at, position });
    }
  }

  /**
   * What an emptying takes out follows from all other statements, so it comes last and in event time: each changes
   * only what comes after it.
   */
  async #emptyUnits(): Promise<void> {
    const waiting = this.#emptyings;
    const isContainment = ({ kind }: ChangedIntervals) => kind === 'containment';
    const changes = this.#changes.intervals.filter(isContainment).flatMap(({ changed }) => changed);
    for (const one of await emptyingsAfter(this.#client, changes)) waiting.set(one.source, one);
    while (waiting.size > 0) {
      const next = [...waiting.values()].reduce((first, one) => (one.at < first.at ? one : first));
      waiting.delete(next.source);
      const { source, unit, at, position } = next;
      const content = await contentBefore(this.#client, next);
      const statements = content.map((subject): Statement => ({ subject, value: null, from: at, position, source }));
      const changed = await applyStatements(this.#client, 'containment', [source], statements);
      if (changed.length === 0) continue;
      await this.#changes.repacked([{ changed, reason: `we heard that ${unit} was emptied` }]);
      for (const one of await emptyingsAfter(this.#client, changed)) if (one.at > at) waiting.set(one.source, one);
    }
  }

  async deriveUnnoticed(): Promise<void> {
    for (const id of await unnoticed(this.#client)) this.#changes.derived.add(id);
  }

  /** What was shipped follows from what was in what at that time, so it is worked out after all statements. */
  async #derive(): Promise<void> {
    const repacked = this.#changes.intervals
      .filter(({ kind }) => kind === 'containment')
      .flatMap(({ changed }) => changed);
    for (const id of await shippedWith(this.#client, unitsIn(repacked))) this.#changes.derived.add(id);
    for (const id of this.#changes.derived) {
      const epcs = await deriveShipment(this.#client, id);
      this.#changes.shipments.add(id);
      if (epcs.length === 0) continue;
      const reason = `we heard that ${id} was shipped`;
      await this.#changes.nameTags(epcs, reason);
      await this.#changes.recheckAffected([{ epcs, histories: [], from: Number.NEGATIVE_INFINITY, reason }]);
    }
  }

  /** When everything else has been taken in. */
  async settle(): Promise<void> {
    await this.#emptyUnits();
    await this.#derive();
  }

  /** Events that had named a place by a GLN of which we hear only now. */
  async arrivedAt(glns: readonly string[]): Promise<void> {
    const events = await withKnownNames(this.#client, await arrivingAt(this.#client, glns));
    const sources = events.map(({ position, index }) => epcisSource(position, index));
    const statements = await presenceOf(this.#client, events);
    await this.#changes.moved(
      await applyStatements(this.#client, 'presence', sources, statements),
      `we heard where ${glns.join(', ')} is`,
    );
  }
}
