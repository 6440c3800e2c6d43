/** When alerts of one rule and key flap: more than so many open within so long. */
export interface FlapSetting {
  readonly opens: number;
  readonly withinMs: number;
}

/** What is done with an alert that opens now. */
export type FlapStep = 'as usual' | 'begins' | 'held';

/**
 * It is over when none has opened for this long: the pace at which it would begin. So what opened last and goes on for so
 * long is no flap, and is told.
 */
export function flapQuietMs({ opens, withinMs }: FlapSetting): number {
  return Math.ceil(withinMs / opens);
}

/**
 * What an alert is that opens. Pure.
 *
 * @param isFlapping the flapping of its rule and key goes on
 * @param opened how many of its rule and key began within `withinMs` until it began, itself included: in event time, so that a
 *   logger that brings a week at once does not flap
 */
export function flapStep(isFlapping: boolean, opened: number, { opens }: FlapSetting): FlapStep {
  if (isFlapping) return 'held';
  return opened > opens ? 'begins' : 'as usual';
}
