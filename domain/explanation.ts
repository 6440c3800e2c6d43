import type { Finding } from './finding.ts';

/**
 * What became of a finding's state at one moment:
 *
 * | what | |
 * |---|---|
 * | `began` | the first reading that counts: beyond a limit, and for how long is not yet known |
 * | `held` | back within the limit, but not past the clear limit: still outside |
 * | `crossed` | directly beyond the other limit |
 * | `unknown` | a gap that is judged as the worst (`gap: worst`) |
 * | `opened` | the finding could be known |
 * | `counted` | another event that counts into it: a shock, a thaw, a step too long |
 * | `furthest` | the extreme |
 * | `reached` | forecast: the limit it warned of |
 * | `excused` | not counted: another metric of the device says why |
 * | `extended` | outside again within `keepFiringFor`: the same finding goes on |
 * | `lastHeard`, `heard` | silence: the reading before, and the one after |
 * | `recovered` | what ended a run, or the finding |
 * | `gap` | nothing is known after this |
 * | `ruleChanged` | another version of the rule took over |
 */
export const STATE_CHANGES = [
  'began',
  'held',
  'crossed',
  'unknown',
  'opened',
  'counted',
  'furthest',
  'reached',
  'excused',
  'extended',
  'lastHeard',
  'heard',
  'recovered',
  'gap',
  'ruleChanged',
] as const;
export type StateChangeKind = (typeof STATE_CHANGES)[number];

/** One step of how a finding came to be what it is. */
export interface StateChange {
  /** Event time, epoch ms UTC. */
  readonly at: number;
  readonly what: StateChangeKind;
  /** The reading there, or what the kind makes of it (a change, an MKT, minutes); null where there is none. */
  readonly value: number | null;
  /** One sentence for a person. */
  readonly text: string;
}

/** Explains, from the stored readings and the rule version, how findings came about. Implemented by rules. */
export interface FindingExplanation {
  /** By time; null while the rule version is not known yet. */
  explain(finding: Finding): Promise<readonly StateChange[] | null>;
}
