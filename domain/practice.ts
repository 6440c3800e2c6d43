import type { Role } from './permission.ts';

/** Whose jobs can be practised. An administrator has none of his own on invented goods. */
export const PRACTICE_ROLES = ['logistics', 'quality', 'dock', 'operations'] as const satisfies readonly Role[];
export type PracticeRole = (typeof PRACTICE_ROLES)[number];

/** A job that a new colleague does, and the fact that shows that it is done: an entry of the audit trail by that person. */
export interface PracticeJob {
  readonly id: string;
  /** Where it begins on the page. */
  readonly start: string;
  /** Any of these by the person. */
  readonly actions: readonly string[];
}

/**
 * The jobs of each role on the goods of the demo, easy ones first. The words for each stand with the page (`practice.job.*`);
 * what counts as done stands here: never a click that says so.
 */
export const PRACTICE_JOBS: Readonly<Record<PracticeRole, readonly PracticeJob[]>> = {
  logistics: [
    { id: 'see-trouble', start: '/shipments', actions: ['settings.view'] },
    { id: 'announce', start: '/shipments/~new', actions: ['shipment.announce'] },
    { id: 'correct', start: '/shipments/SHP-1003', actions: ['shipment.correct'] },
    { id: 'share', start: '/shipments/SHP-1001', actions: ['share.make'] },
  ],
  quality: [
    { id: 'take-case', start: '/cases', actions: ['case.assign'] },
    { id: 'decide', start: '/cases', actions: ['case.decide'] },
    { id: 'hold', start: '/shipments/SHP-1005', actions: ['hold.set'] },
    { id: 'set-aside', start: '/devices/LOG-201', actions: ['readings.set-aside'] },
  ],
  dock: [
    { id: 'settle', start: '/portals/madrid%2Fdock-1', actions: ['difference.settle'] },
    { id: 'verify', start: '/verify', actions: ['pack.verify'] },
    { id: 'count', start: '/shipments/SHP-1002', actions: ['unit.count'] },
  ],
  operations: [
    { id: 'acknowledge', start: '/alerts', actions: ['alert.acknowledge'] },
    { id: 'assign', start: '/alerts', actions: ['alert.assign'] },
    { id: 'silence', start: '/devices/LOG-401', actions: ['silence.add'] },
    { id: 'resolve', start: '/alerts', actions: ['alert.resolve'] },
  ],
};
