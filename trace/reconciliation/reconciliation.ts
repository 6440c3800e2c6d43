import type { Direction, Epc } from '../../domain/index.ts';
import type { ReadStatus } from '../passes/index.ts';

/**
 * The exceptions of "Applying GS1 Standards for DSCSA and Traceability" (GS1 US, exceptions processing): product without
 * data, data without product, damaged product. Their exact meaning here: docs/trace.md, "Reconciliation".
 */
export const TERMS = [
  'overage',
  'concealed overage',
  'wrong lot',
  'wrong serial',
  'no data received',
  'shortage',
  'concealed shortage',
  'lost',
  'damaged',
] as const;
export type Term = (typeof TERMS)[number];

/** A serial the shipment lists. */
export interface ListedSerial {
  readonly epc: Epc;
  readonly gtin: string;
  /** As it was commissioned; null where its maker does not say. */
  readonly madeLot: string | null;
  /** Units it is listed in, innermost first; empty for what travels in nothing. */
  readonly units: readonly Epc[];
}

/** A serial that no shipment expects and that came through with this one. */
export interface Extra {
  readonly epc: Epc;
  readonly gtin: string;
  readonly lot: string | null;
}

/** A pass at the site in which something of the shipment was read. */
export interface SitePass {
  readonly id: string;
  readonly portal: string;
  readonly from: number;
  readonly to: number;
  readonly isProvisional: boolean;
  /** What the shipment lists and was read. */
  readonly reads: ReadonlyMap<Epc, ReadStatus>;
  /** The shipment's outermost units that went through, and how many of their serials were read. */
  readonly units: readonly { readonly unit: Epc; readonly direction: Direction; readonly seen: number }[];
  readonly extras: readonly Extra[];
}

/** What was found in a unit when it was opened. */
export interface UnitCount {
  readonly unit: Epc;
  readonly at: number;
  readonly position: number;
  readonly found: readonly Epc[];
  readonly damaged: readonly Epc[];
}

/** All that the reconciliation of one shipment at one of its sites rests on. */
export interface SiteEvidence {
  readonly role: 'origin' | 'destination';
  readonly arrives: number | null;
  readonly serials: readonly ListedSerial[];
  readonly outermost: readonly Epc[];
  /** Lots the shipment lists, by GTIN; absent: it does not say. */
  readonly lots: ReadonlyMap<string, ReadonlySet<string>>;
  /** By `from`, then id. */
  readonly passes: readonly SitePass[];
  /** Of the shipment's units, any order. */
  readonly counts: readonly UnitCount[];
  /** Outermost units that an event put into the site, since when: who has no door there says so. */
  readonly received: ReadonlyMap<Epc, number>;
  /** Serials known as damaged otherwise, since when. */
  readonly damaged: ReadonlyMap<Epc, number>;
  /** Up to when every reader of every door of the site is complete; null: a reader never said, or there is no door. */
  readonly completeUntil: number | null;
}

/** Serials that differ in the same way, at the same door and pass, in the same unit. */
export interface Difference {
  readonly term: Term;
  readonly portal: string | null;
  readonly pass: string | null;
  /** Event time from which it is so, epoch ms UTC. */
  readonly since: number;
  readonly unit: Epc | null;
  /** Ascending. */
  readonly epcs: readonly Epc[];
  /** `wrong serial`: the listed ones that were not read in their place. */
  readonly insteadOf: readonly Epc[];
}

/** After the last unit came in, the others are not waited for any longer than this, ms. */
export const UNLOADING_MS = 3_600_000;
/** A shipment of which nothing came is lost this long after it was to arrive, ms. */
export const LOST_MS = 24 * 3_600_000;

/** What differs between what a shipment lists and what was found at one of its sites. Pure. */
export function reconcile(evidence: SiteEvidence): Difference[] {
  const differences = new Differences();
  const arrived = arrivalsOf(evidence);
  const counted = latestCounts(evidence, arrived);
  const foundLater = new Set<Epc>();
  for (const { found, damaged } of counted.values()) for (const epc of [...found, ...damaged]) foundLater.add(epc);
  const seen = firstSeen(evidence);
  const listed = new Map(evidence.serials.map((serial) => [serial.epc, serial]));

  const short = new Map<Epc, SitePass>();
  const isShort = new Set<Epc>();
  for (const serial of evidence.serials) {
    const top = serial.units.at(-1);
    const arrival = top === undefined ? undefined : arrived.get(top);
    if (arrival === undefined || seen.has(serial.epc) || foundLater.has(serial.epc)) continue;
    if (arrival.seen === 0 || arrival.pass.isProvisional) continue;
    short.set(serial.epc, arrival.pass);
    isShort.add(serial.epc);
  }
  const sorted = new Set<Epc>();
  for (const pass of evidence.passes) {
    const extras = pass.extras.filter(({ epc }) => !sorted.has(epc));
    sortExtras(evidence, pass, extras, { short, listed }, differences);
    for (const { epc } of extras) sorted.add(epc);
  }
  for (const [epc, pass] of short) differences.add('shortage', at(pass), listed.get(epc)?.units.at(-1) ?? null, epc);

  for (const [epc, pass] of seen) {
    const serial = listed.get(epc);
    const lots = serial === undefined ? undefined : evidence.lots.get(serial.gtin);
    if (serial?.madeLot == null || lots === undefined || lots.has(serial.madeLot)) continue;
    differences.add('wrong lot', at(pass), serial.units.at(-1) ?? null, epc);
  }
  if (evidence.role === 'destination') {
    for (const epc of unitsShort(evidence, { arrived, counted, seen, foundLater }, differences)) isShort.add(epc);
    conceal(evidence, counted, { isShort, foundLater, seen, listed }, differences);
  }
  return differences.all();
}

