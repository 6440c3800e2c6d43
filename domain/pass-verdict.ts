import type { Direction } from './pass.ts';
import type { Epc } from './shipment.ts';
import type { ReadGap } from './sighting.ts';
import { doorText, serverText, type TextValues, type VerdictReasonKey } from './texts/index.ts';
/** Where a serial or unit stands in a pass. */
export type ReadStatus =
  /** A shipment expects it at this site at that time. */
  | 'expected'
  /** None does. */
  | 'unexpected'
  /** Read here, but it went through a neighbouring portal at that time. */
  | 'stray'
  /** No serial and no logistic unit: a returnable asset, a foreign tag. */
  | 'other';

/** One EPC read in a pass, as far as the verdict depends on it. */
export interface EvidenceRead {
  readonly epc: Epc;
  readonly count: number;
  readonly rssiDbm: number | null;
  readonly direction: Direction;
}

export interface EvidencePass {
  readonly id: number;
  readonly portal: string;
  readonly from: number;
  readonly to: number;
  readonly direction: Direction;
  readonly directionReason: string;
  readonly reads: readonly EvidenceRead[];
}

/** A shipment that concerns an EPC, seen from the pass's site and time. */
export interface Expectation {
  readonly shipment: string;
  /** What the site is to the shipment; `elsewhere` where it is neither origin nor destination. */
  readonly role: 'origin' | 'destination' | 'elsewhere';
  /** The pass lies in [departs - 24 h, closed). */
  readonly isInTime: boolean;
}

/** A shipment is expected at its sites from this long before it departs (docs/trace.md, "The verdict on a pass"). */
export const EARLY_MS = 24 * 3_600_000;

/** A shipment as far as it says what a site expects when. */
export interface ExpectedShipment {
  readonly shipment: string;
  readonly origin: string;
  readonly destination: string;
  readonly departs: number;
  readonly closedAt: number | null;
}

/** What a shipment that lists an EPC makes a site expect at a moment, epoch ms UTC. */
export function expectationAt({ shipment, ...listed }: ExpectedShipment, site: string, at: number): Expectation {
  const { origin, destination, departs, closedAt } = listed;
  const role = site === destination ? 'destination' : site === origin ? 'origin' : 'elsewhere';
  return { shipment, role, isInTime: at >= departs - EARLY_MS && (closedAt === null || at < closedAt) };
}

/** All that the verdict on one pass rests on; containment as it held at pass.from. */
export interface Evidence {
  readonly pass: EvidencePass;
  /** Other passes at the site's portals, this one included, from {@link NEIGHBOUR_MS} before it to as long after. */
  readonly neighbours: readonly EvidencePass[];
  /** What the EPC was in, innermost first; empty for what stood by itself. */
  readonly ancestors: (epc: Epc) => readonly Epc[];
  /** Serials in a unit, nested ones included. */
  readonly serialsIn: (unit: Epc) => readonly Epc[];
  readonly expectations: (epc: Epc) => readonly Expectation[];
  readonly kindOf: (epc: Epc) => 'serial' | 'unit' | 'other';
  /** Why a serial or unit may not move on, at pass.from; absent: it may (serials/serial-status.ts). */
  readonly blocked: ReadonlyMap<Epc, string>;
  /** Everything the portal's readers saw up to the pass's end has been uplinked. */
  readonly isComplete: boolean;
  /** Stretches during the pass in which reads of its readers are known to be missing. */
  readonly gaps: readonly ReadGap[];
  /** Absent: everything is worked out. */
  readonly decisions?: KnownDecisions;
}

/**
 * What was decided of single reads, kept from one judgement of a pass to the next while what is known of its goods only grows: a pass
 * under way is judged with every batch, and most of its reads stay as they were.
 */
export class KnownDecisions {
  readonly expected = new Map<Epc, readonly Expectation[]>();
  /** Of what is in a unit that did not go through as a whole, and of all else. */
  readonly alone = new Map<Epc, ReadOutcome>();
  readonly others = new Map<Epc, ReadOutcome>();
}

