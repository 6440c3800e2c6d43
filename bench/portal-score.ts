import { identityOfTag, isSgtin, isSscc } from '../codecs/epc/index.ts';
import { formPasses, type GpiEvent, PORTAL_CAP_MS, PORTAL_QUIET_MS, type Sighting } from '../domain/index.ts';
import { SightingBuilder } from '../gateways/index.ts';
import { type Movement, portalTraffic, type TrafficPlan } from '../simulators/index.ts';
import { decide, type EvidencePass, NEIGHBOUR_MS, type PassOutcome } from '../trace/index.ts';

/** A pass as the platform judges it. */
interface DecidedPass {
  readonly portal: string;
  readonly from: number;
  readonly to: number;
  readonly outcome: PassOutcome;
}

/** How the verdicts on one pallet compare with what happened. */
export interface PalletScore {
  readonly isExact: boolean;
  readonly recall: number;
  readonly precision: number;
  readonly faults: readonly string[];
}

export interface PortalScore {
  readonly pallets: readonly PalletScore[];
  readonly passes: number;
  readonly reads: number;
}

/**
 * Invents traffic, runs its reads through the gateway's sightings, pass formation and the verdict as the product does
 * (only the database between them is left out), and compares each pallet with the truth.
 */
export function scoreTraffic(plan: TrafficPlan): PortalScore {
  const { movements, passes, reads } = run(plan);
  return { pallets: scoresOf(movements, passes), passes: passes.length, reads };
}

function run(plan: TrafficPlan): { movements: readonly Movement[]; passes: DecidedPass[]; reads: number } {
  const traffic = portalTraffic(plan);
  const sightings = sightingsOf(traffic.reads, traffic.gpi);
  const formed = traffic.doors.flatMap((door) => {
    const portal = { ...door, quietMs: PORTAL_QUIET_MS, capMs: PORTAL_CAP_MS };
    return formPasses(portal, sightings, traffic.gpi, identityOfTag);
  });
  const evidence = formed
    .map((pass, id): EvidencePass & { readonly settlesAt: number } => ({
      ...pass,
      id,
      reads: pass.reads.map((read) => ({ ...read, epc: identityOfTag(read.epcHex, read.epcBits) })),
    }))
    .sort((a, b) => a.from - b.from);
  const notices = noticesOf(traffic.movements);
  const passes = evidence.map((pass, index): DecidedPass => {
    const neighbours = around(evidence, index).filter(
      (other) => other.id !== pass.id && other.from < pass.to + NEIGHBOUR_MS && other.to > pass.from - NEIGHBOUR_MS,
    );
    const outcome = decide({ pass, neighbours, ...notices, isComplete: true, gaps: [] });
    return { portal: pass.portal, from: pass.from, to: pass.to, outcome };
  });
  return { movements: traffic.movements, passes, reads: traffic.reads.length };
}

/** Passes near this one in time; no pass lasts longer than the cap. */
function around<P extends EvidencePass>(sorted: readonly P[], index: number): P[] {
  const reach = PORTAL_CAP_MS + NEIGHBOUR_MS;
  const middle = sorted[index];
  if (middle === undefined) return [];
  let first = index;
  let last = index;
  while (first > 0 && (sorted[first - 1]?.from ?? 0) > middle.from - reach) first--;
  while (last < sorted.length - 1 && (sorted[last + 1]?.from ?? 0) < middle.to + reach) last++;
  return sorted.slice(first, last + 1);
}

function sightingsOf(reads: readonly Sighting[], gpi: readonly GpiEvent[]): Sighting[] {
  const builder = new Map<string, SightingBuilder>();
  const sightings: Sighting[] = [];
  let swept = 0;
  let event = 0;
  for (const read of reads) {
    for (; (gpi[event]?.at ?? Number.POSITIVE_INFINITY) <= read.firstSeen; event++) {
      builder.get(gpi[event]?.reader ?? '')?.cut(gpi[event]?.at ?? 0);
    }
    let one = builder.get(read.reader);
    if (one === undefined) {
      one = new SightingBuilder({ gapMs: 2_000, capMs: 60_000 });
      builder.set(read.reader, one);
    }
    one.add(read, read.firstSeen);
    if (read.firstSeen - swept < 1_000) continue;
    swept = read.firstSeen;
    for (const each of builder.values()) sightings.push(...each.takeChanged(swept));
  }
  for (const each of builder.values()) sightings.push(...each.takeChanged(Number.POSITIVE_INFINITY));
  return sightings;
}

