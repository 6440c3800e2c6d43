import type { DifferenceView } from '../../../api/index.ts';
import { say } from '../text/say.ts';

/** What it is in everyday words, and what to do about it. The trade's own term stands beside it. */
export const TERM_WORDS: Readonly<Record<DifferenceView['term'], { readonly name: string; readonly hint: string }>> = {
  overage: { name: say('difference.overage'), hint: say('difference.overage.hint') },
  'concealed overage': { name: say('difference.concealed-overage'), hint: say('difference.concealed-overage.hint') },
  'wrong lot': { name: say('difference.wrong-lot'), hint: say('difference.wrong-lot.hint') },
  'wrong serial': { name: say('difference.wrong-serial'), hint: say('difference.wrong-serial.hint') },
  'no data received': { name: say('difference.no-data-received'), hint: say('difference.no-data-received.hint') },
  shortage: { name: say('difference.shortage'), hint: say('difference.shortage.hint') },
  'concealed shortage': { name: say('difference.concealed-shortage'), hint: say('difference.concealed-shortage.hint') },
  lost: { name: say('difference.lost'), hint: say('difference.lost.hint') },
  damaged: { name: say('difference.damaged'), hint: say('difference.damaged.hint') },
};

export const HOW_WORDS: Readonly<Record<'scan' | 'recount' | 'paperwork' | 'other', string>> = {
  scan: say('settled.scan'),
  recount: say('settled.recount'),
  paperwork: say('settled.paperwork'),
  other: say('settled.other'),
};