export interface ReadOutcome {
  readonly epc: Epc;
  readonly status: ReadStatus;
  readonly reason: string;
  /** Of a stray: the portal that it went through; absent where it only stands near the door. */
  readonly claimedBy?: string;
}

/** A unit that went through, read itself or inferred from enough of its serials. */
export interface UnitOutcome {
  readonly unit: Epc;
  /** The shipment that expects it here, or null. */
  readonly shipment: string | null;
  readonly inferredFrom: 'its own tag' | 'its serials';
  readonly direction: Direction;
  readonly directionReason: string;
  /** Serials in it, and how many of them were read. */
  readonly serials: number;
  readonly seen: number;
}

export interface Missing {
  readonly epc: Epc;
  readonly unit: Epc;
  readonly shipment: string;
}

export interface Verdict {
  /** `pass`: everything expected was read and nothing else. `check`: a person looks before it moves on. */
  readonly verdict: 'pass' | 'check';
  /** Reads may still be on their way: missing ones are not certain. */
  readonly isProvisional: boolean;
  /** Serials expected, seen and missing; serials and units unexpected and stray. */
  readonly counts: {
    readonly expected: number;
    readonly seen: number;
    readonly missing: number;
    readonly unexpected: number;
    readonly stray: number;
  };
  readonly reason: string;
  readonly shipments: readonly string[];
  /** What came through and may not move on, read itself or in a unit that went through, and why; absent: nothing. */
  readonly blocked?: readonly { readonly epc: Epc; readonly status: string }[];
}

export interface PassOutcome {
  readonly verdict: Verdict;
  readonly reads: readonly ReadOutcome[];
  readonly units: readonly UnitOutcome[];
  readonly missing: readonly Missing[];
  /** Serials no shipment expects here. */
  readonly unexpectedSerials: readonly Epc[];
  /** Everything that went through: what was read and is no stray, and serials in units that went through; by EPC. */
  readonly through: readonly Epc[];
  /** What moved by itself: outermost units that went through, and serials that stood in nothing. */
  readonly moved: readonly { readonly epc: Epc; readonly direction: Direction }[];
}

/** Passes this near in time are looked at for where a tag really went through, ms. */
export const NEIGHBOUR_MS = 60_000;
/** Passes this near are simultaneous: the fields of antennas reach further than light curtains, ms. */
const SIMULTANEOUS_MS = 20_000;
/** What goes through a door is read that much more strongly than what stands near it, dB. */
const CROSSING_DB = 10;
/** What is read no more strongly than this, and shows no direction, stands near the door, dBm. */
const STANDING_DBM = -62;
/** Most of a unit's tags that have a direction: it moves. */
const DIRECTED_SHARE = 0.6;

/** The share of a unit's serials that must be read for the unit to have gone through although its own tag was not. */
export const UNIT_SHARE = 0.5;

/** Decides what a pass shows (docs/trace.md, "The verdict on a pass"). Pure. */
export function decide(evidence: Evidence): PassOutcome {
  const { pass } = evidence;
  const strays = straysOf(evidence);
  const here = pass.reads.filter(({ epc }) => !strays.has(epc));
  const units = unitsThrough(evidence, here);
  const passed = new Set(units.map(({ unit }) => unit));
  const reads: ReadOutcome[] = pass.reads.map(({ epc }) => {
    const stray = strays.get(epc);
    if (stray !== undefined) return { epc, status: 'stray', ...stray };
    return decideRead(evidence, epc, passed);
  });
  const missing = missingOf(evidence, here, units);
  const isSerial = (epc: Epc) => evidence.kindOf(epc) === 'serial';
  const expected = reads.filter(({ epc, status }) => status === 'expected' && isSerial(epc));
  const unexpected = reads.filter(({ status }) => status === 'unexpected').map(({ epc }) => epc);
  const counts = {
    expected: expected.length + missing.length,
    seen: here.filter(({ epc }) => isSerial(epc)).length,
    missing: missing.length,
    unexpected: unexpected.length,
    stray: strays.size,
  };
  const through = throughOf(evidence, here, units);
  const blocked = blockedIn(evidence, through);
  const shipments = new Set<string>();
  for (const { epc, status } of reads) {
    if (status === 'expected') for (const { shipment } of expectedBy(evidence, epc)) shipments.add(shipment);
  }
  return {
    verdict: {
      verdict: counts.missing + counts.unexpected + blocked.length > 0 ? 'check' : 'pass',
      isProvisional: !evidence.isComplete,
      counts,
      reason: sayVerdict({ verdict: { counts, blocked }, units }, evidence, serverText),
      shipments: [...shipments].sort(),
      ...(blocked.length > 0 && { blocked }),
    },
    reads,
    units,
    missing,
    unexpectedSerials: unexpected.filter(isSerial).sort(),
    through,
    moved: movedOf(evidence, here, units),
  };
}

