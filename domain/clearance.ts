import type { Epc } from './shipment.ts';
import { type GoodsReasonKey, serverText } from './texts/index.ts';

/** Why goods may not move on for now, or only with a warning. */
export type GoodsFinding =
  | 'decommissioned'
  | 'recalled'
  | 'stolen'
  | 'quarantined'
  | 'rejected'
  | 'expired'
  | 'expiry unreadable'
  | 'excursion'
  | 'on hold';

/** A reason by its key, with figures and texts that fill it. */
export interface GoodsWords {
  readonly key: string;
  readonly values: Readonly<Record<string, string | number>>;
}

export interface GoodsReason {
  readonly finding: GoodsFinding;
  /** For a person, with who decides; English. */
  readonly reason: string;
  /** The same by key and values, to be said in other languages; absent where it was kept without. */
  readonly words?: GoodsWords | undefined;
  /** false: the goods' storage profile has it as a warning only. */
  readonly stops: boolean;
}

/** A reason in English with the words of it. */
export function reasonOf(
  key: GoodsReasonKey,
  values: Readonly<Record<string, string>>,
): { readonly reason: string; readonly words: GoodsWords } {
  return { reason: serverText(key, values), words: { key, values } };
}

/** Nothing stops it. */
export function mayMoveOn(reasons: readonly GoodsReason[]): boolean {
  return reasons.every(({ stops }) => !stops);
}

/** One reason why the goods of a pass may not move on, or only with a warning, and for which of them. */
export interface ClearanceFinding {
  readonly finding: GoodsFinding;
  /** Of the first of them. */
  readonly reason: string;
  readonly words?: GoodsWords | undefined;
  readonly stops: boolean;
  readonly count: number;
  /** The first of them, by EPC. */
  readonly epcs: readonly Epc[];
}

/** Whether what went through a door may move on, as it is shown there. */
export interface Clearance {
  readonly mayMoveOn: boolean;
  readonly findings: readonly ClearanceFinding[];
  /** When it was shown, epoch ms UTC. */
  readonly at: number;
}

/** EPCs that a finding lists; a pallet of ten thousand is one thing to do. */
const MOST_EPCS = 50;

/** What stops goods, or warns of them, gathered by kind: what stops them first, then what most of them have. */
export function clearanceFindings(state: ReadonlyMap<Epc, readonly GoodsReason[]>): ClearanceFinding[] {
  const byFinding = new Map<string, { first: Omit<ClearanceFinding, 'count' | 'epcs'>; epcs: Set<Epc> }>();
  for (const [epc, reasons] of [...state].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const { finding, reason, words, stops } of reasons) {
      const key = `${finding}|${stops}`;
      const known = byFinding.get(key) ?? {
        first: { finding, reason, ...(words !== undefined && { words }), stops },
        epcs: new Set<Epc>(),
      };
      known.epcs.add(epc);
      byFinding.set(key, known);
    }
  }
  return [...byFinding.values()]
    .map(({ first, epcs }) => ({ ...first, count: epcs.size, epcs: [...epcs].slice(0, MOST_EPCS) }))
    .sort((a, b) => Number(b.stops) - Number(a.stops) || b.count - a.count || (a.finding < b.finding ? -1 : 1));
}

/** @param expiry `YYYY-MM-DD`, the last day on which it is good, in UTC */
export function isPast(expiry: string, now: number): boolean {
  return expiry < new Date(now).toISOString().slice(0, 10);
}

/** What is said of goods that are past their expiry. */
export function expired(expiry: string): GoodsReason {
  return { finding: 'expired', ...reasonOf('goods.expired', { expiry }), stops: true };
}
