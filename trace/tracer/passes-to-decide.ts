import type pg from 'pg';
import type { Epc, ReadGap, RuleVersion } from '../../domain/index.ts';
import {
  type ChangedStretch,
  joined,
  NEIGHBOUR_MS,
  type PassMemory,
  passesBetween,
  passesReadingAny,
  passIdsOverlapping,
  type Registry,
  type Stretch,
} from '../passes/index.ts';
import { affectedBy, type Change, passesHolding } from './affected.ts';

/** Which passes one batch has to decide again, each with why where it was not its own reads that changed. */
export class PassesToDecide {
  readonly #client: pg.ClientBase;
  readonly #registry: Registry;
  readonly #memory: PassMemory;
  readonly #reasons = new Map<number, string | undefined>();

  constructor(given: { readonly client: pg.ClientBase; readonly registry: Registry; readonly memory: PassMemory }) {
    this.#client = given.client;
    this.#registry = given.registry;
    this.#memory = given.memory;
  }

  get ids(): readonly number[] {
    return [...this.#reasons.keys()];
  }

  /** For a person; undefined where its own reads changed, or it is not to be decided. */
  reasonOf(id: number): string | undefined {
    return this.#reasons.get(id);
  }

  /** The first reason stays. */
  add(id: number, reason?: string): void {
    if (this.#reasons.get(id) === undefined) this.#reasons.set(id, reason);
  }

  /** The pass is no more. */
  drop(id: number): void {
    this.#reasons.delete(id);
  }

  async ofShipments(shipments: readonly string[], reason: string): Promise<void> {
    const { rows } = await this.#client.query<{ id: number }>(
      `SELECT DISTINCT m.pass AS id FROM shipment_units u JOIN pass_units m ON m.unit = u.unit
       WHERE u.shipment = ANY($1::text[])`,
      [shipments],
    );
    for (const { id } of rows) this.add(id, reason);
  }

  /** Passes that carried these serials, themselves or in a unit: whether they may move on is another now. */
  async holding(serials: readonly Epc[], reason = 'we heard what became of its serials'): Promise<void> {
    for (const id of await passesHolding(this.#client, serials)) this.add(id, reason);
  }

  /** @returns shipments that list what changed */
  async affectedBy(changes: readonly (Change & { readonly reason: string })[]): Promise<readonly string[]> {
    const { passes, shipments } = await affectedBy(this.#client, changes);
    for (const { id, change } of passes) this.add(id, changes[change]?.reason);
    return shipments;
  }

  /** Its hours are others now. */
  async atSite(site: string): Promise<void> {
    const portals = [...this.#registry.portals.values()].filter((portal) => portal.site === site).map(({ id }) => id);
    const { rows } = await this.#client.query<{ id: number }>('SELECT id FROM passes WHERE portal = ANY($1::text[])', [
      portals,
    ]);
    for (const { id } of rows) this.add(id, `the clocks of ${site} were changed`);
  }

  /** Those that a version of a rule holds for. */
  async since({ effectiveFrom, rule }: RuleVersion): Promise<void> {
    const { rows } = await this.#client.query<{ id: number }>(
      'SELECT id FROM passes WHERE since >= $1::double precision',
      [effectiveFrom ?? Number.NEGATIVE_INFINITY],
    );
    for (const { id } of rows) this.add(id, `rule ${rule.id} was changed`);
  }

  /** In these stretches reads are known to be missing. */
  async during(gaps: readonly ReadGap[]): Promise<void> {
    for (const { reader, from, to } of gaps) {
      const portals = this.#registry.portalsOf(reader).map(({ id }) => id);
      for (const id of await passIdsOverlapping(this.#client, portals, from, to)) this.add(id);
    }
  }

  /**
   * Passes at the site's doors around these stretches that read any of what changed there, or what was in one unit with it: where it
   * went through may be decided anew. What memory knows of goods must be up to date.
   */
  async near(changed: readonly ChangedStretch[]): Promise<void> {
    const around = changed.map((one) => ({ ...one, from: one.from - NEIGHBOUR_MS, to: one.to + NEIGHBOUR_MS }));
    for (const atSite of Map.groupBy(around, ({ portal }) => portal.site).values()) {
      for (const { from, to, of } of joined(atSite)) await this.#nearTogether({ from, to }, of);
    }
  }

  async #nearTogether(stretch: Stretch, changed: readonly ChangedStretch[]): Promise<void> {
    const [first] = changed;
    if (first === undefined) return;
    const doors = [first.portal, ...this.#registry.neighboursOf(first.portal)];
    const near = await passesBetween(this.#client, doors, stretch);
    const others = near.map(({ id }) => id).filter((id) => !this.#reasons.has(id));
    if (others.length === 0) return;
    const epcs = new Set(changed.flatMap((one) => [...one.epcs]));
    // Of each of them what held when it began.
    const began = { from: stretch.from - Math.max(...doors.map(({ capMs }) => capMs)), to: stretch.to };
    const { goods, recent } = this.#memory;
    await goods.learnPacking(this.#client, epcs, began);
    const related = await passesReadingAny(this.#client, recent, others, goods.relatives(epcs, began));
    for (const id of related) this.add(id);
  }
}
