import { type Alert, type AlertAction, type AlertState, ConflictError, InputError } from '../domain/index.ts';

/** A step, and in which states of an alert it can be taken. */
export interface WhatIsAllowed {
  readonly allowed: readonly AlertState[];
  readonly action: AlertAction;
}

export function unknownAlert(id: string): InputError {
  return new InputError('ALERT_UNKNOWN', `there is no alert ${id}`, { alert: id });
}

export function stateConflict(alert: Alert, { allowed, action }: WhatIsAllowed): ConflictError {
  return new ConflictError(
    'ALERT_STATE_CONFLICT',
    `the alert is ${alert.state}; it can be ${action} while it is ${allowed.join(' or ')}`,
    current(alert),
  );
}

export function changedConflict(alert: Alert): ConflictError {
  return new ConflictError(
    'ALERT_CHANGED',
    'somebody acted on the alert since it was shown; look at it and decide again',
    current(alert),
  );
}

export function nobodyNext(alert: Alert): ConflictError {
  return new ConflictError(
    'ALERT_NOBODY_NEXT',
    'its routes name nobody else to tell; assign it to somebody, or change who is told of alerts',
    current(alert),
  );
}

/** What a person who came second has to know. */
function current(alert: Alert): Readonly<Record<string, unknown>> {
  const { state, acknowledgedBy, acknowledgedAt, resolvedBy, resolvedAt, assignedTo, snoozedUntil } = alert;
  return {
    ...{ alert: alert.id, state, acknowledgedBy, acknowledgedAt, resolvedBy, resolvedAt, assignedTo, snoozedUntil },
    ...{ mergedInto: alert.mergedInto, revision: alert.revision },
  };
}
