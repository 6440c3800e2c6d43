/**
 * What a national system's answer is about: what was sent, the state of the pack, undoing, or what cannot be undone any more;
 * `done`: it did what it was asked.
 */
export const ANSWERS_ABOUT = ['done', 'data', 'state', 'undo', 'final'] as const;

/**
 * What an answer of a national system most likely is. `reading` and `own action` are what false alerts are made of; the
 * pack stays where it is all the same until that is settled.
 */
export const ANSWER_CLASSES = [
  'done',
  'reading',
  'own action',
  'compare',
  'not saleable',
  'investigate',
  'unknown',
] as const;
export type AnswerClass = (typeof ANSWER_CLASSES)[number];

/**
 * What kind of thing an answer most likely is, as those who handle alerts sort them: a scanner, its software or missing data
 * (`technical`), what somebody did twice or too late (`procedural`), what has to be looked into; `open`: not known before
 * somebody has compared it with the pack.
 */
export const ANSWER_KINDS = ['none', 'technical', 'procedural', 'open', 'investigate'] as const;
export type AnswerKind = (typeof ANSWER_KINDS)[number];

/** What is decommissioned here by which kind of authorisation or entitlement: it decides which reasons there are. */
export const PACK_CAPACITIES = ['pharmacy', 'healthcare institution', 'wholesaler', 'manufacturer'] as const;
export type PackCapacity = (typeof PACK_CAPACITIES)[number];

/** Why a pack's unique identifier is decommissioned. */
export const DECOMMISSION_REASONS = [
  'supplied',
  'opened',
  'exported',
  'not returnable',
  'destroyed',
  'sample',
  'clinical trial',
  'free sample',
  'stolen',
  'recalled',
] as const;
export type DecommissionReason = (typeof DECOMMISSION_REASONS)[number];

/** What an entry of the ledger says: the pack was decommissioned, or that was reverted. */
export const LEDGER_ACTS = ['decommission', 'revert'] as const;
export type LedgerAct = (typeof LEDGER_ACTS)[number];

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
