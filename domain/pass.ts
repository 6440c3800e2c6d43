import type { Portal, PortalSide } from './place.ts';
import { type GpiEvent, mergeSightings, type Sighting } from './sighting.ts';

/** Through the door: `in` = from outside to inside. */
export type Direction = 'in' | 'out' | 'unknown';

/** What ended a pass: nothing seen for the portal's quiet time, the next break of the light curtain, or the cap. */
export type PassEnd = 'quiet' | 'gpi' | 'cap';

/** What the antennas of one side of the door saw of one EPC during a pass. */
export interface SideReads {
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly count: number;
  readonly rssiDbm: number | null;
}

/** One EPC in one pass, over all antennas of the portal. */
export interface PassRead extends SideReads {
  readonly epcHex: string;
  readonly epcBits: number;
  readonly inside: SideReads | null;
  readonly outside: SideReads | null;
  readonly direction: Direction;
  /** Why the direction is what it is, for a person. */
  readonly directionReason: string;
}

/** One movement through a portal: everything seen there during [from, to), epoch ms UTC. */
export interface Pass {
  readonly portal: string;
  /** The trigger or the first read. */
  readonly from: number;
  /** Just after the last read (or the trigger's release), never later than from + cap. */
  readonly to: number;
  readonly endedBy: PassEnd;
  /** From this event time on nothing can join the pass any more. */
  readonly settlesAt: number;
  /** By EPC; empty where only the trigger fired. */
  readonly reads: readonly PassRead[];
  readonly direction: Direction;
  readonly directionReason: string;
}

/** What pass formation needs to know of a portal. */
export type PassPortal = Pick<Portal, 'id' | 'antennas' | 'triggers' | 'quietMs' | 'capMs'>;

/** How long all triggers must have been clear before the next break counts as the next movement, ms. */
export const TRIGGER_CLEAR_MS = 1_000;

/**
 * Splits one portal's sightings into passes (trace.md, "Pass formation").
 *
 * A pass starts with a trigger going high or the first read, and ends when nothing has been seen and no trigger been
 * high for longer than `quietMs`, when a trigger goes high again after all were clear for {@link TRIGGER_CLEAR_MS}, or
 * at `from + capMs`. A sighting belongs to the pass in which it was first seen. A trigger without reads is a pass too.
 *
 * Pure: the same sightings and events, repeated reports merged, in any order give the same passes. Sightings and
 * events of antennas and ports that are not the portal's are left out.
 *
 * @param identify what makes two tags the same thing (one item may carry two encodings); default: equal EPC memory
 * @returns passes by `from`; every sighting of the portal belongs to exactly one
 * @throws {RangeError} if `quietMs` or `capMs` is not positive
 */
export function formPasses(
  portal: PassPortal,
  sightings: readonly Sighting[],
  gpi: readonly GpiEvent[],
  identify: (epcHex: string, epcBits: number) => string = sameMemory,
): Pass[] {
  if (!(portal.quietMs > 0) || !(portal.capMs > 0)) {
    throw new RangeError(`portal ${portal.id}: quietMs and capMs must be positive`);
  }
  return trainsOf(portal, sightings, gpi).flatMap((train) => closedTrain(train, portal, identify));
}

/** Passes as they are before tags go to the one that each crossed in; what is quiet in between ends a train of them. */
export function trainsOf(portal: PassPortal, sightings: readonly Sighting[], gpi: readonly GpiEvent[]): OpenPass[][] {
  const trains: OpenPass[][] = [];
  let train: OpenPass[] = [];
  for (const activity of activities(portal, sightings, gpi)) {
    let open = train.at(-1);
    const ended = open === undefined ? null : endOf(open, activity, portal);
    if (open === undefined || ended !== null) {
      if (open !== undefined && ended !== null) {
        open.ended = { by: ended, nextFrom: activity.from };
        if (isQuietBefore(activity, open, portal)) {
          trains.push(train);
          train = [];
        }
      }
      open = { from: activity.from, activeUntil: activity.from, trigger: null, sightings: [], ended: null };
      train.push(open);
    }
    open.activeUntil = Math.max(open.activeUntil, activity.to);
    if (activity.sighting === null) {
      const { from, to } = open.trigger ?? activity;
      open.trigger = { from, to: Math.max(to, activity.to) };
    } else open.sightings.push(activity.sighting);
  }
  return train.length === 0 ? trains : [...trains, train];
}

/**
 * The earliest moment at or after which passes do not depend on anything seen before: a start with neither a sighting
 * nor a trigger in the `quietMs` before it. Lets a caller re-form one window instead of a portal's whole history.
 *
 * @returns starts (first reads, triggers going high) that always open a pass, ascending
 */
