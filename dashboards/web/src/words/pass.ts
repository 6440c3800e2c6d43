import type { ConditionState, PassView } from '../../../api/index.ts';
import { say, wordsOf } from '../text/say.ts';

export const DIRECTION_WORDS: Readonly<Record<PassView['direction'], string>> = wordsOf({
  in: 'direction.in',
  out: 'direction.out',
  unknown: 'direction.unknown',
});

/** What the door answers: what was read is what was expected, and the goods may move on; or who is to look. */
export type DoorAnswer = 'pass' | 'check' | 'not-yet';

export const ANSWER_WORDS: Readonly<Record<DoorAnswer, string>> = wordsOf({
  pass: 'door.pass',
  check: 'door.check',
  'not-yet': 'door.not-yet',
});

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
    counts.missing > 0 ? say('pass.missing', { count: counts.missing }) : null,
    counts.unexpected > 0 ? say('pass.tooMany', { count: counts.unexpected }) : null,
  ].filter((part) => part !== null);
  if (answerOf(pass) === 'not-yet') return [say('pass.keep'), ...parts].join(', ').concat('.');
  if (pass.verdict === 'pass') {
    return counts.expected === 0 ? say('pass.nothingWrong') : say('pass.allHere', { count: counts.expected });
  }
  return parts.length === 0 ? say('pass.look') : `${parts.join(', ')}.`;
}
