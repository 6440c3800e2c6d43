import type { EndedBy, GoodsGroup, UnitOpening } from '../../domain/index.ts';
import type { Span } from './course.ts';

/** When a rule's version judges a shipment's goods: within the version and the shipment, and no later than now. Epoch ms UTC. */
export interface Judged extends Span {
  /** When the shipment began. */
  readonly begun: number;
  readonly arrives: number | null;
  /** From when on units should stay closed, and when they were opened since. */
  readonly sealed: number;
  readonly openings: readonly UnitOpening[];
  /** What ends at `to`: the version, the shipment, or neither, where it is now. */
  readonly cut: 'rule' | 'shipment' | null;
}

/** A stretch in which one group is found by a rule. */
export interface GroupFound {
  readonly from: number;
  /** null: it lasts. */
  readonly to: number | null;
  readonly endedBy: EndedBy;
  /** The worst of it, in the unit of `limit`. */
  readonly extreme: number;
  readonly limit: number;
  /** For the group's row; null where the kind counts none. */
  readonly minutes: number | null;
  /** What it rests on, where figures do not say it. */
  readonly facts?: readonly { readonly at: number; readonly text: string }[];
}

/** What a rule finds in one group. */
export interface GroupOutcome {
  readonly found: readonly GroupFound[];
  /** When time alone may find more, epoch ms UTC; Infinity = never. */
  readonly again: number;
}

/** What grows because nothing is known is told anew so often. */
export const GROWS_MS = 3_600_000;

export const NOTHING: GroupOutcome = { found: [], again: Number.POSITIVE_INFINITY };

/** A kind's way of judging a group. Pure. */
export type Judge<R> = (rule: R, group: GoodsGroup, judged: Judged) => GroupOutcome;