export function cleanStarts(portal: PassPortal, sightings: readonly Sighting[], gpi: readonly GpiEvent[]): number[] {
  const starts: number[] = [];
  let activeUntil = Number.NEGATIVE_INFINITY;
  for (const activity of activities(portal, sightings, gpi)) {
    if (activity.from - activeUntil > portal.quietMs) starts.push(activity.from);
    activeUntil = Math.max(activeUntil, activity.to);
  }
  return starts;
}

/** A sighting or a break of the trigger: something was there during [from, to]. */
interface Activity {
  readonly from: number;
  /** Last moment, cut at from + cap: no pass lasts longer than that. */
  readonly to: number;
  readonly sighting: Sighting | null;
}

export interface OpenPass {
  readonly from: number;
  activeUntil: number;
  /** From its first trigger until all were clear; null where none fired. */
  trigger: { readonly from: number; readonly to: number } | null;
  sightings: Sighting[];
  ended: { readonly by: PassEnd; readonly nextFrom: number } | null;
}

function activities(portal: PassPortal, sightings: readonly Sighting[], gpi: readonly GpiEvent[]): Activity[] {
  const found: Activity[] = triggerBreaks(portal, gpi);
  for (const sighting of merged(portal, sightings)) {
    const { firstSeen, lastSeen } = sighting;
    found.push({ from: firstSeen, to: Math.min(lastSeen, firstSeen + portal.capMs), sighting });
  }
  // A trigger at the same moment comes first: it opens the pass that the sighting belongs to.
  return found.sort((a, b) => a.from - b.from || rank(a) - rank(b));
}

function rank(activity: Activity): number {
  return activity.sighting === null ? 0 : 1;
}

function merged(portal: PassPortal, sightings: readonly Sighting[]): Iterable<Sighting> {
  const antennas = new Set(portal.antennas.map((antenna) => `${antenna.antenna}|${antenna.reader}`));
  const found = new Map<string, Sighting>();
  for (const sighting of sightings) {
    const antenna = `${sighting.antenna}|${sighting.reader}`;
    if (!antennas.has(antenna)) continue;
    const identity = `${sighting.firstSeen}|${sighting.epcHex}|${sighting.epcBits}|${antenna}`;
    const before = found.get(identity);
    found.set(identity, before === undefined ? sighting : mergeSightings(before, sighting));
  }
  return found.values();
}

/** One activity per time a trigger port went high, up to its release, the next report of high, or the cap. */
function triggerBreaks(portal: PassPortal, gpi: readonly GpiEvent[]): Activity[] {
  const triggers = new Set(portal.triggers);
  const byPort = new Map<string, GpiEvent[]>();
  for (const event of gpi) {
    const port = `${event.reader}/${event.port}`;
    if (!triggers.has(port)) continue;
    const events = byPort.get(port);
    if (events === undefined) byPort.set(port, [event]);
    else events.push(event);
  }
  const breaks: Activity[] = [];
  for (const events of byPort.values()) {
    events.sort((a, b) => a.at - b.at || Number(a.isHigh) - Number(b.isHigh));
    for (const [index, event] of events.entries()) {
      if (!event.isHigh || isRepeated(events, index)) continue;
      const next = events.slice(index + 1).find((later) => later.at > event.at || !later.isHigh);
      const to = Math.min(next?.at ?? Number.POSITIVE_INFINITY, event.at + portal.capMs);
      breaks.push({ from: event.at, to, sighting: null });
    }
  }
  return breaks;
}

/** The same event reported twice. */
function isRepeated(events: readonly GpiEvent[], index: number): boolean {
  const event = events[index];
  const before = events[index - 1];
  return before !== undefined && event !== undefined && before.at === event.at && before.isHigh === event.isHigh;
}

function endOf(open: OpenPass, next: Activity, portal: PassPortal): PassEnd | null {
  if (isQuietBefore(next, open, portal)) return lastEnd(open, portal);
  if (next.from >= open.from + portal.capMs) return 'cap';
  const isNextMovement =
    next.sighting === null && open.trigger !== null && next.from - open.trigger.to >= TRIGGER_CLEAR_MS;
  return isNextMovement ? 'gpi' : null;
}

/** Nothing was there for longer than `quietMs` before it. */
export function isQuietBefore(
  next: Pick<Activity, 'from'>,
  open: Pick<OpenPass, 'from' | 'activeUntil'>,
  portal: PassPortal,
): boolean {
  return next.from - Math.min(open.activeUntil, open.from + portal.capMs) > portal.quietMs;
}

/** How a pass ends where nothing comes after it. */
function lastEnd(open: Pick<OpenPass, 'from' | 'activeUntil'>, portal: PassPortal): PassEnd {
  return open.activeUntil >= open.from + portal.capMs ? 'cap' : 'quiet';
}

type Sides = ReadonlyMap<string, PortalSide | null>;

