/** What may be wrong between two companies, in the words of the industry (HDA Exceptions Handling Guidelines for DSCSA). */
export const EXCEPTION_KINDS = [
  'overage',
  'shortage',
  'product without data',
  'data without product',
  'data errors',
  'damage',
] as const;
export type ExceptionKind = (typeof EXCEPTION_KINDS)[number];

/** open: of ours alone; shared: the partner was told; answered: its word came last; settled, withdrawn: over. */
export const EXCEPTION_STATES = ['open', 'shared', 'answered', 'settled', 'withdrawn'] as const;
export type ExceptionState = (typeof EXCEPTION_STATES)[number];

/** What the partner says of it. */
export const EXCEPTION_ANSWERS = ['confirmed', 'refused', 'corrected', 'asked back'] as const;
export type ExceptionAnswer = (typeof EXCEPTION_ANSWERS)[number];

/** Within how many days an exception is to be settled where nobody says otherwise. */
export const EXCEPTION_DAYS = 3;

/** What of a kind of difference between expected and seen is told to the partner. */
export function exceptionKindOf(term: string): ExceptionKind {
  if (/overage/.test(term)) return 'overage';
  if (/shortage|lost/.test(term)) return 'shortage';
  if (term === 'no data received') return 'product without data';
  return term === 'damaged' ? 'damage' : 'data errors';
}
