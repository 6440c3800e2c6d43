import type pg from 'pg';
import type { Epc, ExpectedShipment } from '../../domain/index.ts';
import { textArray } from '../../storage/index.ts';
import { STATUS_IN_FORCE } from '../serials/index.ts';
import { DEEPEST } from '../statements/index.ts';
import { RecentlyAsked } from './recently-asked.ts';
import type { Stretch } from './stretches.ts';

/** What something was in during [from, to). */
interface Packing {
  readonly other: Epc;
  readonly from: number;
  readonly to: number;
}

/** So much around what is asked is looked up with it: the next pass at the door asks for that, ms. */
const AROUND_MS = 600_000;
/** What is learned until what was not asked since is forgotten; a serial is counted up to five times. Some hundred megabytes at most. */
const MOST_NEW = 250_000;

/**
 * What facts say of EPCs: what each was in and which shipments list it, and what stops it. Looked up once and kept
 * while no fact may have changed it; who owns it forgets it then. The tables are the truth.
 */
export class KnownGoods {
  /** By child. */
  readonly #parents = new RecentlyAsked<Epc, readonly Packing[]>();
  /** By parent, as far as they overlap the stretch. */
  readonly #children = new RecentlyAsked<Epc, Stretch & { readonly packings: readonly Packing[] }>();
  readonly #listings = new RecentlyAsked<Epc, readonly ExpectedShipment[]>();
  /** Whether any event says something of a status. */
  readonly #hasEvents = new RecentlyAsked<Epc, boolean>();
  #learned = 0;
  #epoch = 0;

  /** Another one once {@link forget} was called: what was made of what is known here may be wrong then. */
  get epoch(): number {
    return this.#epoch;
  }

