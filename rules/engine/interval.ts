import type { IntervalRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Step } from './step.ts';
import type { Steps } from './step-machine.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The longest recording interval for a journey of this length. EN 12830:2018, 4.5 (table 2). */
export function allowedIntervalMs(journeyMs: number): number {
  if (journeyMs < DAY_MS) return 5 * MINUTE_MS;
  return journeyMs <= 7 * DAY_MS ? 15 * MINUTE_MS : 60 * MINUTE_MS;
}

interface IntervalState {
  draft: Draft | null;
  /** The step from the last reading to now is too long and counts in `draft`. */
  isRunning: boolean;
}

/** interval (docs/rules.md): successive readings further apart than allowed; neighbouring such steps are one finding. */
export const intervalSteps: Steps<IntervalRule, IntervalState> = {
  endsAtSlice: 'rule',
  isCarried: false,
  fresh: () => ({ draft: null, isRunning: false }),
  copy: ({ draft, isRunning }) => ({ draft, isRunning }),
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
  /** The step from the last reading to now may be too long already: it has no end, and is not measured yet. */
  atEnd(state, step, now) {
    const { time, rule, sliceTo } = step;
    const tooLongAfter = time + allowedIntervalMs(rule.journeyMs);
    const isOver = now >= sliceTo;
    const isRunning = now > tooLongAfter && !isOver && step.counts(step.i);
    if (state.isRunning && !isRunning) takeRunningStep(state, step);
    if (isRunning && !state.isRunning) {
      state.isRunning = true;
      if (state.draft === null) {
        state.draft = step.open({ from: time, to: null, endedBy: null, extreme: null, readings: 1 });
      } else {
        state.draft.to = null;
        state.draft.readings++;
        step.changed(state.draft);
      }
    }
    const { draft } = state;
    if (isOver && draft !== null && draft.endedBy === null) {
      draft.endedBy = 'rule';
      step.changed(draft);
    }
    if (isOver) return Number.POSITIVE_INFINITY;
    return isRunning ? sliceTo - 1 : Math.min(tooLongAfter, sliceTo - 1);
  },
  deadlineAfter: ({ time, rule }) => time + allowedIntervalMs(rule.journeyMs),
  undoEnd(state, step) {
    if (state.isRunning) takeRunningStep(state, step, step.i - 1);
    else if (state.draft !== null && state.draft.endedBy !== null) {
      state.draft.endedBy = null;
      step.changed(state.draft);
    }
  },
  bypass({ draft }, { rule }, band) {
    band.stepMs = allowedIntervalMs(rule.journeyMs);
    return draft === null;
  },
};

/** The step from the last reading to now counts no more. */
function takeRunningStep(state: IntervalState, step: Step<IntervalRule>, last = step.i): void {
  const { draft } = state;
  state.isRunning = false;
  if (draft === null) return;
  if (draft.readings === 1) {
    step.retract(draft);
    state.draft = null;
    return;
  }
  draft.readings--;
  draft.to = step.window.times[last] as number;
  step.changed(draft);
}
