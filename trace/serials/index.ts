/**
 * What events say of a serial itself: its lot and expiry, and whether it was stopped, recalled or taken out of circulation.
 */

export { keepDamaged, keepDecision } from './serial-decisions.ts';
export { BLOCKING, statedStatuses } from './serial-status.ts';
export { keepSerialEvents, knowSerials, STATUS_IN_FORCE, stoppingStatuses } from './serial-status-store.ts';
