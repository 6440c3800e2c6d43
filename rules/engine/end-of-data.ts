import type { Draft } from './draft.ts';
import type { KeyRule } from './program.ts';
import type { Step } from './step.ts';

/**
 * How a finding under way ends where the data does (docs/rules.md, "Readings"): by silence, once the step from the last
 * reading to now is a gap; else by the rule, once now has reached the end of its slice.
 *
 * @returns once now is past it, something else follows
 */
export function endWithData(draft: Draft | null, step: Step<KeyRule>, now: number): number {
  if (draft === null) return Number.POSITIVE_INFINITY;
  const silentAfter = step.time + step.gapLimitAtEnd();
  const endedBy = now > silentAfter ? 'silence' : now >= step.sliceTo ? 'rule' : null;
  if (draft.endedBy !== endedBy) {
    draft.endedBy = endedBy;
    step.changed(draft);
  }
  if (endedBy === 'silence') return Number.POSITIVE_INFINITY;
  return endedBy === 'rule' ? silentAfter : Math.min(silentAfter, step.sliceTo - 1);
}

/** A reading has come after all: the finding goes on. */
export function undoEndWithData(draft: Draft | null, step: Step<KeyRule>): void {
  if (draft === null || draft.endedBy === null) return;
  draft.endedBy = null;
  step.changed(draft);
}
