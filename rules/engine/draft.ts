import { type EndedBy, type Finding, lowerLimit } from '../../domain/index.ts';
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

/** The draft that was published as this finding. */
export function draftOf(finding: Finding, program: Program<KeyRule>): Draft {
  const { from, to, endedBy, extreme, limit, readings, runs } = finding;
  const distance =
    extreme === null || limit === null ? Number.NEGATIVE_INFINITY : distanceBeyond(program, extreme, limit);
  return { program, from, to, endedBy, extreme, distance, limit, readings, runs: runs.map((run) => ({ ...run })) };
}

/** How far a value lies beyond the limit that was in force for it. */
function distanceBeyond({ rule }: Program<KeyRule>, extreme: number, limit: number): number {
  return rule.kind === 'threshold' && limit === lowerLimit(rule) ? limit - extreme : extreme - limit;
}
