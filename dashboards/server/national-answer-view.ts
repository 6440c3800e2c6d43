import type { AnswerClass } from '../../domain/index.ts';
import type { ClassedAnswer } from '../../partners/index.ts';
import { type ClassedAnswerView, formatTime } from '../api/index.ts';

const NEXT: Readonly<Record<AnswerClass, string>> = {
  done: 'Nothing: the national system has it.',
  reading:
    'What was sent is not what is printed: mend the scanner or its software (separators, Caps Lock, keyboard), send what is printed, and set the pack aside until that is answered without an alert.',
  'own action':
    'This place did it before: find out why it was done twice, and set the pack aside until that is recorded.',
  compare: 'Compare serial, lot and expiry as they were sent with what is printed, and set the pack aside until then.',
  'not saleable':
    'It cannot be made active again here, and does not go back to saleable stock: set it aside and report it.',
  investigate:
    'What was sent is what is printed, or nobody here did it before: treat it as suspect, set it aside, and report it.',
  unknown: 'This code is not known here: set the pack aside and ask the national organisation.',
};

/** An answer of a national system as people and programs see it. */
export function classedView(found: ClassedAnswer): ClassedAnswerView {
  return {
    ...{ class: found.class, isLikelyFalse: found.class === 'reading' || found.class === 'own action' },
    ...{ kind: found.kind, alert: found.alert, name: found.name, cause: found.cause, isAlert: found.isAlert },
    ...{ faults: found.faults.map((fault) => ({ ...fault })), next: NEXT[found.class] },
    revertUntil: formatTime(found.revertUntil),
  };
}
