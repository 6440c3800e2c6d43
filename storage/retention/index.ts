/**
 * What may be deleted when: holds by people, the log of deletions, and the sweep that drops partitions of readings, or
 * thins them out around what is kept. In come ages and device ranges to keep; it must never know why they are kept.
 */
export { type Deletion, Deletions } from './deletions.ts';
export { type Hold, Holds } from './holds.ts';
export { type Age, type FileSweep, Retention, type RetentionResult } from './retention.ts';
export { MARGIN_MS, Sweeper } from './sweeper.ts';