/** What the notices say of what is in what, and what is expected here. */
function noticesOf(movements: readonly Movement[]) {
  const unitOf = new Map<string, Movement>();
  for (const movement of movements) {
    unitOf.set(movement.unit, movement);
    for (const epc of movement.listed) unitOf.set(epc, movement);
  }
  return {
    ancestors: (epc: string) => {
      const movement = unitOf.get(epc);
      return movement === undefined || movement.unit === epc ? [] : [movement.unit];
    },
    serialsIn: (unit: string) => unitOf.get(unit)?.listed ?? [],
    expectations: (epc: string) => {
      const movement = unitOf.get(epc);
      if (movement === undefined || movement.unit !== epc) return [];
      const role = movement.direction === 'in' ? ('destination' as const) : ('origin' as const);
      return [{ shipment: `SHP-${epc.slice(-6)}`, role, isInTime: true }];
    },
    blocked: new Map(),
    kindOf: (epc: string) =>
      isSscc(epc) ? ('unit' as const) : isSgtin(epc) ? ('serial' as const) : ('other' as const),
  };
}

function scoresOf(movements: readonly Movement[], passes: readonly DecidedPass[]): PalletScore[] {
  const byUnit = new Map<string, DecidedPass[]>();
  const bySerial = new Map<string, DecidedPass[]>();
  const remember = (map: Map<string, DecidedPass[]>, epc: string, pass: DecidedPass) => {
    const list = map.get(epc);
    if (list === undefined) map.set(epc, [pass]);
    else list.push(pass);
  };
  for (const pass of passes) {
    for (const { unit } of pass.outcome.units) remember(byUnit, unit, pass);
    for (const { epc, status } of pass.outcome.reads) {
      if (status === 'expected' || status === 'unexpected') remember(bySerial, epc, pass);
    }
  }
  return movements.map((movement) => scoreOf(movement, byUnit.get(movement.unit) ?? [], bySerial));
}

function scoreOf(
  movement: Movement,
  claimed: readonly DecidedPass[],
  bySerial: ReadonlyMap<string, readonly DecidedPass[]>,
): PalletScore {
  const { portal, at, unit, direction, listed, readable, extra } = movement;
  const faults = new Set<string>();
  const right = claimed.find((pass) => pass.portal === portal && pass.from <= at + 5_000 && pass.to >= at - 5_000);
  if (right === undefined) faults.add('not seen through its door');
  if (claimed.some((pass) => pass !== right && pass.portal !== portal)) faults.add('a ghost at another door');
  if (claimed.some((pass) => pass !== right && pass.portal === portal)) faults.add('a ghost at its own door');
  const told = right?.outcome.units.find((one) => one.unit === unit);
  if (told !== undefined && told.direction !== direction) faults.add(`direction: ${told.directionReason}`);
  const all = new Set([...listed, ...extra]);
  const counted = new Set(right?.outcome.reads.filter(isCounted).map(({ epc }) => epc));
  const hits = readable.filter((epc) => counted.has(epc)).length;
  const missing = new Set(right?.outcome.missing.map(({ epc }) => epc));
  const truth = new Set(readable);
  const wrongly = listed.filter((epc) => missing.has(epc) === truth.has(epc)).length;
  if (hits < readable.length) faults.add('a serial that was there is not counted');
  if (wrongly > 0) faults.add('missing serials are wrong');
  const elsewhere = [...all].filter((epc) => (bySerial.get(epc) ?? []).some((pass) => pass !== right)).length;
  if (elsewhere > 0) faults.add('a serial is counted in another pass');
  const claims = hits + elsewhere + [...all].filter((epc) => counted.has(epc) && !truth.has(epc)).length;
  return {
    isExact: faults.size === 0,
    recall: hits / readable.length,
    precision: claims === 0 ? 1 : hits / claims,
    faults: [...faults],
  };
}

function isCounted({ status }: { readonly status: string }): boolean {
  return status === 'expected' || status === 'unexpected';
}
