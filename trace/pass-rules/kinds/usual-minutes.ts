import { serverText } from '../../../domain/index.ts';
import type { FoundFact } from '../pass-facts.ts';
import { usualOf } from '../usual/index.ts';

/** Of fewer observations nobody is told what is usual. */
const LEARNT = 5;

/** What is usual, for the explanation: nothing is judged by it. */
export function usualMinutes(at: number, what: 'stay' | 'way', minutes: readonly number[] = []): FoundFact {
  const { observations, median, mad } = usualOf(minutes);
  if (observations < LEARNT) return { at, text: serverText('found.usual.unknown', { what, observations }) };
  const figures = { median: Math.round(median ?? 0), mad: Math.round(mad ?? 0) };
  return { at, text: serverText('found.usual.minutes', { what, observations, ...figures }) };
}
