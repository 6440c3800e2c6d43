import type { ConditionState } from '../../../api/index.ts';
import { wordsOf } from '../text/say.ts';

/** What needs a person first. */
export const STATES_BY_URGENCY: readonly ConditionState[] = ['excursion', 'warning', 'unknown', 'inRange'];

/** A state counts what waits of every kind, not temperatures alone: tiles, columns of the board and the map say the same. */
export const STATE_WORDS: Readonly<Record<ConditionState, string>> = wordsOf({
  excursion: 'parts.critical',
  warning: 'parts.warning',
  unknown: 'parts.notKnown',
  inRange: 'parts.inRange',
});
