import {
  type AlertAction,
  type AlertEntry,
  type AuditTrail,
  BY_PLATFORM,
  type NewAuditEntry,
  type Origination,
} from '../domain/index.ts';

/** A step of an alert, by a person or by the platform itself. */
export interface AlertStep {
  readonly at: number;
  readonly action: AlertAction;
  /** Default: the platform itself. */
  readonly who?: Origination;
  /** What a person wrote. */
  readonly comment?: string | null;
  /** What it was before, as far as the step changes it. */
  readonly before?: Readonly<Record<string, unknown>>;
  /** Ids and figures that belong to the step; `reason` why the platform changed it. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Names of the steps in the audit trail, as `kind.verb`. */
const NAMES: Readonly<Record<AlertAction, string>> = {
  opened: 'alert.open',
  reopened: 'alert.reopen',
  changed: 'alert.change',
  acknowledged: 'alert.acknowledge',
  assigned: 'alert.assign',
  snoozed: 'alert.snooze',
  woken: 'alert.wake',
  muted: 'alert.mute',
  unmuted: 'alert.unmute',
  steadied: 'alert.steady',
  escalated: 'alert.escalate',
  reminded: 'alert.remind',
  commented: 'alert.comment',
  judged: 'alert.verdict',
  resolved: 'alert.resolve',
  retracted: 'alert.retract',
  merged: 'alert.merge',
  split: 'alert.split',
};
const ACTIONS = new Map(Object.entries(NAMES).map(([action, name]) => [name, action as AlertAction]));

/** A step as an entry of the audit trail. */
export function entryOf(alert: string, { at, action, who = BY_PLATFORM, ...step }: AlertStep): NewAuditEntry {
  const { reason, ...detail } = step.detail ?? {};
  return {
    ...who,
    at,
    action: NAMES[action],
    subject: `alert:${alert}`,
    old: step.before ?? null,
    new: detail,
    reason: step.comment ?? (typeof reason === 'string' ? reason : null),
  };
}

/** An alert's history, oldest first: a view of the audit trail. */
export async function historyOf(audit: AuditTrail, alert: string): Promise<readonly AlertEntry[]> {
  const entries = await audit.history(`alert:${alert}`);
  return entries.flatMap(({ at, actor, action: name, new: detail, reason }) => {
    const action = ACTIONS.get(name);
    if (action === undefined) return [];
    const given = { ...(typeof detail === 'object' ? detail : null) };
    const isPlatform = actor.kind === 'platform';
    return {
      ...{ at, action, by: isPlatform ? null : actor.name },
      comment: isPlatform ? null : reason,
      detail: isPlatform && reason !== null ? { ...given, reason } : given,
    };
  });
}