/** What stands for an EPC when it moves: the outermost unit it is in, or itself. */
function familyOf(evidence: Evidence, epc: Epc): Epc {
  return evidence.ancestors(epc).at(-1) ?? epc;
}

/** How strongly a pass claims a family: its direction agrees with the manifest, then reads, then the signal. */
interface Claim {
  readonly agreement: number;
  readonly count: number;
  /** Median over its tags of their best RSSI; -Infinity where no reader says. */
  readonly rssiDbm: number;
  /** The share of its tags that moved the way most of them did. */
  readonly directed: number;
  readonly portal: string;
}

/**
 * EPCs that did not go through in this pass, with the reason. A unit and what is in it are claimed together: the pass
 * that reads the pallet best has all of it.
 */
function straysOf(evidence: Evidence): Map<Epc, Stray> {
  const strays = new Map<Epc, Stray>();
  const { pass } = evidence;
  const own = claimsOf(evidence, pass);
  const others = evidence.neighbours.map((other) => ({ other, claims: claimsOf(evidence, other) }));
  const reasons = new Map<Epc, Stray | null>();
  for (const { epc } of pass.reads) {
    const family = familyOf(evidence, epc);
    const mine = own.get(family);
    if (mine === undefined) continue;
    let why = reasons.get(family);
    if (why === undefined) {
      why = whyStray(pass, mine, family, others);
      reasons.set(family, why);
    }
    if (why === null) continue;
    const reason = family === epc ? serverText('pass.stray.itself', { why: why.reason }) : `${family} ${why.reason}`;
    strays.set(epc, { ...why, reason });
  }
  return strays;
}

type Stray = Pick<ReadOutcome, 'reason' | 'claimedBy'>;

interface Other {
  readonly other: EvidencePass;
  readonly claims: ReadonlyMap<Epc, Claim>;
}

function whyStray(pass: EvidencePass, mine: Claim, family: Epc, others: readonly Other[]): Stray | null {
  for (const { other, claims } of others) {
    const theirs = claims.get(family);
    if (theirs === undefined) continue;
    const isSimultaneous = other.from < pass.to + SIMULTANEOUS_MS && other.to > pass.from - SIMULTANEOUS_MS;
    if (other.portal !== pass.portal && isSimultaneous) {
      if (!isStronger(theirs, mine)) continue;
      const reads = { theirs: reading(theirs), ours: reading(mine) };
      return {
        reason: serverText('pass.stray.elsewhere', { portal: theirs.portal, ...reads }),
        claimedBy: theirs.portal,
      };
    } else if (theirs.rssiDbm - mine.rssiDbm >= CROSSING_DB) {
      const at = new Date(other.from).toISOString().slice(11, 19);
      const reads = { theirs: reading(theirs), ours: reading(mine) };
      const reason = serverText('pass.stray.before', { portal: theirs.portal, at, ...reads });
      return other.portal === pass.portal ? { reason } : { reason, claimedBy: theirs.portal };
    }
  }
  if (mine.rssiDbm > STANDING_DBM || mine.directed >= DIRECTED_SHARE || !Number.isFinite(mine.rssiDbm)) return null;
  return { reason: serverText('pass.stray.standing', { ours: reading(mine) }) };
}

