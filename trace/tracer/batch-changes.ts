import type pg from 'pg';
import type { Epc, FindingChange } from '../../domain/index.ts';
import { plusTagsOf } from '../epcis-in/index.ts';
import { type Publication, passPublication } from '../epcis-out/index.ts';
import type { ToldAnew } from '../pass-rules/index.ts';
import {
  type ChangedStretch,
  type PassMemory,
  passName,
  passSource,
  type Registry,
  reformPasses,
  retracted,
  type Stretch,
  type TouchedDoor,
  writeWaiting,
} from '../passes/index.ts';
import { applyStatements, type Changed, type HistoryChanged, type Statement } from '../statements/index.ts';
import { anyPlusTagRead, type Change, passesReading, shipmentsMoved } from './affected.ts';
import type { Repacked } from './packings.ts';
import { PassesToDecide } from './passes-to-decide.ts';
import type { ChangedIntervals, DeviceTouched } from './touched-devices.ts';

/**
 * What one batch changed so far, gathered while its facts and sightings are taken in and worked out when it is settled. Whatever
 * moves goods or takes a pass apart says it here, so that everything it affects is looked at again once.
 */
export class BatchChanges {
  readonly intervals: ChangedIntervals[] = [];
  /** Devices of whose readings others are good now. */
  readonly requalified: DeviceTouched[] = [];
  /** Affected: open pages are notified. */
  readonly shipments = new Set<string>();
  /** Of passes that went the way they had gone before: open pages are notified, and nothing else of them is another. */
  readonly carrying = new Set<string>();
  readonly passes: PassesToDecide;
  /** EPCs that a pass no longer has, and when the passes were. */
  readonly left = new Set<Epc>();
  leftBetween: Stretch | null = null;
  /** Where passes were formed anew: others near them may be decided anew. */
  readonly stretches: ChangedStretch[] = [];
  readonly leftShipments = new Set<string>();
  /** Passes that are no more: of what is usual they told something. */
  readonly leftDoors: ToldAnew[] = [];
  /** Shared histories of presence that changed. */
  readonly movedHistories = new Set<number>();
  readonly findings: FindingChange[] = [];
  /** What is published to partners, by source. */
  readonly publications = new Map<string, Publication>();
  /** Shipments to be worked out again from their shipping events. */
  readonly derived = new Set<string>();
  /** Rules on goods are others now: the last of them that we heard of. */
  goodsRule: string | null = null;
  /** Some fact of this batch may have said something else of goods than was known. */
  hasGoods = false;
  /** Of the record that is being taken in. */
  position = 0;
  readonly #client: pg.ClientBase;
  readonly #registry: Registry;
  readonly #memory: PassMemory;

  constructor(given: { readonly client: pg.ClientBase; readonly registry: Registry; readonly memory: PassMemory }) {
    this.#client = given.client;
    this.#registry = given.registry;
    this.#memory = given.memory;
    this.passes = new PassesToDecide(given);
  }

  publish(publication: Publication): void {
    this.publications.set(publication.source, publication);
  }

  async repacked(repacked: readonly Repacked[]): Promise<void> {
    const all = repacked.filter(({ changed }) => changed.length > 0);
    if (all.length === 0) return;
    for (const { changed, reason } of all) this.intervals.push({ kind: 'containment', changed, reason });
    await this.recheckAffected(
      all.map(({ changed, reason }) => ({
        epcs: unitsIn(changed),
        histories: changed.map(({ history }) => history),
        // A verdict rests on what was in what when the pass began.
        from: changed.reduce((first, one) => Math.min(first, one.from), Number.POSITIVE_INFINITY),
        reason,
      })),
    );
  }

  async moved(changed: readonly HistoryChanged[], reason: string): Promise<void> {
    if (changed.length === 0) return;
    this.intervals.push({ kind: 'presence', changed, reason });
    const histories = changed.map(({ history }) => history);
    for (const history of histories) this.movedHistories.add(history);
    for (const id of await shipmentsMoved(this.#client, histories)) this.shipments.add(id);
  }

  async reform(doors: readonly TouchedDoor[]): Promise<void> {
    if (doors.length === 0) return;
    const { changed, gone, shipments, stretches } = await reformPasses(
      ...([this.#client, this.#memory, doors, this.position] as const),
    );
    for (const { id } of changed) this.passes.add(id);
    for (const shipment of shipments) this.leftShipments.add(shipment);
    for (const one of stretches) {
      this.stretches.push(one);
      for (const epc of one.left) this.left.add(epc);
      if (one.left.size > 0) this.leftBetween = span(this.leftBetween, one);
    }
    for (const { id, portal, from, findings } of gone) {
      this.leftDoors.push({ portal, at: from });
      this.passes.drop(id);
      this.publish({ source: passPublication(id), events: new Map() });
      this.findings.push(...retracted(findings, `the reads of ${passName(id)} became part of another pass`));
    }
    await this.presence(
      gone.map(({ id }) => id),
      [],
    );
  }

  /** Reads of "+" tags that these EPCs give a name to: their passes are formed again under it. */
  async nameTags(epcs: readonly string[], reason: string): Promise<void> {
    // Where no such tag is in use the names of a notice's serials are not worked out.
    if (!(await anyPlusTagRead(this.#client))) return;
    for (const { id, portal, from, to } of await passesReading(this.#client, plusTagsOf(epcs))) {
      this.passes.add(id, reason);
      const door = this.#registry.portals.get(portal);
      if (door !== undefined) await this.reform([{ portal: door, touched: { from, to } }]);
    }
    await writeWaiting(this.#client, this.#memory.recent);
  }

  async recheckAffected(changes: readonly (Change & { readonly reason: string })[]): Promise<void> {
    for (const id of await this.passes.affectedBy(changes)) this.shipments.add(id);
  }

  goodsChanged(): void {
    this.hasGoods = true;
  }

  async presence(passes: readonly number[], statements: readonly Statement[]): Promise<void> {
    if (passes.length === 0) return;
    const changed = await applyStatements(this.#client, 'presence', passes.map(passSource), statements);
    await this.moved(changed, 'what passed a portal was worked out anew');
  }
}

function span(one: Stretch | null, other: Stretch): Stretch {
  return one === null ? other : { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };
}

/** Units that something went into or came out of. */
export function unitsIn(changed: readonly Changed[]): string[] {
  const units = new Set<string>();
  for (const { before, after } of changed) for (const unit of [before, after]) if (unit !== null) units.add(unit);
  return [...units];
}
