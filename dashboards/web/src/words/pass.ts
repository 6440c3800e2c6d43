import type { ConditionState, PassView } from '../../../api/index.ts';
import { count, counted } from './figures.ts';

export const DIRECTION_WORDS: Readonly<Record<PassView['direction'], string>> = {
  in: 'Coming in',
  out: 'Going out',
  unknown: 'Through the door',
};

/** What the door answers: what was read is what was expected, and the goods may move on; or who is to look. */
export type DoorAnswer = 'pass' | 'check' | 'not-yet';

export const ANSWER_WORDS: Readonly<Record<DoorAnswer, string>> = {
  pass: 'PASS',
  check: 'CHECK',
  'not-yet': 'NOT YET',
};

/** In which colour and shape. */
export const ANSWER_STATES: Readonly<Record<DoorAnswer, ConditionState>> = {
  pass: 'inRange',
  check: 'warning',
  'not-yet': 'excursion',
};

/** Two answers make one: what may not move on stays, whether or not it is what was expected. */
export function answerOf({
  verdict,
  blocked,
  clearance,
}: Pick<PassView, 'verdict' | 'blocked' | 'clearance'>): DoorAnswer {
  if (clearance === null ? blocked.length > 0 : !clearance.mayMoveOn) return 'not-yet';
  return verdict;
}

/** What to do, in one short sentence for someone with their hands full. */
export function verdictText(pass: PassView): string {
  const { counts } = pass;
  const parts = [
    counts.missing > 0 ? `${count(counts.missing)} missing` : null,
    counts.unexpected > 0 ? `${count(counts.unexpected)} too many` : null,
  ].filter((part) => part !== null);
  if (answerOf(pass) === 'not-yet') return ['Keep it here, quality decides', ...parts].join(', ').concat('.');
  if (pass.verdict === 'pass') {
    return counts.expected === 0
      ? 'Nothing wrong with what was read.'
      : `All ${counted(counts.expected, 'serial')} are here.`;
  }
  return parts.length === 0 ? 'Look at this pallet before it moves on.' : `${parts.join(', ')}.`;
}