function claimsOf(evidence: Evidence, pass: EvidencePass): Map<Epc, Claim> {
  const families = new Map<Epc, EvidenceRead[]>();
  for (const read of pass.reads) {
    const family = familyOf(evidence, read.epc);
    const reads = families.get(family);
    if (reads === undefined) families.set(family, [read]);
    else reads.push(read);
  }
  const claims = new Map<Epc, Claim>();
  for (const [family, reads] of families) {
    const into = reads.filter(({ direction }) => direction === 'in').length;
    const out = reads.filter(({ direction }) => direction === 'out').length;
    claims.set(family, {
      agreement: reads.reduce((most, read) => Math.max(most, agreementOf(evidence, family, read.direction)), 0),
      count: reads.reduce((sum, { count }) => sum + count, 0),
      rssiDbm: median(reads.flatMap(({ rssiDbm }) => (rssiDbm === null ? [] : [rssiDbm]))),
      directed: Math.max(into, out) / reads.length,
      portal: pass.portal,
    });
  }
  return claims;
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NEGATIVE_INFINITY;
}

function agreementOf(evidence: Evidence, epc: Epc, direction: Direction): number {
  const roles = expectedBy(evidence, epc).map(({ role }) => role);
  if (direction === 'unknown' || roles.length === 0) return 1;
  return roles.includes(direction === 'in' ? 'destination' : 'origin') ? 2 : 0;
}

function isStronger(a: Claim, b: Claim): boolean {
  if (Math.abs(a.rssiDbm - b.rssiDbm) >= CROSSING_DB) return a.rssiDbm > b.rssiDbm;
  if (a.agreement !== b.agreement) return a.agreement > b.agreement;
  if (a.count !== b.count) return a.count > b.count;
  if (a.rssiDbm !== b.rssiDbm) return a.rssiDbm > b.rssiDbm;
  return a.portal < b.portal;
}

function reading({ count, rssiDbm }: Claim): string {
  return Number.isFinite(rssiDbm)
    ? serverText('pass.read.at', { count, rssi: rssiDbm })
    : serverText('pass.read', { count });
}

/** Shipments that expect it, or what it is in, at this site and time. */
export function expectedBy(evidence: Evidence, epc: Epc): readonly Expectation[] {
  const known = evidence.decisions?.expected.get(epc);
  if (known !== undefined) return known;
  const expected = [epc, ...evidence.ancestors(epc)]
    .flatMap((one) => evidence.expectations(one))
    .filter(({ role, isInTime }) => role !== 'elsewhere' && isInTime);
  evidence.decisions?.expected.set(epc, expected);
  return expected;
}

function decideRead(evidence: Evidence, epc: Epc, passed: ReadonlySet<Epc>): ReadOutcome {
  const { decisions } = evidence;
  const family = familyOf(evidence, epc);
  const isAlone = family !== epc && !passed.has(family);
  const memory = isAlone ? decisions?.alone : decisions?.others;
  const known = memory?.get(epc);
  // With more of its unit read it may turn out to hold something itself.
  if (known !== undefined && (known.status === 'other') === (evidence.kindOf(epc) === 'other')) return known;
  const outcome = decideAnew(evidence, epc, isAlone ? family : null);
  memory?.set(epc, outcome);
  return outcome;
}

/** @param unit that did not go through as a whole, though this was in it; null: it was in none */
function decideAnew(evidence: Evidence, epc: Epc, unit: Epc | null): ReadOutcome {
  if (evidence.kindOf(epc) === 'other') return { epc, status: 'other', reason: serverText('pass.other') };
  const shipment = expectedBy(evidence, epc)[0]?.shipment;
  const alone = unit === null ? '' : serverText('pass.alone', { unit });
  if (shipment !== undefined) {
    return { epc, status: 'expected', reason: serverText('pass.expected', { shipment, alone }) };
  }
  return { epc, status: 'unexpected', reason: whyUnexpected(evidence, epc, alone) };
}

