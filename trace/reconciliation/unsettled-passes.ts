import type { Database } from '../../storage/index.ts';
import { goodsState, mayMoveOn } from '../goods/index.ts';
import { type PassRecord, passEpcs, passList } from '../passes/index.ts';
import { passDifferences } from './reconciliation-records.ts';

/** A pallet that nobody has said something to is asked after for so long. */
const ASKED_FOR_MS = 72 * 3_600_000;
const MOST = 50;

/** A red pass of which something is left to do. */
export interface UnsettledPass {
  readonly pass: PassRecord;
  /** Differences that are not settled. */
  readonly open: number;
  /** Something of it may not move on as things are now: what was shown then may have been decided since. */
  readonly stops: boolean;
}

/** Newest first, at most 50 looked at. @param now epoch ms UTC */
export async function unsettledPasses(database: Database, portal: string, now: number): Promise<UnsettledPass[]> {
  const { items } = await passList(database, portal, { from: now - ASKED_FOR_MS, isRed: true, limit: MOST });
  const found: UnsettledPass[] = [];
  for (const pass of items) {
    const differences = (await passDifferences(database, pass.id)) ?? [];
    const open = differences.filter(({ settlement }) => settlement === null).length;
    const stops = wasStopped(pass) && (await isStopped(database, pass.id, now));
    if (open > 0 || stops) found.push({ pass, open, stops });
  }
  return found;
}

function wasStopped({ clearance, blocked }: PassRecord): boolean {
  return clearance === null ? (blocked ?? []).length > 0 : !clearance.mayMoveOn;
}

async function isStopped(database: Database, pass: string, now: number): Promise<boolean> {
  const state = await goodsState(database, await passEpcs(database, pass), now);
  return [...state.values()].some((reasons) => !mayMoveOn(reasons));
}
