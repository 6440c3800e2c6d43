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

/**
 * What an answer most often comes from where what was sent is what is printed. `data not uploaded`: the maker has not told
 * the system of the pack or its batch; it may be falsified as well.
 */
export const ANSWER_CAUSES = [
  'data not uploaded',
  'batch mismatch',
  'expiry mismatch',
  'done twice',
  'undo mismatch',
  'too late',
  'another place',
  'another market',
] as const;
export type AnswerCause = (typeof ANSWER_CAUSES)[number];

/** Periods of markets that something here goes by; others are for people to read. */
export const MARKET_PERIODS = ['records kept', 'undoing', 'request answered', 'notice given'] as const;
export type MarketPeriod = (typeof MARKET_PERIODS)[number];

/** How far a source was read when its market was written down. */
export const SOURCES_READ = ['original', 'excerpt', 'summary', 'not read'] as const;

/** When the law of a market is looked at: by the day of each. */
export const MARKET_MOMENTS = ['ship', 'receive'] as const;
export type MarketMoment = (typeof MARKET_MOMENTS)[number];
