import type { FreezeThawRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Steps } from './step-machine.ts';

interface FreezeThawState {
  draft: Draft | null;
  isFrozen: boolean;
  /** Times of crossings inside the window. */
  crossings: number[];
}

/** freezeThaw (docs/rules.md): how often goods have gone from frozen to thawed within a window. */
export const freezeThawSteps: Steps<FreezeThawRule, FreezeThawState> = {
  endsAtSlice: null,
  isCarried: true,
  fresh: () => ({ draft: null, isFrozen: false, crossings: [] }),
  copy: ({ draft, isFrozen, crossings }) => ({ draft, isFrozen, crossings: [...crossings] }),
  reachMs: (rule) => rule.windowMs,
  reads: () => null,
  holdMs: (rule) => rule.windowMs,
  /** Decided at the beginning of the window and not turned since: nothing has crossed in it. */
  isClean({ rule, window: { times, values, start }, i }) {
    const from = (times[i] as number) - rule.windowMs;
    let [hasFrozen, hasThawed] = [false, false];
    for (let k = i; k >= start; k--) {
      const value = values[k] as number;
      const [isFrozen, isThawed] = [value < rule.frozenBelow, value > rule.thawedAbove];
      hasFrozen ||= isFrozen;
      hasThawed ||= isThawed;
      if (hasFrozen && hasThawed) return false;
      if ((times[k] as number) <= from) return isFrozen || isThawed;
    }
    return false;
  },
  step(state, step) {
    const { rule, time, value } = step;
    const { crossings } = state;
    while (crossings.length > 0 && (crossings[0] as number) <= time - rule.windowMs) crossings.shift();
    if (crossings.length === 0) state.draft = null;
    if (value < rule.frozenBelow) state.isFrozen = true;
    if (!state.isFrozen || value <= rule.thawedAbove) return;
    state.isFrozen = false;
    crossings.push(time);
    const { draft } = state;
    if (draft !== null) {
      draft.to = time;
      draft.readings++;
      step.changed(draft);
    } else if (crossings.length >= rule.count) {
      state.draft = step.open({ from: time, to: time, endedBy: 'recovery', extreme: null, readings: rule.count });
    }
  },
  /** Without a crossing in the window, frozen goods wait for a thaw and thawed ones for a freeze. */
  bypass({ isFrozen, crossings }, { rule }, band) {
    if (isFrozen) band.high = rule.thawedAbove;
    else band.low = rule.frozenBelow;
    return crossings.length === 0;
  },
};
