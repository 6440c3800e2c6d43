import type { PassRule } from './pass-rule.ts';
import type { Severity } from './rule-base.ts';

/** Goods of which a rule over passes says that it applies to them, by what is known of them. */
export interface GoodsInScope {
  readonly site: string;
  readonly shipment: string;
  /** Empty of units. */
  readonly gtin: string;
}

/** A rule over passes as a gateway is told of it: what the platform will do with what the door sees. */
export interface DoorRule {
  readonly id: string;
  readonly version: number;
  readonly kind: PassRule['kind'];
  readonly severity: Severity;
  /** Nobody judges by it now. */
  readonly isOff: boolean;
  readonly atLeast: number;
  /** Only these doors; null = all. */
  readonly portals: readonly string[] | null;
  /** As it is written; null = everything. */
  readonly appliesTo: string | null;
  /** What of the announced goods it applies to, worked out by the platform; null = everything. */
  readonly goods: readonly GoodsInScope[] | null;
  /** Sites where it applies to goods of which nothing is known. */
  readonly unknownAt: readonly string[];
  /** Of the kinds that have them: shelf life that must be left, the way of the doors, the doors allotted, at which end. */
  readonly remainingMs: number | null;
  readonly way: 'in' | 'out' | null;
  readonly through: readonly string[] | null;
  readonly when: 'departure' | 'receipt' | 'both' | null;
}

/** What a gateway judges by itself of a pass; the other kinds rest on what only the platform knows. */
export const DOOR_KINDS = [
  ...(['unexpected', 'blocked', 'shortage', 'expired', 'wrongDirection', 'wrongPortal'] as const),
] as const satisfies readonly PassRule['kind'][];
export type DoorKind = (typeof DOOR_KINDS)[number];

/** Whether a gateway judges by it, where the platform does: `wrongPortal` by the doors allotted alone. */
export function isJudgedAtDoor({ kind, isOff, through }: Pick<DoorRule, 'kind' | 'isOff' | 'through'>): boolean {
  if (isOff || !DOOR_KINDS.some((one) => one === kind)) return false;
  return kind !== 'wrongPortal' || through !== null;
}
