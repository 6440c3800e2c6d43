import type { IntervalRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Steps } from './step-machine.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The longest recording interval for a journey of this length. EN 12830:2018, 4.5 (table 2). */
export function allowedIntervalMs(journeyMs: number): number {
  if (journeyMs < DAY_MS) return 5 * MINUTE_MS;
  return journeyMs <= 7 * DAY_MS ? 15 * MINUTE_MS : 60 * MINUTE_MS;
}

/** interval (docs/rules.md): successive readings further apart than allowed; neighbouring such steps are one finding. */
export const intervalSteps: Steps<IntervalRule, { draft: Draft | null }> = {
  endsAtSlice: 'rule',
  isCarried: false,
  fresh: () => ({ draft: null }),
  copy: ({ draft }) => ({ draft }),
  reachMs: () => 0,
  reads: () => null,
  holdMs: () => 0,
  isClean: ({ rule, window: { times, start }, i }) =>
    i > start && (times[i] as number) - (times[i - 1] as number) <= allowedIntervalMs(rule.journeyMs),
  step(state, step) {
    if (!step.hasBefore) return;
    const { rule, window, i, time } = step;
    const before = window.times[i - 1] as number;
    const { draft } = state;
    const length = (time - before) / MINUTE_MS;
    if (time - before <= allowedIntervalMs(rule.journeyMs)) {
      state.draft = null;
      if (draft === null) return;
      draft.endedBy = 'recovery';
      step.changed(draft);
    } else if (draft === null) {
      state.draft = step.open({ from: before, to: time, endedBy: null, extreme: length, readings: 1 });
    } else {
      draft.to = time;
      draft.readings++;
      draft.extreme = Math.max(draft.extreme ?? length, length);
      step.changed(draft);
    }
  },
  bypass({ draft }, { rule }, band) {
    band.stepMs = allowedIntervalMs(rule.journeyMs);
    return draft === null;
  },
};
