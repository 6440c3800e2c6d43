import type pg from 'pg';
import {
  type CancellingFact,
  type ClosingFact,
  type Epc,
  type EpcisCapture,
  type FindingChange,
  isGoodsRule,
  type KeptFact,
  type Place,
  type Portal,
  type ReadGap,
} from '../../domain/index.ts';
import {
  arrivingAt,
  type CapturedEvent,
  contentBefore,
  type Emptying,
  emptyingsAfter,
  epcisSource,
  epcsIn,
  keepCapture,
  plusTagsOf,
  presenceOf,
  waitingFor,
  withKnownNames,
} from '../epcis-in/index.ts';
import {
  decided,
  movements,
  noticePackings,
  type Publication,
  packing,
  passesOverdue,
  passPublication,
  publishEvents,
} from '../epcis-out/index.ts';
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
  type ToldAnew,
} from '../pass-rules/index.ts';
import {
  type ChangedStretch,
  type DifferenceChange,
  type JudgedPass,
  judgePasses,
  type KeptPass,
  keepGaps,
  keepGpiEvents,
  keepPlace,
  keepPortal,
  keepShownLights,
  keepSightings,
  keepTagNumbers,
  type NumberHeard,
  type PassMemory,
  passesById,
  passName,
  passSource,
  presenceStatements,
  type Registry,
  ReportedReads,
  readersOf,
  reformPasses,
  restateDifferences,
  retracted,
  type SentStatements,
  type Stretch,
  type TouchedDoor,
  type Trigger,
  type Verdict,
  writeOutcomes,
  writeWaiting,
} from '../passes/index.ts';
import { keepCount, keepDamage, keepEventCounts, keepSettlement } from '../reconciliation/index.ts';
import { keepDamaged, keepDecision, keepSerialEvents, knowSerials } from '../serials/index.ts';
import {
  applyAsn,
  closeShipment,
  deriveShipment,
  keepCancellation,
  keepProduct,
  keepShipmentPlaces,
  keepShippingEvents,
  restateShipments,
  shipmentsWaiting,
  shippedAtAll,
  shippedWith,
  unnoticed,
} from '../shipments/index.ts';
import { applyStatements, bySubject, type Changed, type HistoryChanged, type Statement } from '../statements/index.ts';
import {
  anyPlusTagRead,
  type Change,
  passesReading,
  shipmentsAround,
  shipmentsCarried,
  shipmentsListing,
  shipmentsMoved,
  shipmentsOfUnits,
} from './affected.ts';
import { type ArrivedBatch, keepNumbers, type MissingChange } from './gateway-batches.ts';
import type { Input } from './input.ts';
import { applyPackings, type HeardPacking, type Repacked } from './packings.ts';
import { PassesToDecide } from './passes-to-decide.ts';
import { type ChangedIntervals, type DeviceTouched, devicesTouched } from './touched-devices.ts';

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
  readonly #changes: ChangedIntervals[] = [];
  readonly #lost: ReadGap[] = [];
  /** Devices of whose readings others are good now. */
  readonly #requalified: DeviceTouched[] = [];
  readonly #packings: HeardPacking[] = [];
  /** Affected: open pages are notified. */
  readonly #shipments = new Set<string>();
  /** Of passes that went the way they had gone before: open pages are notified, and nothing else of them is another. */
  readonly #carrying = new Set<string>();
  /** Passes that went another way than was known of them. */
  readonly #otherWays = new Set<number>();
  /** Rules on goods are others now. */
  #goodsRules: string | null = null;
  /** Shipments whose state the clock may change: notified if it does. */
  readonly #waiting = new Set<string>();
  readonly #passes: PassesToDecide;
  /** Passes whose verdict stands and that rules look at again: time has passed, doors are complete. */
  readonly #due = new Set<number>();
  /** Passes of which lights were reported that doors showed by themselves. */
  readonly #shown = new Set<number>();
  /** EPCs that a pass no longer has, and when the passes were. */
  readonly #left = new Set<Epc>();
  #leftBetween: Stretch | null = null;
  /** Where passes were formed anew: others near them may be decided anew. */
  readonly #changed: ChangedStretch[] = [];
  readonly #leftShipments = new Set<string>();
  /** Numbers of tags that were not known. */
  readonly #numbers: NumberHeard[] = [];
  /** Passes that are no more: of what is usual they told something. */
  readonly #leftDoors: ToldAnew[] = [];
  /** Shared histories of presence that changed. */
  readonly #movedHistories = new Set<number>();
  readonly #findings: FindingChange[] = [];
  /** Events that empty a unit, applied when all other statements are. */
  readonly #emptyings = new Map<string, Emptying>();
  /** What is published to partners, by source. */
  readonly #publications = new Map<string, Publication>();
  /** Shipments to be worked out again from their shipping events. */
  readonly #derived = new Set<string>();
  /** Some fact of this batch may have said something else of goods than was known. */
  #hasGoods = false;
  #now: number | null = null;
  #position = 0;

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
    this.#passes = new PassesToDecide({ ...given, client });
  }

  async fact(kept: KeptFact): Promise<void> {
    const { fact, position } = kept;
    this.#position = position;
    if (fact.type !== 'packing') await this.#pack();
    await this.#fact(kept);
    if (ABOUT_GOODS.has(fact.type)) this.#goodsChanged();
  }

  async #fact({ position, arrival, fact }: KeptFact): Promise<void> {
    if (ABOUT_GOODS.has(fact.type)) this.#goodsChanged();
    switch (fact.type) {
      case 'place':
        return this.#place(fact.place, position);
      case 'product':
        for (const id of await keepProduct(this.#client, fact.product, position)) this.#carrying.add(id);
        return this.#deriveUnnoticed();
      case 'count':
        await keepCount(this.#client, fact.count, { position, by: fact.by });
        await this.#passes.holding([fact.count.unit], 'its unit was counted');
        return this.#notifyShipmentsOf([fact.count.unit]);
      case 'settlement':
        if (fact.settlement.shipment !== null) this.#shipments.add(fact.settlement.shipment);
        return keepSettlement(this.#client, fact.settlement, { position, by: fact.by });
      case 'damage': {
        const { damage, by } = fact;
        await keepDamage(this.#client, damage, { position, by });
        await knowSerials(this.#client, damage.epcs, position);
        for (const id of await shipmentsListing(this.#client, damage.epcs)) this.#shipments.add(id);
        return this.#passes.holding(await keepDamaged(this.#client, damage, position));
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
        this.#changes.push({ kind: 'attachment', changed, reason: `we heard that ${device} ${what}` });
        return;
      }
      case 'packing':
        this.#publish(packing(fact.packing, position));
        this.#packings.push({ fact: fact.packing, position });
        return;
      case 'epcis':
        return this.#epcis(fact.capture, { position, arrival, by: fact.by });
      case 'asn': {
        const { asn, by } = fact;
        const applied = await applyAsn(this.#client, asn, { position, arrival, by });
        const reason = `the notice of ${asn.id} arrived`;
        this.#changes.push({ kind: 'containment', changed: applied.containment, reason });
        this.#changes.push({ kind: 'attachment', changed: applied.attachments, reason });
        this.#shipments.add(asn.id);
        // A notice that a later one has already replaced has no effect.
        if (applied.epcs.length > 0) this.#publish(await noticePackings(this.#client, asn));
        this.#derived.add(asn.id);
        await this.#nameTags(applied.epcs, reason);
        await this.#applyWaiting(applied.epcs);
        const from = Number.NEGATIVE_INFINITY;
        const epcs = [...applied.epcs, ...unitsIn(applied.containment)];
        await this.#recheckAffected([{ epcs, histories: [], from, reason }]);
        return;
      }
      case 'rule':
        // A later version may be of another kind.
        if (isGoodsRule(fact.version.rule) || fact.version.version > 1) this.#goodsRules = fact.version.rule.id;
        if (this.#registry.addRule(fact.version)) await this.#passes.since(fact.version);
        return;
      case 'decision': {
        const { decision } = fact;
        const changed = await keepDecision(this.#client, decision, position);
        if (changed === null) return;
        this.#publish(decided(decision, position));
        for (const id of await shipmentsListing(this.#client, decision.epcs)) this.#shipments.add(id);
        return this.#passes.holding(changed);
      }
      case 'setAside': {
        const { device, from, to, isSetAside } = fact.setAside;
        const reason = isSetAside ? 'readings were set aside' : 'readings that were set aside count again';
        this.#requalified.push({ device, from, to, reason });
        return;
      }
      case 'calibration': {
        const { device, effectiveFrom: from } = fact.calibration;
        this.#requalified.push({ device, from, to: null, reason: 'the logger was calibrated' });
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

  async sightings({ sightings, gpi, gaps, complete, shown }: Input): Promise<void> {
    await this.#pack();
    keepSightings(this.#sent, sightings);
    const numbers = await keepTagNumbers(
      this.#client,
      sightings.map(({ report }) => report),
    );
    for (const one of numbers) this.#numbers.push(one);
    await keepGpiEvents(this.#client, gpi);
    const kept = await keepGaps(this.#client, gaps);
    for (const gap of kept) this.#lost.push(gap);
    await this.#passes.during(kept);
    this.#position = Math.max(this.#position, ...[...sightings, ...gpi].map(({ position }) => position).slice(-1));
    const reported = new ReportedReads(sightings, gpi);
    const doors = [...this.#registry.portals.values()].flatMap((portal): TouchedDoor[] => {
      const touched = reported.at(portal);
      return touched === null ? [] : [{ portal, touched }];
    });
    await this.#reform(doors);
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
    for (const { id } of rows) this.#passes.add(id);
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
    await this.#passes.during(changes.flatMap(({ gaps }) => gaps));
    return changes;
  }

  async tick(now: number): Promise<void> {
    this.#now = now;
    for (const id of await shipmentsWaiting(this.#client)) this.#waiting.add(id);
    for (const id of await passesOverdue(this.#client, now)) this.#passes.add(id);
    const { rows } = await this.#client.query<{ id: number }>('SELECT id FROM passes WHERE clock_due <= $1', [now]);
    for (const { id } of rows) this.#due.add(id);
  }

  /** @param arrival of the last record: what happens now, is detected then */
  async settle(arrival: number): Promise<TraceBatchResult> {
    const notified = new Set<string>();
    // What facts change asks which passes read something.
    if (this.#hasGoods) await writeWaiting(this.#client, this.#memory.recent);
    await this.#emptyUnits();
    await this.#derive();
    if (this.#hasGoods) this.#memory.goods.forget();
    await this.#passes.near(this.#changed);
    const presence: Statement[] = [];
    const shown: { readonly one: JudgedPass; readonly revision: number }[] = [];
    const before = await shipmentsCarried(this.#client, this.#passes.ids);
    const carried = new Set([...this.#leftShipments, ...before.map(({ shipment }) => shipment)]);
    const passes = await passesById(this.#client, this.#passes.ids, this.#memory.recent);
    const judged = await this.#judge(passes);
    const written = await writeOutcomes(this.#sent, this.#memory.recent, judged);
    for (const one of judged) {
      const { pass, portal, outcome } = one;
      for (const statement of presenceStatements(portal, pass, outcome)) presence.push(statement);
      notified.add(passName(pass.id));
      const { isChanged = false, isOtherWay = true, revision = 0 } = written.get(pass.id) ?? {};
      if (isChanged) shown.push({ one, revision });
      // What is heard of its shipments apart from this pass is worked out where it is heard.
      const touched = isOtherWay ? this.#shipments : this.#carrying;
      for (const { shipment } of outcome.units) if (shipment !== null) touched.add(shipment);
      if (isOtherWay) this.#otherWays.add(pass.id);
    }
    for (const { pass, shipment } of before) {
      if (this.#otherWays.has(pass)) this.#shipments.add(shipment);
      else this.#carrying.add(shipment);
    }
    await writeWaiting(this.#client, this.#memory.recent);
    const verdicts = await this.#show(shown, arrival);
    await this.#presence(
      passes.map(({ id }) => id),
      presence,
    );
    const now = Math.max(arrival, this.#now ?? 0);
    await this.#applyRules(judged, carried, { arrival, now });
    await this.#restate(now);
    await keepShipmentPlaces(this.#client, [...this.#shipments]);
    for (const publication of await movements(this.#client, judged, now)) this.#publish(publication);
    await publishEvents(this.#client, [...this.#publications.values()], now);
    const exposures = [...(await devicesTouched(this.#client, this.#changes)), ...this.#requalified];
    const compared = new Set([...this.#passes.ids, ...this.#shown]);
    const differences = await restateDifferences(this.#client, [...compared]);
    for (const id of this.#shown) notified.add(passName(id));
    await this.#notify(PASS_CHANNEL, notified);
    await this.#notify(SHIPMENT_CHANNEL, new Set([...this.#shipments, ...this.#carrying]));
    const goods = await this.#goodsTouched(exposures);
    await this.#sent.answered();
    const result = { findings: this.#findings, exposures, goods, verdicts, differences };
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
    const attached = this.#changes.filter(({ kind }) => kind === 'attachment').flatMap(({ changed }) => changed);
    const around = await shipmentsAround(this.#client, unitsIn(attached));
    const rules = this.#goodsRules;
    const known = exposures[0]?.reason ?? this.#changes[0]?.reason;
    return {
      shipments: new Set([...this.#shipments, ...this.#carrying, ...around]),
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
    const changed = { judged, shipments, left: this.#left, leftBetween: this.#leftBetween };
    const histories = [...this.#movedHistories];
    const told = [...(await observePasses(this.#client, judged)), ...this.#leftDoors];
    const { recent } = this.#memory;
    if (this.#otherWays.size + this.#leftDoors.length > 0 || this.#hasGoods) recent.otherWay();
    await observeWays(
      this.#client,
      judged.filter(({ pass }) => recent.looksAtWay(pass.id)),
    );
    const related = await relatedPasses(this.#client, this.#registry, {
      ...{ ...changed, histories, told },
      numbers: this.#numbers,
    });
    for (const one of judged) await this.#find(one, { at: arrival, reason: this.#passes.reasonOf(one.pass.id) }, now);
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
    this.#findings.push(...(await keepFindings(this.#client, pass.id, findings, found, trigger)));
  }

  #publish(publication: Publication): void {
    this.#publications.set(publication.source, publication);
  }

  /** Packings that wait to be worked in together: before anything that asks what is in what. */
  async #pack(): Promise<void> {
    const heard = this.#packings.splice(0);
    if (heard.length === 0) return;
    await this.#repacked(await applyPackings(this.#client, heard));
    this.#goodsChanged();
  }

  async #epcis(
    capture: EpcisCapture,
    { position, arrival, by }: { readonly position: number; readonly arrival: number; readonly by: string },
  ): Promise<void> {
    const events = await keepCapture(this.#client, capture, { position, by });
    if (events.length === 0) return;
    const epcs = events.flatMap(({ event }) => epcsIn(event));
    await knowSerials(this.#client, epcs, position);
    await this.#applyEvents(await withKnownNames(this.#client, events), { at: arrival, by });
    await this.#applyWaiting(epcs);
  }

  /** Events that named these things by Digital Link: their EPCs are known now. */
  async #applyWaiting(epcs: readonly Epc[]): Promise<void> {
    for (const { events, received } of await waitingFor(this.#client, epcs)) {
      await this.#applyEvents(await withKnownNames(this.#client, events), received);
    }
  }

  async #applyEvents(
    events: readonly CapturedEvent[],
    received: { readonly at: number; readonly by: string },
  ): Promise<void> {
    const { told, renamed } = await keepSerialEvents(this.#client, events);
    for (const id of await shippedWith(this.#client, renamed)) this.#derived.add(id);
    if (renamed.length > 0) await this.#passes.holding(renamed);
    await keepEventCounts(this.#client, events, received.by);
    const shippedIds = await keepShippingEvents(this.#client, events, received);
    for (const id of shippedIds) this.#derived.add(id);
    // What an event says of a shipment may not fit what its notice says.
    if (this.#registry.judges('badData')) {
      await this.#passes.ofShipments(shippedIds, 'we heard of EPCIS events');
      if (told.length > 0) await this.#passes.holding(told);
    }
    const sources = events.map(({ source }) => source);
    const reason = 'we heard of EPCIS events';
    const inside = events.flatMap(({ containment }) => containment);
    const changed = await applyStatements(this.#client, 'containment', sources, inside);
    await this.#repacked([{ changed, reason }]);
    await this.#moved(
      await applyStatements(this.#client, 'presence', sources, await presenceOf(this.#client, events)),
      reason,
    );
    for (const { source, empties, at, position } of events) {
      if (empties === null) this.#emptyings.delete(source);
      else this.#emptyings.set(source, { source, unit: empties, at, position });
    }
  }

  async #repacked(repacked: readonly Repacked[]): Promise<void> {
    const all = repacked.filter(({ changed }) => changed.length > 0);
    if (all.length === 0) return;
    for (const { changed, reason } of all) this.#changes.push({ kind: 'containment', changed, reason });
    await this.#recheckAffected(
      all.map(({ changed, reason }) => ({
        epcs: unitsIn(changed),
        histories: changed.map(({ history }) => history),
        // A verdict rests on what was in what when the pass began.
        from: changed.reduce((first, one) => Math.min(first, one.from), Number.POSITIVE_INFINITY),
        reason,
      })),
    );
  }

  async #moved(changed: readonly HistoryChanged[], reason: string): Promise<void> {
    if (changed.length === 0) return;
    this.#changes.push({ kind: 'presence', changed, reason });
    const histories = changed.map(({ history }) => history);
    for (const history of histories) this.#movedHistories.add(history);
    for (const id of await shipmentsMoved(this.#client, histories)) this.#shipments.add(id);
  }

  /**
   * What an emptying takes out follows from all other statements, so it comes last and in event time: each changes
   * only what comes after it.
   */
  async #emptyUnits(): Promise<void> {
    const waiting = this.#emptyings;
    const isContainment = ({ kind }: ChangedIntervals) => kind === 'containment';
    const changes = this.#changes.filter(isContainment).flatMap(({ changed }) => changed);
    for (const one of await emptyingsAfter(this.#client, changes)) waiting.set(one.source, one);
    while (waiting.size > 0) {
      const next = [...waiting.values()].reduce((first, one) => (one.at < first.at ? one : first));
      waiting.delete(next.source);
      const { source, unit, at, position } = next;
      const content = await contentBefore(this.#client, next);
      const statements = content.map((subject): Statement => ({ subject, value: null, from: at, position, source }));
      const changed = await applyStatements(this.#client, 'containment', [source], statements);
      if (changed.length === 0) continue;
      await this.#repacked([{ changed, reason: `we heard that ${unit} was emptied` }]);
      for (const one of await emptyingsAfter(this.#client, changed)) if (one.at > at) waiting.set(one.source, one);
    }
  }

  async #notifyShipmentsOf(units: readonly Epc[]): Promise<void> {
    for (const id of await shipmentsOfUnits(this.#client, units)) this.#shipments.add(id);
  }

  /** Events may have named it by its GLN before we knew it, or by one that it has no more. */
  async #place(place: Place, position: number): Promise<void> {
    const { glns, isZoneChanged } = await keepPlace(this.#client, place, position);
    if (isZoneChanged && this.#registry.judges('surge')) await this.#passes.atSite(place.id);
    if (glns.length > 0 || place.gln !== undefined) await this.#deriveUnnoticed();
    if (glns.length === 0) return;
    if (this.#registry.judges('badData')) {
      await this.#passes.ofShipments(await shippedAtAll(this.#client), `we heard where ${glns.join(', ')} is`);
    }
    const events = await withKnownNames(this.#client, await arrivingAt(this.#client, glns));
    const sources = events.map(({ position, index }) => epcisSource(position, index));
    const statements = await presenceOf(this.#client, events);
    await this.#moved(
      await applyStatements(this.#client, 'presence', sources, statements),
      `we heard where ${glns.join(', ')} is`,
    );
  }

  async #deriveUnnoticed(): Promise<void> {
    for (const id of await unnoticed(this.#client)) this.#derived.add(id);
  }

  /** What was shipped follows from what was in what at that time, so it is worked out after all statements. */
  async #derive(): Promise<void> {
    const repacked = this.#changes.filter(({ kind }) => kind === 'containment').flatMap(({ changed }) => changed);
    for (const id of await shippedWith(this.#client, unitsIn(repacked))) this.#derived.add(id);
    for (const id of this.#derived) {
      const epcs = await deriveShipment(this.#client, id);
      this.#shipments.add(id);
      if (epcs.length === 0) continue;
      const reason = `we heard that ${id} was shipped`;
      await this.#nameTags(epcs, reason);
      await this.#recheckAffected([{ epcs, histories: [], from: Number.NEGATIVE_INFINITY, reason }]);
    }
  }

  /** Nothing is expected of it any more: later passes may get another verdict. */
  async #close(closing: ClosingFact, by: string, position: number): Promise<void> {
    const epcs = await closeShipment(this.#client, closing, { by, position });
    if (epcs === null) return;
    const { shipment, at } = closing;
    this.#shipments.add(shipment);
    await this.#recheckAffected([{ epcs, histories: [], from: at, reason: `${shipment} was closed` }]);
  }

  async #cancel(cancelling: CancellingFact, by: string, position: number): Promise<void> {
    const epcs = await keepCancellation(this.#client, cancelling, { by, position });
    if (epcs === null) return;
    const { shipment, at, isCancelled } = cancelling;
    this.#shipments.add(shipment);
    const reason = `${shipment} was ${isCancelled ? 'cancelled' : 'reinstated'}`;
    // Reinstated it is expected as if it had never been cancelled.
    const from = isCancelled ? at : Number.NEGATIVE_INFINITY;
    await this.#recheckAffected([{ epcs, histories: [], from, reason }]);
  }

  async #portal(portal: Portal, position: number): Promise<void> {
    if (!(await keepPortal(this.#client, portal, position))) return;
    this.#registry.portals.set(portal.id, portal);
    await this.#reform([{ portal }]);
    await writeWaiting(this.#client, this.#memory.recent);
    // Its site or its sides may be others now.
    const { rows } = await this.#client.query<{ id: number }>('SELECT id FROM passes WHERE portal = $1', [portal.id]);
    for (const { id } of rows) this.#passes.add(id, `portal ${portal.id} was changed`);
  }

  async #reform(doors: readonly TouchedDoor[]): Promise<void> {
    if (doors.length === 0) return;
    const { changed, gone, shipments, stretches } = await reformPasses(
      ...([this.#client, this.#memory, doors, this.#position] as const),
    );
    for (const { id } of changed) this.#passes.add(id);
    for (const shipment of shipments) this.#leftShipments.add(shipment);
    for (const one of stretches) {
      this.#changed.push(one);
      for (const epc of one.left) this.#left.add(epc);
      if (one.left.size > 0) this.#leftBetween = span(this.#leftBetween, one);
    }
    for (const { id, portal, from, findings } of gone) {
      this.#leftDoors.push({ portal, at: from });
      this.#passes.drop(id);
      this.#publish({ source: passPublication(id), events: new Map() });
      this.#findings.push(...retracted(findings, `the reads of ${passName(id)} became part of another pass`));
    }
    await this.#presence(
      gone.map(({ id }) => id),
      [],
    );
  }

  /** Reads of "+" tags that these EPCs give a name to: their passes are formed again under it. */
  async #nameTags(epcs: readonly string[], reason: string): Promise<void> {
    // Where no such tag is in use the names of a notice's serials are not worked out.
    if (!(await anyPlusTagRead(this.#client))) return;
    for (const { id, portal, from, to } of await passesReading(this.#client, plusTagsOf(epcs))) {
      this.#passes.add(id, reason);
      const door = this.#registry.portals.get(portal);
      if (door !== undefined) await this.#reform([{ portal: door, touched: { from, to } }]);
    }
    await writeWaiting(this.#client, this.#memory.recent);
  }

  async #recheckAffected(changes: readonly (Change & { readonly reason: string })[]): Promise<void> {
    for (const id of await this.#passes.affectedBy(changes)) this.#shipments.add(id);
  }

  #goodsChanged(): void {
    this.#hasGoods = true;
  }

  async #presence(passes: readonly number[], statements: readonly Statement[]): Promise<void> {
    if (passes.length === 0) return;
    const changed = await applyStatements(this.#client, 'presence', passes.map(passSource), statements);
    await this.#moved(changed, 'what passed a portal was worked out anew');
  }

  async #restate(now: number): Promise<void> {
    const ids = [...new Set([...this.#shipments, ...this.#waiting])];
    for (const id of await restateShipments(this.#client, ids, this.#registry.portals.values(), now)) {
      this.#shipments.add(id);
    }
  }

  async #notify(channel: string, payloads: Iterable<string>): Promise<void> {
    const all = [...payloads];
    if (all.length === 0) return;
    await this.#client.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [channel, all]);
  }
}

/** Facts that change what is known of goods: what is in what, which shipments list it, what stops it. */
const ABOUT_GOODS: ReadonlySet<KeptFact['fact']['type']> = new Set([
  ...(['asn', 'epcis', 'packing', 'decision', 'damage', 'closing', 'cancelling', 'product', 'place', 'count'] as const),
]);

function span(one: Stretch | null, other: Stretch): Stretch {
  return one === null ? other : { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };
}

function unitsIn(changed: readonly Changed[]): string[] {
  const units = new Set<string>();
  for (const { before, after } of changed) for (const unit of [before, after]) if (unit !== null) units.add(unit);
  return [...units];
}
