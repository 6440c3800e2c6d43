import type { AtStake } from './at-stake.ts';
import type { StateChange } from './explanation.ts';
import type { Severity } from './rule-base.ts';
import type { Words } from './texts/index.ts';

export const ALERT_STATES = ['open', 'acknowledged', 'resolved', 'retracted'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What an alert is about, as routes and silences name it. */
export const ALERT_ABOUTS = ['device', 'gateway', 'portal', 'installation'] as const;
export type AlertAbout = (typeof ALERT_ABOUTS)[number];

/** What a person acts on; the shape the API and webhooks show (times as RFC 3339 there, epoch ms here). */
export interface Alert {
  readonly id: string;
  /** The rule's kind. */
  readonly kind: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly rule: { readonly id: string; readonly version: number };
  readonly subject: {
    readonly device?: string;
    readonly metric?: string;
    readonly portal?: string;
    readonly shipment?: string;
  };
  readonly summary: string;
  readonly from: number;
  readonly to: number | null;
  readonly detectedAt: number;
  readonly detectedLate: boolean;
  readonly evidence: AlertEvidence;
  /** Distinct serials. */
  readonly affectedCount: number;
  /** What they are worth and can still stand; null where nothing is known. */
  readonly atStake: AtStake | null;
  /** Every shipment with affected serials; `subject.shipment` is set where it is just one. */
  readonly shipments: readonly string[];
  readonly mergedInto: string | null;
  readonly splitFrom: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: number | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: number | null;
  readonly assignedTo: string | null;
  /** Until then it does not call for attention; epoch ms UTC. */
  readonly snoozedUntil: number | null;
  /** How often it was opened again after it had been resolved. */
  readonly reopened: number;
  /** Raised by one with every change. */
  readonly revision: number;
}

export interface AlertEvidence {
  readonly limit: number | null;
  readonly extreme: number | null;
  readonly minutesOutOfRange: number | null;
  readonly endedBy: string | null;
  /** Stretches out of range, for shading. */
  readonly runs: readonly { readonly from: number; readonly to: number }[];
  /** Readings that made it, thinned to some hundred with extremes kept. */
  readonly readings: readonly { readonly time: number; readonly value: number }[];
  /** What each reading that mattered changed, by time; absent where the rule version is not known. */
  readonly changes?: readonly StateChange[];
  /** unexpected, blocked: the pass. */
  readonly pass?: string;
  /** Why it last changed, where a late fact changed it. */
  readonly reason?: string;
  /** The summary by its key, for other languages; absent where a rule has words of its own. */
  readonly words?: Words;
}

export interface AffectedSerial {
  readonly epc: string;
  readonly gtin: string | null;
  readonly serial: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly unit: string | null;
  readonly from: number;
  readonly to: number | null;
  readonly minutesOutOfRange: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mkt: number | null;
}

/**
 * A step in the history of one alert: what happened, when and by whom; `by` null is the platform itself. `changed` says that late data
 * or facts changed what someone had already acted on.
 */
export interface AlertEntry {
  readonly at: number;
  readonly by: string | null;
  readonly action: AlertAction;
  readonly comment: string | null;
  /** Ids and figures: what was added and removed, into which alert it was merged, until when it is snoozed. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export type AlertAction =
  | 'opened'
  | 'reopened'
  | 'changed'
  | 'acknowledged'
  | 'assigned'
  | 'snoozed'
  | 'woken'
  | 'muted'
  | 'unmuted'
  | 'steadied'
  | 'escalated'
  | 'reminded'
  | 'commented'
  | 'judged'
  | 'resolved'
  | 'retracted'
  | 'merged'
  | 'split';