  forget(): void {
    this.#epoch++;
    for (const memory of this.#memories) memory.clear();
    this.#learned = 0;
  }

  get #memories() {
    return [this.#parents, this.#children, this.#listings, this.#hasEvents];
  }

  /** Before what is needed is looked for: what is asked from here on stays. */
  #age(): void {
    if (this.#learned < MOST_NEW) return;
    for (const memory of this.#memories) memory.age();
    this.#learned = 0;
  }

  /** Makes {@link ancestorsAt}, {@link contentsAt} and {@link relatives} of these EPCs known during a stretch. */
  async learnPacking(client: pg.ClientBase, epcs: Iterable<Epc>, stretch: Stretch): Promise<void> {
    this.#age();
    const all = new Set(epcs);
    for (let depth = 0, frontier = [...all]; depth < DEEPEST && frontier.length > 0; depth++) {
      await this.#learnParents(client, frontier);
      const parents = new Set<Epc>();
      for (const epc of frontier) {
        for (const { other } of during(this.#parents.get(epc) ?? [], stretch)) if (!all.has(other)) parents.add(other);
      }
      for (const epc of parents) all.add(epc);
      frontier = [...parents];
    }
    for (let depth = 0, frontier = [...all]; depth < DEEPEST && frontier.length > 0; depth++) {
      await this.#learnChildren(client, frontier, stretch);
      const children = new Set<Epc>();
      for (const epc of frontier) {
        for (const { other } of during(this.#children.get(epc)?.packings ?? [], stretch)) {
          if (!all.has(other)) children.add(other);
        }
      }
      for (const epc of children) all.add(epc);
      frontier = [...children];
    }
  }

  /** What it was in, innermost first. */
  ancestorsAt(epc: Epc, at: number): readonly Epc[] {
    const chain: Epc[] = [];
    for (let unit = this.#parentAt(epc, at); unit !== undefined; unit = this.#parentAt(unit, at)) {
      if (unit === epc || chain.includes(unit) || chain.length === DEEPEST) break;
      chain.push(unit);
    }
    return chain;
  }

  /** All that was in it, nested ones included, with what each directly was in. */
  contentsAt(unit: Epc, at: number): { readonly epc: Epc; readonly parent: Epc }[] {
    const contents: { epc: Epc; parent: Epc }[] = [];
    const expanded = new Set<Epc>();
    for (let depth = 0, frontier = [unit]; depth < DEEPEST && frontier.length > 0; depth++) {
      const next: Epc[] = [];
      for (const parent of frontier) {
        if (expanded.has(parent)) continue;
        expanded.add(parent);
        for (const { other, from, to } of this.#children.get(parent)?.packings ?? []) {
          if (from > at || to <= at) continue;
          contents.push({ epc: other, parent });
          next.push(other);
        }
      }
      frontier = next;
    }
    return contents;
  }

  /** Everything that at some moment of the stretch was in one unit with any of these, and they themselves. */
  relatives(epcs: Iterable<Epc>, stretch: Stretch): Set<Epc> {
    const found = new Set(epcs);
    for (const epc of found) {
      for (const { other } of during(this.#parents.get(epc) ?? [], stretch)) found.add(other);
    }
    for (const epc of found) {
      for (const { other } of during(this.#children.get(epc)?.packings ?? [], stretch)) found.add(other);
    }
    return found;
  }

  /** Shipments that list each, by departure. */
  async listingsOf(client: pg.ClientBase, epcs: readonly Epc[]): Promise<(epc: Epc) => readonly ExpectedShipment[]> {
    const missing = epcs.filter((epc) => this.#listings.get(epc) === undefined);
    if (missing.length > 0) {
      const { rows } = await client.query<ExpectedShipment & { epc: Epc }>(
        `SELECT listed.epc, s.id AS shipment, s.origin, s.destination, s.departs, s.closed_at AS "closedAt"
         FROM (SELECT epc, shipment FROM shipment_lines WHERE epc = ANY((SELECT $1::text[])::text[])
               UNION SELECT unit, shipment FROM shipment_units WHERE unit = ANY((SELECT $1::text[])::text[])) AS listed
           JOIN shipments s ON s.id = listed.shipment
         ORDER BY s.departs, s.id`,
        [textArray(missing)],
      );
      // What two EPCs share is kept once.
      const shipments = new Map<string, ExpectedShipment>();
      const found = new Map<Epc, ExpectedShipment[]>();
      for (const { epc, ...row } of rows) {
        const listing = shipments.get(row.shipment) ?? row;
        shipments.set(row.shipment, listing);
        push(found, epc, listing);
      }
      for (const epc of missing) this.#listings.set(epc, found.get(epc) ?? NONE);
      this.#learned += missing.length;
    }
    return (epc) => this.#listings.get(epc) ?? NONE;
  }

  /** The status of each at a moment: the latest said of it until then; those of which nothing is said are left out. */
  async statusesAt(client: pg.ClientBase, epcs: readonly Epc[], at: number): Promise<ReadonlyMap<Epc, string>> {
    await this.learnEvents(client, epcs);
    const told = epcs.filter((epc) => this.#hasEvents.get(epc) === true);
    if (told.length === 0) return new Map();
    const { rows } = await client.query<{ epc: Epc; status: string }>(
      `SELECT t.epc, s.status FROM unnest($1::text[]) AS t (epc) ${STATUS_IN_FORCE('$2')} WHERE s.status IS NOT NULL`,
      [textArray([...new Set(told)]), at],
    );
    return new Map(rows.map(({ epc, status }) => [epc, status]));
  }

  /** Which of these any event says something of: mostly none. */
  async learnEvents(client: pg.ClientBase, epcs: readonly Epc[]): Promise<void> {
    const missing = epcs.filter((epc) => this.#hasEvents.get(epc) === undefined);
    if (missing.length === 0) return;
    for (const epc of missing) this.#hasEvents.set(epc, false);
    this.#learned += missing.length;
    const { rows } = await client.query<{ epc: Epc }>(
      `SELECT epc FROM unnest($1::text[]) AS asked (epc)
       WHERE EXISTS (SELECT FROM serial_events e WHERE e.epc = asked.epc OFFSET 0)`,
      [textArray(missing)],
    );
    for (const { epc } of rows) this.#hasEvents.set(epc, true);
  }

  #parentAt(epc: Epc, at: number): Epc | undefined {
    return this.#parents.get(epc)?.find(({ from, to }) => from <= at && at < to)?.other;
  }

  async #learnParents(client: pg.ClientBase, epcs: readonly Epc[]): Promise<void> {
    const missing = epcs.filter((epc) => this.#parents.get(epc) === undefined);
    if (missing.length === 0) return;
    const { rows } = await client.query<{ epc: Epc; other: Epc; from: number; to: number | null }>(
      `SELECT child AS epc, parent AS other, since AS "from", until AS "to" FROM containment
       WHERE child = ANY((SELECT $1::text[])::text[]) AND holds AND parent IS NOT NULL`,
      [textArray(missing)],
    );
    const found = new Map<Epc, Packing[]>();
    for (const { epc, other, from, to } of rows) push(found, epc, { other, from, to: to ?? Number.POSITIVE_INFINITY });
    for (const epc of missing) this.#parents.set(epc, found.get(epc) ?? NONE);
    this.#learned += missing.length;
  }

  async #learnChildren(client: pg.ClientBase, epcs: readonly Epc[], stretch: Stretch): Promise<void> {
    const missing = epcs.filter((epc) => {
      const known = this.#children.get(epc);
      return known === undefined || known.from > stretch.from || known.to < stretch.to;
    });
    if (missing.length === 0) return;
    const [from, to] = [stretch.from - AROUND_MS, stretch.to + AROUND_MS];
    const { rows } = await client.query<{ epc: Epc; other: Epc; from: number; to: number | null }>(
      `SELECT p.value AS epc, m.subject AS other, p.since AS "from", p.until AS "to" FROM (
         SELECT value, history, since, until FROM containment_histories
         WHERE value = ANY((SELECT $1::text[])::text[]) AND holds AND since <= $3 AND (until IS NULL OR until > $2)) AS p
       CROSS JOIN LATERAL (SELECT subject FROM containment_members WHERE history = p.history OFFSET 0) AS m`,
      [textArray(missing.toSorted()), from, to],
    );
    const found = new Map<Epc, Packing[]>();
    for (const row of rows) {
      push(found, row.epc, { other: row.other, from: row.from, to: row.to ?? Number.POSITIVE_INFINITY });
    }
    for (const epc of missing) this.#children.set(epc, { from, to, packings: found.get(epc) ?? NONE });
    this.#learned += missing.length + rows.length;
  }
}

const NONE: readonly never[] = [];

function during(packings: readonly Packing[], { from, to }: Stretch): Packing[] {
  return packings.length === 0 ? [] : packings.filter((one) => one.from <= to && one.to > from);
}

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
