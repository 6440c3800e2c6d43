import type { ConditionState, PassView } from '../../../api/index.ts';
import { say, wordsOf } from '../text/say.ts';
import { lightOfPass, mayMoveOn } from './pass-light.ts';

export const DIRECTION_WORDS: Readonly<Record<PassView['direction'], string>> = wordsOf({
  in: 'direction.in',
  out: 'direction.out',
  unknown: 'direction.unknown',
});

/** What the door answers: it reads still; or what was read is what was expected, and the goods may move on; or who is to look. */
export type DoorAnswer = 'reading' | 'pass' | 'check' | 'not-yet';

export const ANSWER_WORDS: Readonly<Record<DoorAnswer, string>> = wordsOf({
  reading: 'door.reading',
  pass: 'door.pass',
  check: 'door.check',
  'not-yet': 'door.not-yet',
});

/** In which colour: the one of the stack light and of the screen at the door. */
export const ANSWER_STATES: Readonly<Record<DoorAnswer, ConditionState>> = {
  reading: 'warning',
  pass: 'inRange',
  check: 'excursion',
  'not-yet': 'excursion',
};

/** Two answers make one: what may not move on stays, whether or not it is what was expected. */
export function answerOf(pass: Pick<PassView, 'verdict' | 'isProvisional' | 'blocked' | 'clearance'>): DoorAnswer {
  const light = lightOfPass(pass);
  if (light === 'amber') return 'reading';
  if (light === 'green') return 'pass';
  return mayMoveOn(pass) ? 'check' : 'not-yet';
}

/** Its shape on every screen. */
export const ANSWER_SHAPES = { reading: 'reading', pass: 'pass', check: 'check', 'not-yet': 'stop' } as const;

/** What to do, in one short sentence for someone with their hands full. */
export function verdictText(pass: PassView): string {
  const { counts } = pass;
  const answer = answerOf(pass);
  if (answer === 'reading') return soFarText(counts);
  const parts = [
    counts.missing > 0 ? say('pass.missing', { count: counts.missing }) : null,
    counts.unexpected > 0 ? say('pass.tooMany', { count: counts.unexpected }) : null,
  ].filter((part) => part !== null);
  if (answer === 'not-yet') return [say('pass.keep'), ...parts].join(', ').concat('.');
  if (answer === 'pass') {
    return counts.expected === 0 ? say('pass.nothingWrong') : say('pass.allHere', { count: counts.expected });
  }
  return parts.length === 0 ? say('pass.look') : `${parts.join(', ')}.`;
}

function soFarText({ expected, missing, seen }: PassView['counts']): string {
  return expected === 0 ? say('pass.soFar.some', { seen }) : say('pass.soFar', { seen: expected - missing, expected });
}
