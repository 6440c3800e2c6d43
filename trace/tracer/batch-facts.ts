import type pg from 'pg';
import {
  type CancellingFact,
  type ClosingFact,
  type Epc,
  isGoodsRule,
  type KeptFact,
  type Place,
  type Portal,
} from '../../domain/index.ts';
import { decided, noticePackings, packing } from '../epcis-out/index.ts';
import { keepPlace, keepPortal, type PassMemory, type Registry, writeWaiting } from '../passes/index.ts';
import { keepCount, keepDamage, keepSettlement } from '../reconciliation/index.ts';
import { keepDamaged, keepDecision, knowSerials } from '../serials/index.ts';
import { applyAsn, closeShipment, keepCancellation, keepProduct, shippedAtAll } from '../shipments/index.ts';
import { applyStatements, bySubject, type Statement } from '../statements/index.ts';
import { shipmentsListing, shipmentsOfUnits } from './affected.ts';
import { type BatchChanges, unitsIn } from './batch-changes.ts';
import type { BatchEvents } from './batch-events.ts';
import { applyPackings, type HeardPacking } from './packings.ts';

/** Facts of one batch, taken in one after another in the order of the log: what was known before, and what they change of it. */
export class BatchFacts {
  readonly #client: pg.ClientBase;
  readonly #registry: Registry;
  readonly #memory: PassMemory;
  readonly #changes: BatchChanges;
  readonly #events: BatchEvents;
  readonly #packings: HeardPacking[] = [];

  constructor(given: {
    readonly client: pg.ClientBase;
    readonly registry: Registry;
    readonly memory: PassMemory;
    readonly changes: BatchChanges;
    readonly events: BatchEvents;
  }) {
    this.#client = given.client;
    this.#registry = given.registry;
    this.#memory = given.memory;
    this.#changes = given.changes;
    this.#events = given.events;
  }

  async take(kept: KeptFact): Promise<void> {
    const { fact, position } = kept;
    this.#changes.position = position;
    if (fact.type !== 'packing') await this.pack();
    await this.#fact(kept);
    if (ABOUT_GOODS.has(fact.type)) this.#changes.goodsChanged();
  }

