import type { Effects } from './log.ts';
import type { RuleKind } from './rule.ts';
import type { Severity } from './rule-base.ts';
import type { Words } from './texts/index.ts';

/** Of a rule, or of Isotherm's own health: a part of it that does not get on. */
export type FindingKind = RuleKind | 'health';

export const ENDED_BY = ['recovery', 'silence', 'rule'] as const;
/** What ended a finding; null = still open. */
export type EndedBy = (typeof ENDED_BY)[number] | null;

/** A run of outside readings inside a finding, [from, to). */
export interface FindingRun {
  readonly from: number;
  readonly to: number;
}

/**
 * What a rule found. Identity: (rule, key, from). For stage 1 the key is `device/metric`, for portals `portal:{id}`, for goods `shipment:{id}`.
 * Everything but `detectedAt` and `detectedLate` is a function of the accepted readings and facts, the rule versions
 * and the clock.
 */
export interface Finding {
  readonly rule: string;
  readonly ruleVersion: number;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly key: string;
  readonly from: number;
  readonly to: number | null;
  readonly endedBy: EndedBy;
  readonly extreme: number | null;
  /** How many outside readings. */
  readonly readings: number;
  /** threshold only, else null. */
  readonly minutesOutOfRange: number | null;
  /** threshold only, else empty: the out-of-range time inside [from, to). */
  readonly runs: readonly FindingRun[];
  /** Limit that `extreme` was beyond, for the alert's evidence; null where the kind has none. */
  readonly limit: number | null;
  /** Of a rule over passes: the pass and the EPCs concerned; else absent. */
  readonly portal?: {
    readonly portal: string;
    readonly pass: string;
    readonly epcs: readonly string[];
    /** Of each of `epcs`, in their order, why; `blocked`: why it may not move on, in the CBV's word (`recalled`). */
    readonly statuses?: readonly string[];
    /** What was found, one sentence for a person; absent: the kind alone says it. */
    readonly said?: string;
    /** The same by its key, for other languages. */
    readonly words?: Words;
    /** What it rests on, by time. */
    readonly facts?: readonly { readonly at: number; readonly text: string }[];
  };
  /** Of rules on goods: the shipment, how many of its serials are concerned, and a digest of which, through what and how long. */
  readonly goods?: {
    readonly shipment: string;
    readonly serials: number;
    readonly digest: string;
    /** What it rests on, by time; absent where its figures say it. */
    readonly facts?: readonly { readonly at: number; readonly text: string }[];
  };
  readonly detectedAt: number;
  readonly detectedLate: boolean;
}

export type FindingEvent = 'opened' | 'extended' | 'closed' | 'merged' | 'split' | 'retracted';

export interface FindingChange {
  readonly event: FindingEvent;
  readonly finding: Finding;
  /** Why, where it is not plain from the readings: `the ASN SHP-1001 arrived`. */
  readonly reason?: string;
}

export function findingId(finding: Pick<Finding, 'rule' | 'key' | 'from'>): string {
  return `${finding.rule}|${finding.key}|${finding.from}`;
}

/** Where findings live. Implemented by storage, used by the evaluator (stage 1) and the tracer (stage 2). */
export interface FindingStore {
  /**
   * Writes changed findings in the consumer's transaction and marks them for the alerts room. `retracted` removes the
   * finding, keeping a trace of it. Writing the same finding again changes nothing and raises no revision.
   */
  apply(effects: Effects, changes: readonly FindingChange[]): Promise<void>;
  /** Present findings of the given kinds, for rebuilding state. */
  present(kinds: readonly FindingKind[]): Promise<readonly Finding[]>;
  /**
   * Exposure changed (attachment, containment, presence) for these devices during an interval: alerts resting on
   * findings of theirs that overlap it find their serials again.
   */
  markExposureChanged(
    effects: Effects,
    changed: readonly {
      readonly device: string;
      readonly from: number;
      readonly to: number | null;
      readonly reason: string;
    }[],
  ): Promise<void>;
}
