import type { ShockRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Steps } from './step-machine.ts';

/** shock (docs/rules.md): readings at or above the limit; those closer than `keepFiringFor` to the one before join it. */
export const shockSteps: Steps<ShockRule, { draft: Draft | null }> = {
  endsAtSlice: null,
  isCarried: false,
  fresh: () => ({ draft: null }),
  copy: ({ draft }) => ({ draft }),
  reachMs: () => 0,
  reads: () => null,
  holdMs: (rule) => rule.keepFiringForMs,
  isClean: () => true,
  step(state, step) {
    const { draft } = state;
    const { rule, time, value } = step;
    const isJoined = draft !== null && time - (draft.to as number) < rule.keepFiringForMs;
    if (!isJoined) state.draft = null;
    if (value < rule.limit) return;
    if (draft === null || !isJoined) {
      state.draft = step.open({ from: time, to: time, endedBy: 'recovery', extreme: value, readings: 1 });
      return;
    }
    draft.to = time;
    draft.readings++;
    draft.extreme = Math.max(draft.extreme ?? value, value);
    step.changed(draft);
  },
  bypass({ draft }, { rule }, band) {
    // What lies in the band is bypassed, its ends included; a reading at the limit is a shock.
    band.high = justBelow(rule.limit);
    return draft === null;
  },
};

/** A double less than this one with next to nothing between. */
function justBelow(limit: number): number {
  return limit - Math.max(Math.abs(limit) * 2 ** -52, Number.MIN_VALUE);
}
