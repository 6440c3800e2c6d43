import type pg from 'pg';
import type { FindingChange, KeptFact, Portal, ReadGap } from '../../domain/index.ts';
import { movements, passesOverdue, publishEvents } from '../epcis-out/index.ts';
import type { GoodsTouched } from '../exposure/index.ts';
import { type Clearance, recordClearances } from '../goods/index.ts';
import {
  factsOfPass,
  findingsOf,
  keepFindings,
  observePasses,
  observeStays,
  observeWays,
  relatedPasses,
  standingFindings,
} from '../pass-rules/index.ts';
import {
  type DifferenceChange,
  type JudgedPass,
  judgePasses,
  type KeptPass,
  keepGaps,
  keepGpiEvents,
  keepShownLights,
  keepSightings,
  keepTagNumbers,
  type NumberHeard,
  type PassMemory,
  passesById,
  passName,
  presenceStatements,
  type Registry,
  ReportedReads,
  readersOf,
  restateDifferences,
  type SentStatements,
  type TouchedDoor,
  type Trigger,
  type Verdict,
  writeOutcomes,
  writeWaiting,
} from '../passes/index.ts';
import { keepShipmentPlaces, restateShipments, shipmentsWaiting } from '../shipments/index.ts';
import type { Statement } from '../statements/index.ts';
import { shipmentsAround, shipmentsCarried } from './affected.ts';
import { BatchChanges, unitsIn } from './batch-changes.ts';
import { BatchEvents } from './batch-events.ts';
import { BatchFacts } from './batch-facts.ts';
import { type ArrivedBatch, keepNumbers, type MissingChange } from './gateway-batches.ts';
import type { Input } from './input.ts';
import { type DeviceTouched, devicesTouched } from './touched-devices.ts';

export const SHIPMENT_CHANNEL = 'isotherm_shipment';
export const PASS_CHANNEL = 'isotherm_pass';

/** The verdict on a pass, as the stack light at the portal needs it. */
export interface PassVerdict extends Verdict {
  readonly clearance: Clearance;
  readonly pass: string;
  readonly portal: Portal;
  readonly from: number;
  readonly to: number;
}

/** What follows from one batch, for others. */
export interface TraceBatchResult {
  readonly findings: readonly FindingChange[];
  readonly exposures: readonly DeviceTouched[];
  /** What rules on goods have to judge again. */
  readonly goods: Omit<GoodsTouched, 'devices'>;
  readonly verdicts: PassVerdict[];
  readonly decided: number;
  /** Gaps that are new, dated: a gateway's first spool has none before it. */
  readonly lost: readonly ReadGap[];
  /** Where doors had shown another light than the platform's while it was away. */
  readonly differences: readonly DifferenceChange[];
}

/** One log batch inside its transaction: everything is taken in first, then what it affected is worked out once. */
export class TraceBatch {
  readonly #client: pg.ClientBase;
  readonly #sent: SentStatements;
  readonly #registry: Registry;
  readonly #memory: PassMemory;
  readonly #changes: BatchChanges;
  readonly #events: BatchEvents;
  readonly #facts: BatchFacts;
  readonly #lost: ReadGap[] = [];
  /** Passes that went another way than was known of them. */
  readonly #otherWays = new Set<number>();
  /** Shipments whose state the clock may change: notified if it does. */
  readonly #waiting = new Set<string>();
  /** Passes whose verdict stands and that rules look at again: time has passed, doors are complete. */
  readonly #due = new Set<number>();
  /** Passes of which lights were reported that doors showed by themselves. */
  readonly #shown = new Set<number>();
  /** Numbers of tags that were not known. */
  readonly #numbers: NumberHeard[] = [];
  #now: number | null = null;

