import type { RateRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Steps } from './step-machine.ts';
import type { Place } from './watches.ts';

interface RateState {
  draft: Draft | null;
  /** Readings since the last gap, from the last one at or before the window on. */
  times: number[];
  values: number[];
}

/** rate (docs/rules.md): how far a value has moved over a window in which nothing is unknown. */
export const rateSteps: Steps<RateRule, RateState> = {
  endsAtSlice: 'rule',
  fresh: () => ({ draft: null, times: [], values: [] }),
  copy: ({ draft, times, values }) => ({ draft, times: [...times], values: [...values] }),
  reachMs: (rule) => rule.windowMs,
  holdMs: () => 0,
  isClean(rule, place, i, isGap) {
    const time = place.times[i] as number;
    let base = i;
    while (base > place.start && (place.times[base] as number) > time - rule.windowMs) {
      if (isGap(base)) return true;
      base--;
    }
    if ((place.times[base] as number) > time - rule.windowMs) return true;
    return !isBeyond(rule, (place.values[i] as number) - (place.values[base] as number));
  },
  step(state, { rule, place, i, time, value, hasBefore, isGap, open, changed }) {
    const { draft } = state;
    const isUnknown = hasBefore && isGap(i);
    if (isUnknown) {
      state.times = [];
      state.values = [];
    }
    state.times.push(time);
    state.values.push(value);
    while ((state.times[1] ?? Number.POSITIVE_INFINITY) <= time - rule.windowMs) {
      state.times.shift();
      state.values.shift();
    }
    const isCovered = (state.times[0] as number) <= time - rule.windowMs;
    const change = value - (state.values[0] as number);
    if (isCovered && isBeyond(rule, change)) {
      if (draft === null) {
        state.draft = open({ from: time, to: time, endedBy: null, extreme: change, readings: 1 });
        return;
      }
      draft.to = time;
      draft.readings++;
      if (Math.abs(change) > Math.abs(draft.extreme ?? 0)) draft.extreme = change;
      changed(draft);
    } else if (draft !== null) {
      draft.to = isUnknown ? beforeOf(place, i) : time;
      draft.endedBy = isUnknown ? 'silence' : 'recovery';
      state.draft = null;
      changed(draft);
    }
  },
};

function isBeyond({ limit }: RateRule, change: number): boolean {
  return limit > 0 ? change > limit : change < limit;
}

function beforeOf({ times }: Place, i: number): number {
  return times[i - 1] as number;
}
