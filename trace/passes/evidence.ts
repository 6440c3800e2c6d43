import type pg from 'pg';
import {
  DefectError,
  decide,
  type Epc,
  type Evidence,
  type EvidencePass,
  NEIGHBOUR_MS,
  type PassOutcome,
  type Portal,
  type ReadGap,
} from '../../domain/index.ts';
import { type KeptPass, type NearPass, type PassRow, passesBetween, withReadsOf } from './kept-pass.ts';
import { PassMemory } from './pass-memory.ts';
import { type Registry, readersOf } from './registry.ts';
import { gapsDuring } from './sightings.ts';
import { joined } from './stretches.ts';

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
  memory: PassMemory = new PassMemory(),
): Promise<JudgedPass> {
  const [judged] = await judgePasses(client, registry, [{ portal, pass }], memory);
  if (judged === undefined) throw new DefectError('PASS_NOT_JUDGED', `pass ${pass.id} was not judged`);
  return judged;
}

/** A pass and its door. */
export interface AskedPass {
  readonly portal: Portal;
  readonly pass: KeptPass;
}

/** As {@link judgePass}: what they ask of the database is asked for all of them at once. @returns in the order asked */
export async function judgePasses(
  client: pg.ClientBase,
  registry: Registry,
  asked: readonly AskedPass[],
  memory: PassMemory,
): Promise<JudgedPass[]> {
  const gaps = await gapsDuring(
    client,
    asked.map(({ portal, pass }) => ({ readers: readersOf(portal), from: pass.from, to: pass.settlesAt })),
  );
  const around = asked.map((one, index) => {
    const { from, to } = one.pass;
    return { ...one, index, from: from - NEIGHBOUR_MS, to: to + NEIGHBOUR_MS };
  });
  const judged: JudgedPass[] = [];
  for (const atSite of Map.groupBy(around, ({ portal }) => portal.site).values()) {
    const [first] = atSite;
    if (first === undefined) continue;
    const doors = [first.portal, ...registry.neighboursOf(first.portal)];
    for (const { of, ...stretch } of joined(atSite)) {
      const rows = await passesBetween(client, doors, stretch);
      await learnTogether(client, memory, of);
      for (const { portal, pass, index, from, to } of of) {
        const near = rows.filter((row) => row.from < to && row.to > from && row.id !== pass.id);
        judged[index] = await judge(client, memory, { portal, pass }, near, gaps[index] ?? []);
      }
    }
  }
  return judged;
}

/** What all of them ask about what they read, in a few statements. */
async function learnTogether(
  client: pg.ClientBase,
  { goods, goodsOf }: PassMemory,
  asked: readonly AskedPass[],
): Promise<void> {
  if (asked.length < 2) return;
  const epcs = new Set<Epc>();
  for (const { portal, pass } of asked) {
    for (const epc of goodsOf.of(pass, portal.site).unknownOf(pass.reads)) epcs.add(epc);
  }
  if (epcs.size === 0) return;
  const began = asked.map(({ pass }) => pass.from);
  await goods.learnPacking(client, epcs, { from: Math.min(...began), to: Math.max(...began) });
  await goods.listingsOf(client, [...epcs]);
  await goods.learnEvents(client, [...epcs]);
}

async function judge(
  client: pg.ClientBase,
  { complete, goodsOf, recent }: PassMemory,
  { portal, pass }: AskedPass,
  near: readonly PassRow[],
  gaps: readonly ReadGap[],
): Promise<JudgedPass> {
  let goods = goodsOf.of(pass, portal.site);
  const own = pass.reads.map(({ epc }) => epc);
  const neighbours = await withReadsOf(client, recent, near, await goods.relativesOf(client, own));
  const epcs = new Set(own);
  for (const { reads } of neighbours) for (const { epc } of reads) epcs.add(epc);
  await goods.learn(client, epcs);
  // What the pass or its neighbours read no more tells nothing of it.
  if (goods.size > epcs.size) {
    goods = goodsOf.anew(pass, portal.site);
    await goods.learn(client, epcs);
  }
  const { ancestors, serialsIn, expectations, kindOf, blocked, decisions } = goods;
  const until = await complete.of(client, readersOf(portal));
  const evidence: Evidence = {
    pass: evidenceOf(pass),
    neighbours: neighbours.map(evidenceOf),
    ...{ ancestors, serialsIn, expectations, kindOf, blocked, decisions },
    isComplete: until !== null && until >= pass.settlesAt,
    gaps,
  };
  return { portal, pass, evidence, outcome: decide(evidence) };
}

function evidenceOf({ id, portal, from, to, direction, directionReason, reads }: NearPass): EvidencePass {
  return { id, portal, from, to, direction, directionReason, reads };
}
