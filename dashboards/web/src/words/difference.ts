import type { DifferenceView } from '../../../api/index.ts';

/** What it is in everyday words, and what to do about it. The trade's own term stands beside it. */
export const TERM_WORDS: Readonly<Record<DifferenceView['term'], { readonly name: string; readonly hint: string }>> = {
  overage: { name: 'Too many', hint: 'The shipment does not list these. Take them off, or ask.' },
  'concealed overage': { name: 'Too many inside', hint: 'Found when the unit was opened; nobody listed them.' },
  'wrong lot': { name: 'Wrong lot', hint: 'The shipment lists other lots of this product. Keep these apart.' },
  'wrong serial': { name: 'Wrong serial', hint: 'These came in the place of serials that the shipment lists.' },
  'no data received': { name: 'No data', hint: 'No notice speaks of these. Keep them apart until one comes.' },
  shortage: { name: 'Missing', hint: 'The shipment lists these and they were not read here.' },
  'concealed shortage': { name: 'Missing inside', hint: 'Not found when the unit was opened.' },
  lost: { name: 'Lost', hint: 'Nothing of this has come. Ask the sender and the carrier.' },
  damaged: { name: 'Damaged', hint: 'Keep these apart until quality has decided.' },
};

export const HOW_WORDS: Readonly<Record<'scan' | 'recount' | 'paperwork' | 'other', string>> = {
  scan: 'Scanned it',
  recount: 'Counted again',
  paperwork: 'Checked the papers',
  other: 'Another way',
};
