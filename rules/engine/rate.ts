import type { RateRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import { endWithData, undoEndWithData } from './end-of-data.ts';
import type { Step } from './step.ts';
import type { Steps } from './step-machine.ts';

/** rate (docs/rules.md): how far a value has moved over a window in which nothing is unknown. */
export const rateSteps: Steps<RateRule, { draft: Draft | null }> = {
  endsAtSlice: 'rule',
  atEnd: ({ draft }, step, now) => endWithData(draft, step, now),
  undoEnd: ({ draft }, step) => undoEndWithData(draft, step),
  isCarried: false,
  fresh: () => ({ draft: null }),
  copy: ({ draft }) => ({ draft }),
  reachMs: (rule) => rule.windowMs,
  reads: ({ windowMs }) => ({ windowMs, newestMs: 0, newest: 0 }),
  holdMs: () => 0,
  isClean: (step) => !isBeyond(step.rule, changeAt(step)),
  step(state, step) {
    const { draft } = state;
    const { time } = step;
    const change = changeAt(step);
    if (change !== null && isBeyond(step.rule, change)) {
      if (draft === null) {
        state.draft = step.open({ from: time, to: time, endedBy: null, extreme: change, readings: 1 });
        return;
      }
      draft.to = time;
      draft.readings++;
      if (Math.abs(change) > Math.abs(draft.extreme ?? 0)) draft.extreme = change;
      step.changed(draft);
    } else if (draft !== null) {
      const isUnknown = step.hasBefore && step.isGap(step.i);
      draft.to = isUnknown ? (step.window.times[step.i - 1] as number) : time;
      draft.endedBy = isUnknown ? 'silence' : 'recovery';
      state.draft = null;
      step.changed(draft);
    }
  },
  /** While all values from the window's beginning on lie in a band no wider than the limit, none is that far from another. */
  bypass({ draft }, step, band) {
    if (draft !== null) return false;
    const { window, i, time, rule } = step;
    let low = step.value;
    let high = step.value;
    for (let k = i - 1; step.counts(k) && (window.times[k + 1] as number) > time - rule.windowMs; k--) {
      const value = window.values[k] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const room = (Math.abs(rule.limit) - (high - low)) / 2;
    band.low = low - room;
    band.high = high + room;
    // Rounding keeps its order: no two values in the band are further apart than its ends.
    return room > 0 && band.high - band.low <= Math.abs(rule.limit);
  },
};

/** The value less the one that held a window before; null where none did or a gap lies between. */
function changeAt(step: Step<RateRule>): number | null {
  const { window, i, time, value, rule } = step;
  const from = time - rule.windowMs;
  let base = i;
  while ((window.times[base] as number) > from) {
    if (!step.counts(base - 1)) {
      if (base === window.start) step.readPastStart();
      return null;
    }
    if (step.isGap(base)) return null;
    base--;
  }
  return value - (window.values[base] as number);
}

function isBeyond({ limit }: RateRule, change: number | null): boolean {
  return change !== null && (limit > 0 ? change > limit : change < limit);
}