function whyUnexpected(evidence: Evidence, epc: Epc, alone: string): string {
  const known = [epc, ...evidence.ancestors(epc)].flatMap((one) => evidence.expectations(one));
  const atSite = known.find(({ role }) => role !== 'elsewhere');
  if (atSite !== undefined) return serverText('pass.unexpected.late', { shipment: atSite.shipment, alone });
  const elsewhere = known[0];
  if (elsewhere !== undefined) {
    return serverText('pass.unexpected.elsewhere', { shipment: elsewhere.shipment, alone });
  }
  return serverText('pass.unexpected', { alone });
}

function unitsThrough(evidence: Evidence, here: readonly EvidenceRead[]): UnitOutcome[] {
  const families = new Map<Epc, EvidenceRead[]>();
  for (const read of here) {
    const family = familyOf(evidence, read.epc);
    if (evidence.kindOf(family) !== 'unit') continue;
    const reads = families.get(family);
    if (reads === undefined) families.set(family, [read]);
    else reads.push(read);
  }
  const units: UnitOutcome[] = [];
  for (const [unit, reads] of families) {
    const serials = evidence.serialsIn(unit);
    const inside = new Set(serials);
    const seen = reads.filter(({ epc }) => inside.has(epc)).length;
    const hasOwnTag = reads.some(({ epc }) => epc === unit);
    if (!hasOwnTag && (serials.length === 0 || seen / serials.length < UNIT_SHARE)) continue;
    units.push({
      unit,
      shipment: expectedBy(evidence, unit)[0]?.shipment ?? null,
      inferredFrom: hasOwnTag ? 'its own tag' : 'its serials',
      ...unitDirection(evidence, unit, reads),
      serials: serials.length,
      seen,
    });
  }
  return units.sort((a, b) => (a.unit < b.unit ? -1 : 1));
}

/** By its tags; else by the whole pass; else by what the manifest has it do at this site. */
function unitDirection(
  evidence: Evidence,
  unit: Epc,
  reads: readonly EvidenceRead[],
): Pick<UnitOutcome, 'direction' | 'directionReason'> {
  const into = reads.filter(({ direction }) => direction === 'in').length;
  const out = reads.filter(({ direction }) => direction === 'out').length;
  if (into !== out) {
    const direction = into > out ? 'in' : 'out';
    const directionReason = serverText('pass.direction.tags', {
      ...{ moved: Math.max(into, out), tags: reads.length, direction },
    });
    return { direction, directionReason };
  }
  const { direction, directionReason } = evidence.pass;
  if (direction !== 'unknown') return { direction, directionReason };
  const roles = new Set(expectedBy(evidence, unit).map(({ role }) => role));
  if (roles.size === 1) {
    const isArriving = roles.has('destination');
    const role = isArriving ? 'destination' : 'origin';
    return { direction: isArriving ? 'in' : 'out', directionReason: serverText(`pass.direction.shipment.${role}`) };
  }
  return { direction: 'unknown', directionReason: serverText('pass.direction.none') };
}

/**
 * Serials of expected units that went through unseen. Where not one serial of a unit was read, its items carry no tags
 * that can be read through it, and nothing is said of them.
 */
function missingOf(evidence: Evidence, here: readonly EvidenceRead[], units: readonly UnitOutcome[]): Missing[] {
  const seen = new Set(here.map(({ epc }) => epc));
  const missing: Missing[] = [];
  for (const unit of units) {
    if (unit.shipment === null || unit.seen === 0) continue;
    for (const epc of evidence.serialsIn(unit.unit)) {
      if (!seen.has(epc)) missing.push({ epc, unit: unit.unit, shipment: unit.shipment });
    }
  }
  return missing.sort((a, b) => (a.epc < b.epc ? -1 : 1));
}

