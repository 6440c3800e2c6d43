import type pg from 'pg';
import type { PackingFact } from '../../domain/index.ts';
import { applyStatements, type HistoryChanged, type Statement } from '../statements/index.ts';

/** A packing as the log has it. */
export interface HeardPacking {
  readonly fact: PackingFact;
  readonly position: number;
}

/** What packings changed, with why, for a person. */
export interface Repacked {
  readonly changed: readonly HistoryChanged[];
  readonly reason: string;
}

/** Works packings in that follow each other in the log, all in one go: what holds does not depend on their order of arrival. */
export async function applyPackings(client: pg.ClientBase, heard: readonly HeardPacking[]): Promise<Repacked[]> {
  const statements = heard.flatMap(({ fact: { unit, children, isUnpacked, from }, position }) => {
    const source = sourceOf(position);
    return children.map((subject): Statement => ({ subject, value: isUnpacked ? null : unit, from, position, source }));
  });
  const sources = heard.map(({ position }) => sourceOf(position));
  const changed = await applyStatements(client, 'containment', sources, statements);
  const reasons = new Map<string, string>();
  for (const { fact } of heard) reasons.set(`${fact.from}|${fact.unit}`, reasonOf(fact));
  const other = heard.length === 1 && heard[0] !== undefined ? reasonOf(heard[0].fact) : 'we heard of packings';
  const byReason = Map.groupBy(changed, ({ before, after, from }) => {
    return reasons.get(`${from}|${after}`) ?? reasons.get(`${from}|${before}`) ?? other;
  });
  return [...byReason].map(([reason, changed]) => ({ changed, reason }));
}

function sourceOf(position: number): string {
  return `fact:${position}`;
}

function reasonOf({ unit, children, isUnpacked }: PackingFact): string {
  return `we heard that ${children.length} were ${isUnpacked ? 'unpacked from' : 'packed into'} ${unit}`;
}
