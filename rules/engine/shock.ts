import type { ShockRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Steps } from './step-machine.ts';

/** shock (docs/rules.md): readings at or above the limit; those closer than `keepFiringFor` to the one before join it. */
export const shockSteps: Steps<ShockRule, { draft: Draft | null }> = {
  endsAtSlice: null,
  fresh: () => ({ draft: null }),
  copy: ({ draft }) => ({ draft }),
  reachMs: () => 0,
  holdMs: (rule) => rule.keepFiringForMs,
  isClean: () => true,
  step(state, { rule, time, value, open, changed }) {
    const { draft } = state;
    const isJoined = draft !== null && time - (draft.to as number) < rule.keepFiringForMs;
    if (!isJoined) state.draft = null;
    if (value < rule.limit) return;
    if (draft === null || !isJoined) {
      state.draft = open({ from: time, to: time, endedBy: 'recovery', extreme: value, readings: 1 });
      return;
    }
    draft.to = time;
    draft.readings++;
    draft.extreme = Math.max(draft.extreme ?? value, value);
    changed(draft);
  },
};
