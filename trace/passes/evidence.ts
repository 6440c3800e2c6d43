import type pg from 'pg';
import { isSgtin, isSscc, kindOfThing } from '../../codecs/epc/index.ts';
import {
  decide,
  type Epc,
  type Evidence,
  type EvidencePass,
  type Expectation,
  expectationAt,
  NEIGHBOUR_MS,
  type PassOutcome,
  type Portal,
} from '../../domain/index.ts';
import { BLOCKING } from '../serials/index.ts';
import { type KeptPass, type NearPass, passesNear } from './kept-pass.ts';
import { PassMemory } from './pass-memory.ts';
import { type Registry, readersOf } from './registry.ts';
import { gapsBetween } from './sightings.ts';

/** A pass with what its verdict rests on. */
export interface JudgedPass {
  readonly portal: Portal;
  readonly pass: KeptPass;
  readonly evidence: Evidence;
  readonly outcome: PassOutcome;
}

/**
 * Loads the evidence for the verdict on a pass, as it stands in this transaction, and decides.
 *
 * @param memory of the tracer; absent: everything is looked up
 */
export async function judgePass(
  client: pg.ClientBase,
  registry: Registry,
  portal: Portal,
  pass: KeptPass,
  { complete, goods, recent }: PassMemory = new PassMemory(),
): Promise<JudgedPass> {
  const around = { from: pass.from - NEIGHBOUR_MS, to: pass.to + NEIGHBOUR_MS };
  const moment = { from: pass.from, to: pass.from };
  const own = pass.reads.map(({ epc }) => epc);
  await goods.learnPacking(client, own, moment);
  const portals = [portal, ...registry.neighboursOf(portal)].map(({ id }) => id);
  const near = await passesNear(client, recent, { portals, ...around }, goods.relatives(own, moment));
  const neighbours = near.filter(({ id }) => id !== pass.id);
  const epcs = new Set<Epc>();
  for (const { reads } of [pass, ...neighbours]) for (const { epc } of reads) epcs.add(epc);
  await goods.learnPacking(client, epcs, moment);
  const ancestors = new Map<Epc, readonly Epc[]>();
  for (const epc of epcs) ancestors.set(epc, goods.ancestorsAt(epc, pass.from));
  const outermost = new Set<Epc>();
  for (const epc of epcs) {
    const unit = ancestors.get(epc)?.at(-1) ?? epc;
    if (isSscc(unit) || unit !== epc) outermost.add(unit);
  }
  const contents = new Map([...outermost].map((unit) => [unit, goods.contentsAt(unit, pass.from)]));
  const parents = new Set<Epc>();
  const serials = new Map<Epc, Epc[]>();
  for (const inside of contents.values()) for (const { parent } of inside) parents.add(parent);
  for (const [unit, inside] of contents) {
    serials.set(
      unit,
      inside.map(({ epc }) => epc).filter((epc) => isSgtin(epc) && !parents.has(epc)),
    );
  }
  for (const chain of ancestors.values()) for (const unit of chain) parents.add(unit);
  const known = new Set([...epcs, ...parents]);
  const listings = await goods.listingsOf(client, [...known]);
  const expectations = new Map<Epc, readonly Expectation[]>();
  for (const epc of known)
    expectations.set(
      epc,
      listings(epc).map((one) => expectationAt(one, portal.site, pass.from)),
    );
  const blocked = await goods.statusesAt(client, [...new Set([...known, ...[...serials.values()].flat()])], pass.from);
  const until = await complete.of(client, readersOf(portal));
  const evidence: Evidence = {
    pass: evidenceOf(pass),
    neighbours: neighbours.map(evidenceOf),
    ancestors: (epc) => ancestors.get(epc) ?? [],
    serialsIn: (unit) => serials.get(unit) ?? [],
    expectations: (epc) => expectations.get(epc) ?? [],
    kindOf: (epc) => kindOfThing(epc, parents.has(epc)),
    blocked: blockedBy(blocked),
    isComplete: until !== null && until >= pass.settlesAt,
    gaps: await gapsBetween(client, readersOf(portal), pass.from, pass.settlesAt),
  };
  return { portal, pass, evidence, outcome: decide(evidence) };
}

/** Of these EPCs those that may not move on, with why. */
function blockedBy(statuses: ReadonlyMap<Epc, string | null>): ReadonlyMap<Epc, string> {
  const blocked = new Map<Epc, string>();
  for (const [epc, status] of statuses) if (status !== null && BLOCKING.has(status)) blocked.set(epc, status);
  return blocked;
}

function evidenceOf({ id, portal, from, to, direction, directionReason, reads }: NearPass): EvidencePass {
  return { id, portal, from, to, direction, directionReason, reads };
}
