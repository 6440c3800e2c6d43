import type { DifferenceView } from '../../../api/index.ts';
import { say, wordsOf } from '../text/say.ts';

/** As the keys of their texts have them. */
const TERM_NAMES = {
  overage: 'overage',
  'concealed overage': 'concealed-overage',
  'wrong lot': 'wrong-lot',
  'wrong serial': 'wrong-serial',
  'no data received': 'no-data-received',
  shortage: 'shortage',
  'concealed shortage': 'concealed-shortage',
  lost: 'lost',
  damaged: 'damaged',
} as const satisfies Readonly<Record<DifferenceView['term'], string>>;

/** What it is in everyday words, and what to do about it. The trade's own term stands beside it. */
export function termText(term: DifferenceView['term']): { readonly name: string; readonly hint: string } {
  const name = TERM_NAMES[term];
  return { name: say(`difference.${name}`), hint: say(`difference.${name}.hint`) };
}

export const HOW_WORDS: Readonly<Record<'scan' | 'recount' | 'paperwork' | 'other', string>> = wordsOf({
  scan: 'settled.scan',
  recount: 'settled.recount',
  paperwork: 'settled.paperwork',
  other: 'settled.other',
});