interface Arrival {
  readonly pass: SitePass;
  readonly seen: number;
}

/** Of each outermost unit the first pass in which it went the shipment's way. */
function arrivalsOf({ role, passes }: SiteEvidence): Map<Epc, Arrival> {
  const away = role === 'destination' ? 'out' : 'in';
  const arrived = new Map<Epc, Arrival>();
  for (const pass of passes) {
    for (const { unit, direction, seen } of pass.units) {
      if (direction !== away && !arrived.has(unit)) arrived.set(unit, { pass, seen });
    }
  }
  return arrived;
}

function firstSeen({ passes }: SiteEvidence): Map<Epc, SitePass> {
  const seen = new Map<Epc, SitePass>();
  for (const pass of passes) {
    for (const [epc, status] of pass.reads) if (status !== 'stray' && !seen.has(epc)) seen.set(epc, pass);
  }
  return seen;
}

/** The last count of each unit since the outermost one it is in came in, through a door or by an event. */
function latestCounts(evidence: SiteEvidence, arrived: ReadonlyMap<Epc, Arrival>): Map<Epc, UnitCount> {
  const latest = new Map<Epc, UnitCount>();
  if (evidence.role !== 'destination') return latest;
  const topOf = new Map<Epc, Epc>(evidence.outermost.map((unit) => [unit, unit]));
  for (const { units } of evidence.serials) {
    const top = units.at(-1);
    if (top !== undefined) for (const unit of units) topOf.set(unit, top);
  }
  for (const count of evidence.counts) {
    const top = topOf.get(count.unit) ?? '';
    const [through, stated] = [arrived.get(top)?.pass.from, evidence.received.get(top)];
    const since = Math.min(through ?? Number.POSITIVE_INFINITY, stated ?? Number.POSITIVE_INFINITY);
    if (count.at < since) continue;
    const before = latest.get(count.unit);
    const isLater = before === undefined || count.at > before.at;
    if (isLater || (count.at === before.at && count.position > before.position)) latest.set(count.unit, count);
  }
  return latest;
}

/**
 * Each where it was first read: wrong lots first; then a wrong serial where one of a GTIN came and one of it is short in
 * the pass. The rest is too much: of three that came and one that did not, nobody can say which is in its place.
 */
function sortExtras(
  { lots }: SiteEvidence,
  pass: SitePass,
  extras: readonly Extra[],
  { short, listed }: { readonly short: Map<Epc, SitePass>; readonly listed: ReadonlyMap<Epc, ListedSerial> },
  differences: Differences,
): void {
  const left: Extra[] = [];
  for (const extra of extras) {
    const known = lots.get(extra.gtin);
    if (extra.lot === null || known === undefined || known.has(extra.lot)) left.push(extra);
    else differences.add('wrong lot', at(pass), null, extra.epc);
  }
  const byGtin = Map.groupBy(left.toSorted(byEpc), ({ gtin }) => gtin);
  const missing = [...short].filter(([, where]) => where === pass).map(([epc]) => epc);
  const shortOf = Map.groupBy(missing, (epc) => listed.get(epc)?.gtin ?? '');
  for (const [gtin, others] of byGtin) {
    const [instead, ...alsoShort] = shortOf.get(gtin) ?? [];
    const [other, ...alsoCame] = others;
    if (other !== undefined && instead !== undefined && alsoCame.length + alsoShort.length === 0) {
      differences.add('wrong serial', at(pass), null, other.epc, instead);
      short.delete(instead);
    } else for (const { epc } of others) differences.add('overage', at(pass), null, epc);
  }
}

/** What came to the site, or was found there. */
interface Here {
  readonly arrived: ReadonlyMap<Epc, Arrival>;
  readonly counted: ReadonlyMap<Epc, UnitCount>;
  readonly seen: ReadonlyMap<Epc, SitePass>;
  readonly foundLater: ReadonlySet<Epc>;
}

