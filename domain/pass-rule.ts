import type { RuleBase } from './rule-base.ts';

/** Rules over passes, serials and shipments (docs/rules.md, "Rules over passes"). Durations are ms. */
interface PassRuleBase extends RuleBase {
  /** Fewer serials are no finding. */
  readonly atLeast: number;
  /** Only passes through these doors; absent = all. */
  readonly portals?: readonly string[];
}

/** Serials that no shipment expects there at that event time. */
export interface UnexpectedRule extends PassRuleBase {
  readonly kind: 'unexpected';
}

/** Serials that may not move on: recalled, stolen, expired, decommissioned. */
export interface BlockedRule extends PassRuleBase {
  readonly kind: 'blocked';
}

/** Serials and units that a shipment lists and that did not leave or come with the others. */
export interface ShortageRule extends PassRuleBase {
  readonly kind: 'shortage';
  readonly when: 'departure' | 'receipt' | 'both';
  /** After the last unit, the others are waited for this long. */
  readonly waitMs: number;
}

/** Goods that move against the way of their shipment, or against that of a one-way door. */
export interface WrongDirectionRule extends PassRuleBase {
  readonly kind: 'wrongDirection';
  /** The way of the doors in `portals`; absent = that of each shipment. */
  readonly way?: 'in' | 'out';
}

/** Goods through another door than those allotted to them, or than the rest of their shipment. */
export interface WrongPortalRule extends PassRuleBase {
  readonly kind: 'wrongPortal';
  /** The doors allotted to what the rule applies to; absent = the door of most units of the shipment. */
  readonly through?: readonly string[];
}

/** What a serial must be known by, so that it does not come without data. */
export const NEEDED_DATA = ['notice', 'lot', 'expiry'] as const;
export type NeededData = (typeof NEEDED_DATA)[number];

export interface NoDataRule extends PassRuleBase {
  readonly kind: 'noData';
  readonly needs: readonly NeededData[];
}

/** Serials that move on although they are past their expiry, or nearer to it than the customer takes. */
export interface ExpiredRule extends PassRuleBase {
  readonly kind: 'expired';
  /** Shelf life that must be left at the pass; 0 = not past it. */
  readonly remainingMs: number;
  readonly way?: 'in' | 'out';
}

/** By what a copied tag is known: read at two sites too soon, another tag with its EPC, or of goods that are no more. */
export const CLONE_SIGNS = ['travel', 'tid', 'ended'] as const;
export type CloneSign = (typeof CLONE_SIGNS)[number];

/** A serial whose tag may be a copy. */
export interface CloneRule extends PassRuleBase {
  readonly kind: 'clone';
  /** What is looked for; absent, as versions before 2026-11-29 were written: travel. */
  readonly signs?: readonly CloneSign[];
  /** The least time between any two sites. */
  readonly travelMs: number;
  /** The least time between two sites, by `site:a>site:b` in either order. */
  readonly betweenMs?: Readonly<Record<string, number>>;
}

/** Goods that a pass brought to a place, and that stay there too long. */
export interface DwellRule extends PassRuleBase {
  readonly kind: 'dwell';
  readonly longerThanMs: number;
  /** Only these places; absent = the sides of every door. */
  readonly places?: readonly string[];
}

/** Tags read here that went through another door. */
export interface CrossReadRule extends PassRuleBase {
  readonly kind: 'crossRead';
}

/** Goods at a site that is no end of their shipment, or not one of those they may be at. */
export interface DiversionRule extends PassRuleBase {
  readonly kind: 'diversion';
  /** Where what the rule applies to may be; absent = the ends of its shipments. */
  readonly sites?: readonly string[];
}

/** What is looked at in what notices and events say of goods. */
export const DATA_CHECKS = ['gtin', 'gln', 'duplicate', 'shipTo', 'order'] as const;
export type DataCheck = (typeof DATA_CHECKS)[number];

/** Goods of which notices and events say what cannot be. */
export interface BadDataRule extends PassRuleBase {
  readonly kind: 'badData';
  readonly checks: readonly DataCheck[];
}

/** More through a door than is usual in that hour. */
export interface SurgeRule extends PassRuleBase {
  readonly kind: 'surge';
  /** So many times the usual. */
  readonly times: number;
  /** Of fewer days the usual is not known. */
  readonly learnt: number;
}

/** A door, or an antenna of it, that reads far less than it usually does. */
export interface WeakReadsRule extends PassRuleBase {
  readonly kind: 'weakReads';
  /** Per cent of the usual share. */
  readonly below: number;
  /** The present is the median of so many passes. */
  readonly passes: number;
  /** Of fewer passes before the usual is not known. */
  readonly learnt: number;
}

/** Rules that judge passes, not readings. */
export type PassRule =
  | UnexpectedRule
  | BlockedRule
  | ShortageRule
  | WrongDirectionRule
  | WrongPortalRule
  | NoDataRule
  | ExpiredRule
  | CloneRule
  | DwellRule
  | CrossReadRule
  | DiversionRule
  | BadDataRule
  | SurgeRule
  | WeakReadsRule;

/** In the order in which the pages list them. */
export const PASS_KINDS = [
  'unexpected',
  'blocked',
  'shortage',
  'noData',
  'wrongDirection',
  'wrongPortal',
  'expired',
  'clone',
  'dwell',
  'crossRead',
  'diversion',
  'badData',
  'surge',
  'weakReads',
] as const satisfies readonly PassRule['kind'][];

export function isPassRule(rule: { readonly kind: string }): rule is PassRule {
  return PASS_KINDS.some((kind) => kind === rule.kind);
}