  async #fact({ position, arrival, fact }: KeptFact): Promise<void> {
    if (ABOUT_GOODS.has(fact.type)) this.#changes.goodsChanged();
    switch (fact.type) {
      case 'place':
        return this.#place(fact.place, position);
      case 'product':
        for (const id of await keepProduct(this.#client, fact.product, position)) this.#changes.carrying.add(id);
        return this.#events.deriveUnnoticed();
      case 'count':
        await keepCount(this.#client, fact.count, { position, by: fact.by });
        await this.#changes.passes.holding([fact.count.unit], 'its unit was counted');
        return this.#notifyShipmentsOf([fact.count.unit]);
      case 'settlement':
        if (fact.settlement.shipment !== null) this.#changes.shipments.add(fact.settlement.shipment);
        return keepSettlement(this.#client, fact.settlement, { position, by: fact.by });
      case 'damage': {
        const { damage, by } = fact;
        await keepDamage(this.#client, damage, { position, by });
        await knowSerials(this.#client, damage.epcs, position);
        for (const id of await shipmentsListing(this.#client, damage.epcs)) this.#changes.shipments.add(id);
        return this.#changes.passes.holding(await keepDamaged(this.#client, damage, position));
      }
      case 'closing':
        return this.#close(fact.closing, fact.by, position);
      case 'cancelling':
        return this.#cancel(fact.cancelling, fact.by, position);
      case 'portal':
        return this.#portal(fact.portal, position);
      case 'attachment': {
        const { device, subject, from } = fact.attachment;
        const source = `fact:${position}`;
        const statements: Statement = { subject: device, value: subject, from, position, source };
        const changed = await bySubject(
          this.#client,
          'attachments',
          await applyStatements(this.#client, 'attachments', [source], [statements]),
        );
        const what = subject === null ? 'was taken off' : `was attached to ${subject}`;
        this.#changes.intervals.push({ kind: 'attachment', changed, reason: `we heard that ${device} ${what}` });
        return;
      }
      case 'packing':
        this.#changes.publish(packing(fact.packing, position));
        this.#packings.push({ fact: fact.packing, position });
        return;
      case 'epcis':
        return this.#events.capture(fact.capture, { position, arrival, by: fact.by });
      case 'asn': {
        const { asn, by } = fact;
        const applied = await applyAsn(this.#client, asn, { position, arrival, by });
        const reason = `the notice of ${asn.id} arrived`;
        this.#changes.intervals.push({ kind: 'containment', changed: applied.containment, reason });
        this.#changes.intervals.push({ kind: 'attachment', changed: applied.attachments, reason });
        this.#changes.shipments.add(asn.id);
        // A notice that a later one has already replaced has no effect.
        if (applied.epcs.length > 0) this.#changes.publish(await noticePackings(this.#client, asn));
        this.#changes.derived.add(asn.id);
        await this.#changes.nameTags(applied.epcs, reason);
        await this.#events.applyWaiting(applied.epcs);
        const from = Number.NEGATIVE_INFINITY;
        const epcs = [...applied.epcs, ...unitsIn(applied.containment)];
        await this.#changes.recheckAffected([{ epcs, histories: [], from, reason }]);
        return;
      }
      case 'rule':
        // A later version may be of another kind.
        if (isGoodsRule(fact.version.rule) || fact.version.version > 1) this.#changes.goodsRule = fact.version.rule.id;
        if (this.#registry.addRule(fact.version)) await this.#changes.passes.since(fact.version);
        return;
      case 'decision': {
        const { decision } = fact;
        const changed = await keepDecision(this.#client, decision, position);
        if (changed === null) return;
        this.#changes.publish(decided(decision, position));
        for (const id of await shipmentsListing(this.#client, decision.epcs)) this.#changes.shipments.add(id);
        return this.#changes.passes.holding(changed);
      }
      case 'setAside': {
        const { device, from, to, isSetAside } = fact.setAside;
        const reason = isSetAside ? 'readings were set aside' : 'readings that were set aside count again';
        this.#changes.requalified.push({ device, from, to, reason });
        return;
      }
      case 'calibration': {
        const { device, effectiveFrom: from } = fact.calibration;
        this.#changes.requalified.push({ device, from, to: null, reason: 'the logger was calibrated' });
        return;
      }
      case 'device':
        // The registry of devices is storage's; nothing here follows from it.
        return;
      default:
        // A kind of fact that a newer version wrote: kept, and worked in by who knows it.
        fact satisfies never;
    }
  }

  /** Packings that wait to be worked in together: before anything that asks what is in what. */
  async pack(): Promise<void> {
    const heard = this.#packings.splice(0);
    if (heard.length === 0) return;
    await this.#changes.repacked(await applyPackings(this.#client, heard));
    this.#changes.goodsChanged();
  }

  async #notifyShipmentsOf(units: readonly Epc[]): Promise<void> {
    for (const id of await shipmentsOfUnits(this.#client, units)) this.#changes.shipments.add(id);
  }

  /** Events may have named it by its GLN before we knew it, or by one that it has no more. */
  async #place(place: Place, position: number): Promise<void> {
    const { glns, isZoneChanged } = await keepPlace(this.#client, place, position);
    if (isZoneChanged && this.#registry.judges('surge')) await this.#changes.passes.atSite(place.id);
    if (glns.length > 0 || place.gln !== undefined) await this.#events.deriveUnnoticed();
    if (glns.length === 0) return;
    if (this.#registry.judges('badData')) {
      await this.#changes.passes.ofShipments(await shippedAtAll(this.#client), `we heard where ${glns.join(', ')} is`);
    }
    await this.#events.arrivedAt(glns);
  }

  /** Nothing is expected of it any more: later passes may get another verdict. */
  async #close(closing: ClosingFact, by: string, position: number): Promise<void> {
    const epcs = await closeShipment(this.#client, closing, { by, position });
    if (epcs === null) return;
    const { shipment, at } = closing;
    this.#changes.shipments.add(shipment);
    await this.#changes.recheckAffected([{ epcs, histories: [], from: at, reason: `${shipment} was closed` }]);
  }

  async #cancel(cancelling: CancellingFact, by: string, position: number): Promise<void> {
    const epcs = await keepCancellation(this.#client, cancelling, { by, position });
    if (epcs === null) return;
    const { shipment, at, isCancelled } = cancelling;
    this.#changes.shipments.add(shipment);
    const reason = `${shipment} was ${isCancelled ? 'cancelled' : 'reinstated'}`;
    // Reinstated it is expected as if it had never been cancelled.
    const from = isCancelled ? at : Number.NEGATIVE_INFINITY;
    await this.#changes.recheckAffected([{ epcs, histories: [], from, reason }]);
  }

  async #portal(portal: Portal, position: number): Promise<void> {
    if (!(await keepPortal(this.#client, portal, position))) return;
    this.#registry.portals.set(portal.id, portal);
    await this.#changes.reform([{ portal }]);
    await writeWaiting(this.#client, this.#memory.recent);
    // Its site or its sides may be others now.
    const { rows } = await this.#client.query<{ id: number }>('SELECT id FROM passes WHERE portal = $1', [portal.id]);
    for (const { id } of rows) this.#changes.passes.add(id, `portal ${portal.id} was changed`);
  }
}

/** Facts that change what is known of goods: what is in what, which shipments list it, what stops it. */
const ABOUT_GOODS: ReadonlySet<KeptFact['fact']['type']> = new Set([
  ...(['asn', 'epcis', 'packing', 'decision', 'damage', 'closing', 'cancelling', 'product', 'place', 'count'] as const),
]);