export type Identify = (epcHex: string, epcBits: number) => string;

function sameMemory(epcHex: string, epcBits: number): string {
  return `${epcHex}|${epcBits}`;
}

/**
 * Passes that follow each other without a quiet time between them. The field of an antenna reaches further than the
 * curtain: a tag that comes close behind is first seen in the pass before its own, and one that has just gone through is
 * still seen in the next. Each run of one tag's sightings goes to the pass in whose trigger it crossed.
 */
function closedTrain(train: readonly OpenPass[], portal: PassPortal, identify: Identify): Pass[] {
  if (train.filter(({ trigger }) => trigger !== null).length > 1) reassign(train, portal, identify);
  const passes: Pass[] = [];
  for (const [index, open] of train.entries()) {
    if (open.trigger === null && open.sightings.length === 0) continue;
    const pass = closed(open, portal, identify);
    const next = train[index + 1];
    // What the next pass sees may yet tell that a tag was its own.
    passes.push(next === undefined ? pass : { ...pass, settlesAt: closed(next, portal, identify).settlesAt });
  }
  return passes;
}

function reassign(train: readonly OpenPass[], portal: PassPortal, identify: Identify): void {
  const sides = sidesOf(portal);
  const byTag = new Map<string, Sighting[]>();
  for (const sighting of train.flatMap(({ sightings }) => sightings)) {
    const tag = identify(sighting.epcHex, sighting.epcBits);
    const of = byTag.get(tag);
    if (of === undefined) byTag.set(tag, [sighting]);
    else of.push(sighting);
  }
  for (const open of train) open.sightings = [];
  for (const sightings of byTag.values()) {
    for (const run of runsOf(sightings, portal.quietMs)) {
      const crossed = crossedIn(train, run, sides);
      for (const sighting of run) crossed.sightings.push(sighting);
    }
  }
}

/**
 * The pass in whose trigger a tag was read most strongly: then it stood in the door. A tag that no trigger saw, or whose
 * reader gives no signal strength, goes where it crossed nearest.
 */
function crossedIn(train: readonly OpenPass[], run: readonly Sighting[], sides: Sides): OpenPass {
  let best: OpenPass | null = null;
  let bestDbm = Number.NEGATIVE_INFINITY;
  for (const open of train) {
    const { trigger } = open;
    if (trigger === null) continue;
    for (const { firstSeen, lastSeen, rssiDbm } of run) {
      if (firstSeen >= trigger.to || lastSeen < trigger.from || rssiDbm === null || rssiDbm <= bestDbm) continue;
      best = open;
      bestDbm = rssiDbm;
    }
  }
  return best ?? nearest(train, crossingOf(run, sides));
}

/** Parts of one tag's sightings with more than `quietMs` between them. */
function runsOf(sightings: Sighting[], quietMs: number): Sighting[][] {
  const runs: Sighting[][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const sighting of sightings.sort((a, b) => a.firstSeen - b.firstSeen || a.antenna - b.antenna)) {
    if (sighting.firstSeen - until > quietMs) runs.push([]);
    runs.at(-1)?.push(sighting);
    until = Math.max(until, sighting.lastSeen);
  }
  return runs;
}

/** When a tag went through the door: between leaving the one side's field and entering the other's. */
function crossingOf(run: readonly Sighting[], sides: Sides): number {
  let all: SideReads | null = null;
  const bySide: Record<PortalSide, SideReads | null> = { inside: null, outside: null };
  for (const sighting of run) {
    all = joined(all, sighting);
    const side = sides.get(`${sighting.antenna}|${sighting.reader}`);
    if (side) bySide[side] = joined(bySide[side], sighting);
  }
  const { inside, outside } = bySide;
  const { direction } = directionOf(inside, outside);
  if (inside !== null && outside !== null && direction === 'in') return (outside.lastSeen + inside.firstSeen) / 2;
  if (inside !== null && outside !== null && direction === 'out') return (inside.lastSeen + outside.firstSeen) / 2;
  return all === null ? 0 : (all.firstSeen + all.lastSeen) / 2;
}

/** The pass whose trigger, or where it had none whose whole stretch, is nearest to `at`; the earlier of two. */
function nearest(train: readonly OpenPass[], at: number): OpenPass {
  const distance = (open: OpenPass) => {
    const { from, to } = open.trigger ?? { from: open.from, to: open.activeUntil };
    return Math.max(from - at, at - to, 0);
  };
  return train.reduce((best, open) => (distance(open) < distance(best) ? open : best));
}

function closed(open: OpenPass, portal: PassPortal, identify: Identify): Pass {
  return passOf(open, portal, readsOf(portal, open.sightings, identify));
}

