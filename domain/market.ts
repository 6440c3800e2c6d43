/** What a national system's answer is about: what was sent, the state of the pack, undoing, or what cannot be undone any more. */
export const ANSWERS_ABOUT = ['data', 'state', 'undo', 'final'] as const;

/**
 * What an answer of a national system most likely is. `reading` and `own action` are what false alerts are made of; the
 * pack stays where it is all the same until that is settled.
 */
export const ANSWER_CLASSES = ['reading', 'own action', 'compare', 'not saleable', 'investigate', 'unknown'] as const;
export type AnswerClass = (typeof ANSWER_CLASSES)[number];

/** How what was sent differs from what is printed. */
export const READING_FAULTS = ['letter case', 'keyboard', 'run together', 'cut off', 'another'] as const;
export type ReadingFault = (typeof READING_FAULTS)[number];