  constructor(given: {
    /** Whoever owns the batch waits for their answers. */
    readonly sent: SentStatements;
    readonly registry: Registry;
    readonly memory: PassMemory;
  }) {
    const { client } = given.sent;
    this.#client = client;
    this.#sent = given.sent;
    this.#registry = given.registry;
    this.#memory = given.memory;
    const { registry, memory } = given;
    this.#changes = new BatchChanges({ client, registry, memory });
    this.#events = new BatchEvents({ client, registry, changes: this.#changes });
    this.#facts = new BatchFacts({ client, registry, memory, changes: this.#changes, events: this.#events });
  }

  fact(kept: KeptFact): Promise<void> {
    return this.#facts.take(kept);
  }

  async sightings({ sightings, gpi, gaps, complete, shown }: Input): Promise<void> {
    await this.#facts.pack();
    keepSightings(this.#sent, sightings);
    const numbers = await keepTagNumbers(
      this.#client,
      sightings.map(({ report }) => report),
    );
    for (const one of numbers) this.#numbers.push(one);
    await keepGpiEvents(this.#client, gpi);
    const kept = await keepGaps(this.#client, gaps);
    for (const gap of kept) this.#lost.push(gap);
    await this.#changes.passes.during(kept);
    this.#changes.position = Math.max(
      this.#changes.position,
      ...[...sightings, ...gpi].map(({ position }) => position).slice(-1),
    );
    const reported = new ReportedReads(sightings, gpi);
    const doors = [...this.#registry.portals.values()].flatMap((portal): TouchedDoor[] => {
      const touched = reported.at(portal);
      return touched === null ? [] : [{ portal, touched }];
    });
    await this.#changes.reform(doors);
    await this.#memory.complete.keep(this.#client, complete);
    const readers = new Set(complete.map(({ report }) => report.reader));
    await this.#settleWhereComplete(readers);
    await this.#lookAgainWhereComplete(readers);
    for (const id of await keepShownLights(this.#client, shown)) this.#shown.add(id);
  }

  /** Passes that wait for their own door. */
  async #settleWhereComplete(readers: ReadonlySet<string>): Promise<void> {
    const complete: { readonly portal: string; readonly until: number }[] = [];
    for (const portal of new Set([...readers].flatMap((reader) => this.#registry.portalsOf(reader)))) {
      const until = await this.#memory.complete.of(this.#client, readersOf(portal));
      if (until !== null) complete.push({ portal: portal.id, until });
    }
    if (complete.length === 0) return;
    const { rows } = await this.#client.query<{ id: number }>(
      `SELECT p.id FROM unnest($1::text[], $2::bigint[]) AS c (portal, until) CROSS JOIN LATERAL (
         SELECT id FROM passes WHERE portal = c.portal AND is_provisional AND settles_at <= c.until OFFSET 0) AS p`,
      [complete.map(({ portal }) => portal), complete.map(({ until }) => until)],
    );
    for (const { id } of rows) this.#changes.passes.add(id);
  }

  /** Passes whose rules wait for all doors of their site. */
  async #lookAgainWhereComplete(readers: ReadonlySet<string>): Promise<void> {
    const sites = new Set([...readers].flatMap((reader) => this.#registry.portalsOf(reader).map(({ site }) => site)));
    for (const site of sites) {
      const doors = [...this.#registry.portals.values()].filter((portal) => portal.site === site);
      const until = await this.#memory.complete.of(this.#client, doors.flatMap(readersOf));
      if (until === null) continue;
      const { rows } = await this.#client.query<{ id: number }>(
        'SELECT id FROM passes WHERE portal = ANY($1::text[]) AND complete_due <= $2',
        [doors.map(({ id }) => id), until],
      );
      for (const { id } of rows) this.#due.add(id);
    }
  }

  /** Which batches are missing by `now`, where that is other than it was. */
  async numbers(batches: readonly ArrivedBatch[], now: number, position: number): Promise<MissingChange[]> {
    const changes = await keepNumbers(this.#client, batches, now, position);
    await this.#changes.passes.during(changes.flatMap(({ gaps }) => gaps));
    return changes;
  }

  async tick(now: number): Promise<void> {
    this.#now = now;
    for (const id of await shipmentsWaiting(this.#client)) this.#waiting.add(id);
    for (const id of await passesOverdue(this.#client, now)) this.#changes.passes.add(id);
    const { rows } = await this.#client.query<{ id: number }>('SELECT id FROM passes WHERE clock_due <= $1', [now]);
    for (const { id } of rows) this.#due.add(id);
  }

  /** @param arrival of the last record: what happens now, is detected then */
  async settle(arrival: number): Promise<TraceBatchResult> {
    const notified = new Set<string>();
    // What facts change asks which passes read something.
    if (this.#changes.hasGoods) await writeWaiting(this.#client, this.#memory.recent);
    await this.#events.settle();
    if (this.#changes.hasGoods) this.#memory.goods.forget();
    await this.#changes.passes.near(this.#changes.stretches);
    const presence: Statement[] = [];
    const shown: { readonly one: JudgedPass; readonly revision: number }[] = [];
    const before = await shipmentsCarried(this.#client, this.#changes.passes.ids);
    const carried = new Set([...this.#changes.leftShipments, ...before.map(({ shipment }) => shipment)]);
    const passes = await passesById(this.#client, this.#changes.passes.ids, this.#memory.recent);
    const judged = await this.#judge(passes);
    const written = await writeOutcomes(this.#sent, this.#memory.recent, judged);
    for (const one of judged) {
      const { pass, portal, outcome } = one;
      for (const statement of presenceStatements(portal, pass, outcome)) presence.push(statement);
      notified.add(passName(pass.id));
      const { isChanged = false, isOtherWay = true, revision = 0 } = written.get(pass.id) ?? {};
      if (isChanged) shown.push({ one, revision });
      // What is heard of its shipments apart from this pass is worked out where it is heard.
      const touched = isOtherWay ? this.#changes.shipments : this.#changes.carrying;
      for (const { shipment } of outcome.units) if (shipment !== null) touched.add(shipment);
      if (isOtherWay) this.#otherWays.add(pass.id);
    }
    for (const { pass, shipment } of before) {
      if (this.#otherWays.has(pass)) this.#changes.shipments.add(shipment);
      else this.#changes.carrying.add(shipment);
    }
    await writeWaiting(this.#client, this.#memory.recent);
    const verdicts = await this.#show(shown, arrival);
    await this.#changes.presence(
      passes.map(({ id }) => id),
      presence,
    );
    const now = Math.max(arrival, this.#now ?? 0);
    await this.#applyRules(judged, carried, { arrival, now });
    await this.#restate(now);
    await keepShipmentPlaces(this.#client, [...this.#changes.shipments]);
    for (const publication of await movements(this.#client, judged, now)) this.#changes.publish(publication);
    await publishEvents(this.#client, [...this.#changes.publications.values()], now);
    const exposures = [...(await devicesTouched(this.#client, this.#changes.intervals)), ...this.#changes.requalified];
    const compared = new Set([...this.#changes.passes.ids, ...this.#shown]);
    const differences = await restateDifferences(this.#client, [...compared]);
    for (const id of this.#shown) notified.add(passName(id));
    await this.#notify(PASS_CHANNEL, notified);
    await this.#notify(SHIPMENT_CHANNEL, new Set([...this.#changes.shipments, ...this.#changes.carrying]));
    const goods = await this.#goodsTouched(exposures);
    await this.#sent.answered();
    const result = { findings: this.#changes.findings, exposures, goods, verdicts, differences };
    return { ...result, decided: passes.length, lost: this.#lost };
  }

  /** With whether its goods may move on. */
  async #show(
    shown: readonly { readonly one: JudgedPass; readonly revision: number }[],
    arrival: number,
  ): Promise<PassVerdict[]> {
    const asked = shown.map(({ one, revision }) => ({ pass: one.pass.id, revision, through: one.outcome.through }));
    const clearances = await recordClearances(this.#client, asked, arrival);
    return shown.flatMap(({ one: { portal, pass, outcome } }, index) => {
      const clearance = clearances[index];
      const { id, from, to } = pass;
      return clearance === undefined ? [] : [{ ...outcome.verdict, pass: passName(id), portal, from, to, clearance }];
    });
  }

  /** Shipments whose goods went through something else than was known, or may have. */
  async #goodsTouched(exposures: readonly DeviceTouched[]): Promise<TraceBatchResult['goods']> {
    const attached = this.#changes.intervals
      .filter(({ kind }) => kind === 'attachment')
      .flatMap(({ changed }) => changed);
    const around = await shipmentsAround(this.#client, unitsIn(attached));
    const rules = this.#changes.goodsRule;
    const known = exposures[0]?.reason ?? this.#changes.intervals[0]?.reason;
    return {
      shipments: new Set([...this.#changes.shipments, ...this.#changes.carrying, ...around]),
      isRules: rules !== null,
      reason: rules === null ? (known ?? 'we heard of facts') : `rule ${rules} was changed`,
    };
  }

  /** When all passes have their verdicts, and everything is where they brought it. */
  async #applyRules(
    judged: readonly JudgedPass[],
    shipments: ReadonlySet<string>,
    { arrival, now }: { readonly arrival: number; readonly now: number },
  ): Promise<void> {
    const changed = { judged, shipments, left: this.#changes.left, leftBetween: this.#changes.leftBetween };
    const histories = [...this.#changes.movedHistories];
    const told = [...(await observePasses(this.#client, judged)), ...this.#changes.leftDoors];
    const { recent } = this.#memory;
    if (this.#otherWays.size + this.#changes.leftDoors.length > 0 || this.#changes.hasGoods) recent.otherWay();
    await observeWays(
      this.#client,
      judged.filter(({ pass }) => recent.looksAtWay(pass.id)),
    );
    const related = await relatedPasses(this.#client, this.#registry, {
      ...{ ...changed, histories, told },
      numbers: this.#numbers,
    });
    for (const one of judged)
      await this.#find(one, { at: arrival, reason: this.#changes.passes.reasonOf(one.pass.id) }, now);
    const others = new Set([...related, ...this.#due]);
    for (const { pass } of judged) others.delete(pass.id);
    for (const one of await this.#judge(await passesById(this.#client, [...others], this.#memory.recent))) {
      const reason = related.has(one.pass.id) ? 'we heard of another pass of its goods' : undefined;
      await this.#find(one, { at: arrival, reason }, now);
    }
  }

  async #judge(passes: readonly KeptPass[]): Promise<readonly JudgedPass[]> {
    const asked = passes.flatMap((pass) => {
      const portal = this.#registry.portals.get(pass.portal);
      return portal === undefined ? [] : [{ portal, pass }];
    });
    return judgePasses(this.#client, this.#registry, asked, this.#memory);
  }

  async #find(one: JudgedPass, { at, reason }: { at: number; reason: string | undefined }, now: number): Promise<void> {
    const trigger: Trigger = reason === undefined ? { at } : { at, reason };
    const { pass } = one;
    const { findings, isLate } = await standingFindings(this.#client, pass.id);
    const facts = await factsOfPass(this.#client, this.#registry, one, now);
    if (this.#registry.judges('dwell')) await observeStays(this.#client, one, facts.stays.values());
    const found = findingsOf(facts, this.#registry.rulesAt(pass.from), { ...trigger, isLate });
    this.#changes.findings.push(...(await keepFindings(this.#client, pass.id, findings, found, trigger)));
  }

  async #restate(now: number): Promise<void> {
    const ids = [...new Set([...this.#changes.shipments, ...this.#waiting])];
    for (const id of await restateShipments(this.#client, ids, this.#registry.portals.values(), now)) {
      this.#changes.shipments.add(id);
    }
  }

  async #notify(channel: string, payloads: Iterable<string>): Promise<void> {
    const all = [...payloads];
    if (all.length === 0) return;
    await this.#client.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [channel, all]);
  }
}
