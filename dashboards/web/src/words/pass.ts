import type { PassView } from '../../../api/index.ts';
import { counted } from './figures.ts';

export const DIRECTION_WORDS: Readonly<Record<PassView['direction'], string>> = {
  in: 'Coming in',
  out: 'Going out',
  unknown: 'Through the door',
};

/** What to do, in one short sentence for someone with their hands full. */
export function verdictText({ verdict, counts, blocked }: PassView): string {
  if (verdict === 'pass') {
    return counts.expected === 0
      ? 'Nothing wrong with what was read.'
      : `All ${counted(counts.expected, 'serial')} are here.`;
  }
  const parts = [
    blocked.length > 0 ? `${counted(blocked.length, 'serial')} must not move on` : null,
    counts.missing > 0 ? `${counted(counts.missing, 'serial')} missing` : null,
    counts.unexpected > 0 ? `${counts.unexpected} too many` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'Look at this pallet before it moves on.' : `${parts.join(', ')}.`;
}