/** Units that did not come with the others, or nothing at all. @returns serials they hold */
function unitsShort(
  { arrives, completeUntil, outermost, serials }: SiteEvidence,
  { arrived, counted, seen, foundLater }: Here,
  differences: Differences,
): Epc[] {
  // What was opened here is here: what it lacks was hidden in it.
  const isOpened = (units: readonly Epc[]) => units.some((unit) => counted.has(unit));
  const isGone = ({ epc, units }: ListedSerial) =>
    !seen.has(epc) && !foundLater.has(epc) && !arrived.has(units.at(-1) ?? '') && !isOpened(units);
  const gone = serials.filter(isGone);
  const isNothingHere = arrived.size === 0 && seen.size === 0 && counted.size === 0;
  const last = [...arrived.values()].reduce((latest, { pass }) => Math.max(latest, pass.to), Number.NEGATIVE_INFINITY);
  const since = isNothingHere ? (arrives ?? Number.POSITIVE_INFINITY) + LOST_MS : last + UNLOADING_MS;
  if (!Number.isFinite(since) || completeUntil === null || completeUntil < since) return [];
  const term = isNothingHere ? 'lost' : 'shortage';
  const where = { portal: null, pass: null, since };
  for (const { epc, units } of gone) differences.add(term, where, units.at(-1) ?? null, epc);
  // A unit without listed serials stands for itself.
  const holding = new Set(serials.map(({ units }) => units.at(-1)));
  for (const unit of outermost) {
    if (!arrived.has(unit) && !seen.has(unit) && !counted.has(unit) && !holding.has(unit))
      differences.add(term, where, unit, unit);
  }
  return gone.map(({ epc }) => epc);
}

/** What showed only when units were opened: it had been taken as in them, or not been looked for. */
function conceal(
  { serials, damaged }: SiteEvidence,
  counted: ReadonlyMap<Epc, UnitCount>,
  known: {
    readonly isShort: ReadonlySet<Epc>;
    readonly foundLater: ReadonlySet<Epc>;
    readonly seen: ReadonlyMap<Epc, SitePass>;
    readonly listed: ReadonlyMap<Epc, ListedSerial>;
  },
  differences: Differences,
): void {
  for (const { epc, units } of serials) {
    const opened = units.find((unit) => counted.has(unit));
    const count = opened === undefined ? undefined : counted.get(opened);
    if (count !== undefined && !known.foundLater.has(epc) && !known.isShort.has(epc)) {
      differences.add('concealed shortage', { portal: null, pass: null, since: count.at }, count.unit, epc);
    }
  }
  const broken = new Map<Epc, { since: number; unit: Epc | null }>();
  for (const { epc, units } of serials) {
    const since = damaged.get(epc);
    if (since !== undefined) broken.set(epc, { since, unit: units.at(-1) ?? null });
  }
  for (const [unit, { found, damaged: counts, at: since }] of counted) {
    for (const epc of new Set([...found, ...counts])) {
      const isUnit = counted.has(epc) || known.seen.has(epc);
      if (known.listed.has(epc) || isUnit || isListedUnit(serials, epc)) continue;
      differences.add('concealed overage', { portal: null, pass: null, since }, unit, epc);
    }
    for (const epc of counts) broken.set(epc, { since, unit });
  }
  for (const [epc, { since, unit }] of broken)
    differences.add('damaged', { portal: null, pass: null, since }, unit, epc);
}

function isListedUnit(serials: readonly ListedSerial[], epc: Epc): boolean {
  return serials.some(({ units }) => units.includes(epc));
}

interface Where {
  readonly portal: string | null;
  readonly pass: string | null;
  readonly since: number;
}

function at({ portal, id, from }: SitePass): Where {
  return { portal, pass: id, since: from };
}

function byEpc(a: { readonly epc: Epc }, b: { readonly epc: Epc }): number {
  return a.epc < b.epc ? -1 : 1;
}

/** Collects serials into differences of one kind. */
class Differences {
  readonly #byKey = new Map<string, Difference & { readonly epcs: Epc[]; readonly insteadOf: Epc[] }>();

  add(term: Term, where: Where, unit: Epc | null, epc: Epc, insteadOf?: Epc): void {
    const key = [term, where.portal, where.pass, where.since, unit].join('|');
    let line = this.#byKey.get(key);
    if (line === undefined) {
      line = { term, ...where, unit, epcs: [], insteadOf: [] };
      this.#byKey.set(key, line);
    }
    line.epcs.push(epc);
    if (insteadOf !== undefined) line.insteadOf.push(insteadOf);
  }

  /** By since, then in the order of the terms. */
  all(): Difference[] {
    for (const { epcs, insteadOf } of this.#byKey.values()) {
      epcs.sort();
      insteadOf.sort();
    }
    return [...this.#byKey.values()].sort(
      (a, b) =>
        a.since - b.since ||
        TERMS.indexOf(a.term) - TERMS.indexOf(b.term) ||
        `${a.portal} ${a.unit}`.localeCompare(`${b.portal} ${b.unit}`),
    );
  }
}