/** @param reads of the tags in it, by EPC */
export function passOf(open: Omit<OpenPass, 'sightings'>, portal: PassPortal, reads: readonly PassRead[]): Pass {
  const endedBy = open.ended?.by ?? lastEnd(open, portal);
  const nextFrom = open.ended?.nextFrom ?? null;
  const cap = open.from + portal.capMs;
  const end = endedBy === 'gpi' && nextFrom !== null ? nextFrom : cap;
  return {
    portal: portal.id,
    from: open.from,
    to: Math.max(open.from + 1, Math.min(end, open.activeUntil + 1)),
    endedBy,
    settlesAt: endedBy === 'quiet' ? Math.min(open.activeUntil + portal.quietMs + 1, cap) : end,
    reads,
    ...passDirection(reads),
  };
}

/** What each tag's sightings come to, by EPC. */
export function readsOf(portal: PassPortal, sightings: readonly Sighting[], identify: Identify): PassRead[] {
  const sides = sidesOf(portal);
  const byEpc = new Map<
    string,
    { all: SideReads; inside: SideReads | null; outside: SideReads | null; of: Sighting }
  >();
  for (const sighting of sightings) {
    const key = identify(sighting.epcHex, sighting.epcBits);
    const side = sides.get(`${sighting.antenna}|${sighting.reader}`) ?? null;
    const before = byEpc.get(key);
    byEpc.set(key, {
      of: before === undefined || sighting.epcHex < before.of.epcHex ? sighting : before.of,
      all: joined(before?.all ?? null, sighting),
      inside: side === 'inside' ? joined(before?.inside ?? null, sighting) : (before?.inside ?? null),
      outside: side === 'outside' ? joined(before?.outside ?? null, sighting) : (before?.outside ?? null),
    });
  }
  const reads: PassRead[] = [];
  for (const { of, all, inside, outside } of byEpc.values()) {
    const { epcHex, epcBits } = of;
    reads.push({ epcHex, epcBits, ...all, inside, outside, ...directionOf(inside, outside) });
  }
  return reads.sort(byMemory);
}

/** The order of a pass's reads. */
export function byMemory(
  a: { readonly epcHex: string; readonly epcBits: number },
  b: { readonly epcHex: string; readonly epcBits: number },
): number {
  return a.epcHex < b.epcHex ? -1 : a.epcHex > b.epcHex ? 1 : a.epcBits - b.epcBits;
}

function sidesOf({ antennas }: PassPortal): Map<string, PortalSide | null> {
  return new Map(antennas.map(({ antenna, reader, side }) => [`${antenna}|${reader}`, side]));
}

function joined(before: SideReads | null, more: SideReads): SideReads {
  const { firstSeen, lastSeen, count, rssiDbm } = more;
  if (before === null) return { firstSeen, lastSeen, count, rssiDbm };
  return {
    firstSeen: Math.min(before.firstSeen, firstSeen),
    lastSeen: Math.max(before.lastSeen, lastSeen),
    count: before.count + count,
    rssiDbm: strongest(before.rssiDbm, rssiDbm),
  };
}

function strongest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}

type Directed = Pick<PassRead, 'direction' | 'directionReason'>;

/** A tag moves from the side that saw it first to the side that saw it last. */
export function directionOf(inside: SideReads | null, outside: SideReads | null): Directed {
  if (inside === null || outside === null) {
    const where = inside === null ? (outside === null ? 'no antenna that has a side' : 'the outside') : 'the inside';
    return { direction: 'unknown', directionReason: `seen by ${where} only` };
  }
  const first = Math.sign(inside.firstSeen - outside.firstSeen);
  const last = Math.sign(inside.lastSeen - outside.lastSeen);
  if (first >= 0 && last >= 0 && first + last > 0) {
    return { direction: 'in', directionReason: 'seen first outside, last inside' };
  }
  if (first <= 0 && last <= 0 && first + last < 0) {
    return { direction: 'out', directionReason: 'seen first inside, last outside' };
  }
  const where = first === 0 ? 'both sides' : first < 0 ? 'the inside' : 'the outside';
  return { direction: 'unknown', directionReason: `seen first and last by ${where}` };
}

/** Most of the tags whose direction is known decide. */
export function passDirection(reads: readonly Directed[]): Directed {
  let moved = 0;
  let movedIn = 0;
  for (const read of reads) {
    if (read.direction === 'unknown') continue;
    moved++;
    if (read.direction === 'in') movedIn++;
  }
  const movedOut = moved - movedIn;
  if (movedIn === movedOut) {
    const reason = moved === 0 ? 'no tag shows a direction' : `${movedIn} tags moved in and ${movedOut} out`;
    return { direction: 'unknown', directionReason: reason };
  }
  const direction = movedIn > movedOut ? 'in' : 'out';
  return { direction, directionReason: `${Math.max(movedIn, movedOut)} of ${reads.length} tags moved ${direction}` };
}