function throughOf(
  { kindOf, serialsIn }: Evidence,
  here: readonly EvidenceRead[],
  units: readonly UnitOutcome[],
): Epc[] {
  const through = new Set(here.map(({ epc }) => epc).filter((epc) => kindOf(epc) !== 'other'));
  for (const { unit } of units) for (const epc of [unit, ...serialsIn(unit)]) through.add(epc);
  return [...through].sort();
}

function blockedIn({ blocked }: Evidence, through: readonly Epc[]): { epc: Epc; status: string }[] {
  return through.flatMap((epc) => {
    const status = blocked.get(epc);
    return status === undefined ? [] : [{ epc, status }];
  });
}

function movedOf(
  evidence: Evidence,
  here: readonly EvidenceRead[],
  units: readonly UnitOutcome[],
): PassOutcome['moved'] {
  const moved = units.map(({ unit, direction }) => ({ epc: unit, direction }));
  for (const { epc, direction } of here) {
    if (evidence.kindOf(epc) !== 'serial' || evidence.ancestors(epc).length > 0) continue;
    moved.push({ epc, direction: direction === 'unknown' ? evidence.pass.direction : direction });
  }
  return moved.filter(({ direction }) => direction !== 'unknown');
}

/** Says one part of a reason, in some language. */
export type SayVerdict = (key: VerdictReasonKey, values?: TextValues) => string;

/** What a pass showed, in a line: what stops it, what differs from what was expected, what of its reads may be missing. */
export function sayVerdict(
  { verdict, units }: { readonly verdict: Pick<Verdict, 'counts' | 'blocked'> } & Pick<PassOutcome, 'units'>,
  { isComplete, gaps }: Pick<Evidence, 'isComplete' | 'gaps'>,
  say: SayVerdict,
): string {
  const { blocked = [], counts } = verdict;
  const stopped = blocked.length === 0 ? '' : `${blockedText(blocked, say)}, `;
  return stopped + countsText(counts, units, isComplete, say) + gapsText(gaps, say);
}

function blockedText(blocked: readonly { readonly status: string }[], say: SayVerdict): string {
  const statuses = [...new Set(blocked.map(({ status }) => say('pass.reason.status', { status })))].sort();
  return say('pass.reason.blocked', { count: blocked.length, statuses: statuses.join(', ') });
}

function countsText(
  counts: Verdict['counts'],
  units: readonly UnitOutcome[],
  isComplete: boolean,
  say: SayVerdict,
): string {
  const found: string[] = [];
  if (counts.unexpected > 0) found.push(say('pass.reason.unexpected', { count: counts.unexpected }));
  if (counts.missing > 0) {
    found.push(say(isComplete ? 'pass.reason.missing' : 'pass.reason.missing.soFar', { count: counts.missing }));
  }
  if (found.length > 0) return found.join(', ');
  if (counts.expected > 0) return say('pass.reason.all', { count: counts.expected });
  if (units.length > 0) return say('pass.reason.units', { count: units.length });
  return say(counts.stray > 0 ? 'pass.reason.strays' : 'pass.reason.nothing');
}

const GAP_CAUSES = [
  'pass.gap.notReading',
  'pass.gap.unheld',
  'pass.gap.broken',
  'pass.gap.overflow',
  'pass.gap.killed',
  'pass.gap.damaged',
] as const satisfies readonly VerdictReasonKey[];

/** What a person must know who reads the counts. Causes that a gateway of another version words otherwise stay as they came. */
function gapsText(gaps: readonly ReadGap[], say: SayVerdict): string {
  const clock = (at: number) => new Date(at).toISOString().slice(11, 19);
  return gaps
    .map(({ reader, from, to, reason }) => {
      const cause = GAP_CAUSES.find((key) => doorText('en', key) === reason);
      const gap = { reader, from: clock(from), to: clock(to), reason: cause === undefined ? reason : say(cause) };
      return `; ${say('pass.reason.gap', gap)}`;
    })
    .join('');
}
