import type { AffectedSerial, Alert, AlertState, AtStake, Severity, StateChange, Words } from '../domain/index.ts';

/** An alert as the API and webhooks show it: times as RFC 3339 in UTC with milliseconds. */
export interface AlertView {
  readonly id: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly rule: { readonly id: string; readonly version: number };
  readonly subject: Alert['subject'];
  readonly summary: string;
  /** The summary by its key, to be said in other languages; absent where a rule has words of its own. */
  readonly words?: Words;
  readonly from: string;
  readonly to: string | null;
  readonly detectedAt: string;
  readonly detectedLate: boolean;
  readonly evidence: EvidenceView;
  readonly affected: {
    /** Distinct serials. */
    readonly count: number;
    /** The first page. */
    readonly serials: readonly SerialView[];
    /** Absent where nothing is known. */
    readonly atStake?: AtStake;
  };
  readonly mergedInto: string | null;
  readonly splitFrom: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: string | null;
  readonly assignedTo: string | null;
  readonly snoozedUntil: string | null;
  readonly reopened: number;
  readonly revision: number;
}

export interface EvidenceView {
  readonly limit: number | null;
  readonly extreme: number | null;
  readonly minutesOutOfRange: number | null;
  readonly endedBy: string | null;
  readonly runs: readonly { readonly from: string; readonly to: string }[];
  readonly readings: readonly { readonly time: string; readonly value: number }[];
  /** What each reading that mattered changed, by time; empty in lists. */
  readonly changes: readonly (Omit<StateChange, 'at'> & { readonly at: string })[];
  readonly pass?: string;
  readonly reason?: string;
}

export interface SerialView extends Omit<AffectedSerial, 'from' | 'to'> {
  readonly from: string;
  readonly to: string | null;
}

/** @param serials the page of affected serials to show; none in lists */
export function alertView(alert: Alert, serials: readonly AffectedSerial[]): AlertView {
  const { evidence } = alert;
  return {
    id: alert.id,
    kind: alert.kind,
    severity: alert.severity,
    state: alert.state,
    rule: alert.rule,
    subject: alert.subject,
    summary: alert.summary,
    ...(evidence.words !== undefined && { words: evidence.words }),
    from: instant(alert.from),
    to: instantOrNull(alert.to),
    detectedAt: instant(alert.detectedAt),
    detectedLate: alert.detectedLate,
    evidence: {
      limit: evidence.limit,
      extreme: evidence.extreme,
      minutesOutOfRange: evidence.minutesOutOfRange,
      endedBy: evidence.endedBy,
      runs: evidence.runs.map(({ from, to }) => ({ from: instant(from), to: instant(to) })),
      readings: evidence.readings.map(({ time, value }) => ({ time: instant(time), value })),
      changes: (evidence.changes ?? []).map(({ at, ...change }) => ({ at: instant(at), ...change })),
      ...(evidence.pass !== undefined && { pass: evidence.pass }),
      ...(evidence.reason !== undefined && { reason: evidence.reason }),
    },
    affected: {
      ...{ count: alert.affectedCount, serials: serials.map(serialView) },
      ...(alert.atStake !== null && { atStake: alert.atStake }),
    },
    mergedInto: alert.mergedInto,
    splitFrom: alert.splitFrom,
    acknowledgedBy: alert.acknowledgedBy,
    acknowledgedAt: instantOrNull(alert.acknowledgedAt),
    resolvedBy: alert.resolvedBy,
    resolvedAt: instantOrNull(alert.resolvedAt),
    assignedTo: alert.assignedTo,
    snoozedUntil: instantOrNull(alert.snoozedUntil),
    reopened: alert.reopened,
    revision: alert.revision,
  };
}

export function serialView(serial: AffectedSerial): SerialView {
  return { ...serial, from: instant(serial.from), to: instantOrNull(serial.to) };
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

function instantOrNull(at: number | null): string | null {
  return at === null ? null : instant(at);
}
