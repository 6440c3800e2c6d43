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
import { BLOCKING, STATUS_IN_FORCE } from '../serials/index.ts';
import { ancestorsAt, contentsAt } from '../statements/index.ts';
import { type KeptPass, passesOverlapping } from './passes.ts';
import { type Registry, readersOf } from './registry.ts';
import { completeUntil, gapsBetween } from './sightings.ts';

/** A pass with what its verdict rests on. */
export interface JudgedPass {
  readonly portal: Portal;
  readonly pass: KeptPass;
  readonly evidence: Evidence;
  readonly outcome: PassOutcome;
}

/** Loads the evidence for the verdict on a pass, as it stands in this transaction, and decides. */
export async function judgePass(
  client: pg.ClientBase,
  registry: Registry,
  portal: Portal,
  pass: KeptPass,
): Promise<JudgedPass> {
  const near = await passesOverlapping(
    client,
    [portal, ...registry.neighboursOf(portal)].map(({ id }) => id),
    pass.from - NEIGHBOUR_MS,
    pass.to + NEIGHBOUR_MS,
  );
  const neighbours = near.filter(({ id }) => id !== pass.id);
  const epcs = new Set<Epc>();
  for (const { reads } of [pass, ...neighbours]) for (const { epc } of reads) epcs.add(epc);
  const ancestors = await ancestorsAt(client, [...epcs], pass.from);
  const outermost = new Set<Epc>();
  for (const epc of epcs) {
    const unit = ancestors.get(epc)?.at(-1) ?? epc;
    if (isSscc(unit) || unit !== epc) outermost.add(unit);
  }
  const contents = await contentsAt(client, [...outermost], pass.from);
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
  const expectations = await expectationsAt(client, [...known], portal.site, pass.from);
  const complete = await completeUntil(client, readersOf(portal));
  const evidence: Evidence = {
    pass: evidenceOf(pass),
    neighbours: neighbours.map(evidenceOf),
    ancestors: (epc) => ancestors.get(epc) ?? [],
    serialsIn: (unit) => serials.get(unit) ?? [],
    expectations: (epc) => expectations.get(epc) ?? [],
    kindOf: (epc) => kindOfThing(epc, parents.has(epc)),
    blocked: await blockedAt(client, [...new Set([...known, ...[...serials.values()].flat()])], pass.from),
    isComplete: complete !== null && complete >= pass.settlesAt,
    gaps: await gapsBetween(client, readersOf(portal), pass.from, pass.settlesAt),
  };
  return { portal, pass, evidence, outcome: decide(evidence) };
}

async function blockedAt(client: pg.ClientBase, epcs: readonly Epc[], at: number): Promise<ReadonlyMap<Epc, string>> {
  const { rows } = await client.query<{ epc: Epc; status: string }>(
    `SELECT t.epc, s.status FROM unnest($1::text[]) AS t (epc) ${STATUS_IN_FORCE('$2')} WHERE s.status IS NOT NULL`,
    [epcs, at],
  );
  return new Map(rows.filter(({ status }) => BLOCKING.has(status)).map(({ epc, status }) => [epc, status]));
}

function evidenceOf({ id, portal, from, to, direction, directionReason, reads }: KeptPass): EvidencePass {
  return { id, portal, from, to, direction, directionReason, reads };
}

async function expectationsAt(
  client: pg.ClientBase,
  epcs: readonly Epc[],
  site: string,
  at: number,
): Promise<ReadonlyMap<Epc, readonly Expectation[]>> {
  const { rows } = await client.query<{
    epc: Epc;
    shipment: string;
    origin: string;
    destination: string;
    departs: number;
    closed_at: number | null;
  }>(
    `SELECT listed.epc, s.id AS shipment, s.origin, s.destination, s.departs, s.closed_at
     FROM (SELECT epc, shipment FROM shipment_lines WHERE epc = ANY($1::text[])
           UNION SELECT unit, shipment FROM shipment_units WHERE unit = ANY($1::text[])) AS listed
       JOIN shipments s ON s.id = listed.shipment
     ORDER BY s.departs, s.id`,
    [epcs],
  );
  const expectations = new Map<Epc, Expectation[]>();
  for (const { epc, shipment, origin, destination, departs, closed_at } of rows) {
    const list = expectations.get(epc);
    const expectation = expectationAt({ shipment, origin, destination, departs, closedAt: closed_at }, site, at);
    if (list === undefined) expectations.set(epc, [expectation]);
    else list.push(expectation);
  }
  return expectations;
}
