import type { EndedBy } from '../../domain/index.ts';
import type { KeyRule, Program } from './program.ts';

/** A finding while the engine works on it. One per finding, not per reading. */
export interface Draft {
  readonly program: Program<KeyRule>;
  readonly from: number;
  to: number | null;
  endedBy: EndedBy;
  extreme: number | null;
  /** How far `extreme` lies beyond `limit`; -Infinity before the first outside reading. */
  distance: number;
  limit: number | null;
  readings: number;
  readonly runs: { readonly from: number; to: number }[];
}
