import type { ForecastRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import { endWithData, undoEndWithData } from './end-of-data.ts';
import type { Steps } from './step-machine.ts';
import { MOST_READINGS, Trend } from './trend.ts';
import { TrendSums } from './trend-sums.ts';
import type { Watches } from './watches.ts';

interface ForecastState {
  draft: Draft | null;
  /** The finding has seen a reading beyond the limit: it came true and is not taken back. */
  hasReached: boolean;
}

/**
 * forecast (docs/rules.md): the trend over a window reaches the limit soon; taken back where it turns before that.
 *
 * A finding comes from the readings alone, fitted each time. Where no finding is under way, sums carried from reading to
 * reading first rule out that the line comes near the limit; nearly always they can.
 */
export function forecastSteps(watches: Watches): Steps<ForecastRule, ForecastState> {
  const trend = new Trend();
  const sums = new TrendSums(watches);
  return {
    carried: sums,
    endsAtSlice: 'rule',
    atEnd: ({ draft }, step, now) => endWithData(draft, step, now),
    undoEnd: ({ draft }, step) => undoEndWithData(draft, step),
    isCarried: false,
    fresh: () => ({ draft: null, hasReached: false }),
    copy: ({ draft, hasReached }) => ({ draft, hasReached }),
    reachMs: (rule) => rule.windowMs,
    reads: ({ windowMs }) => ({ windowMs: 0, newestMs: windowMs, newest: MOST_READINGS }),
    holdMs: () => 0,
    isClean(step) {
      if (isBeyond(step.rule, step.value)) return false;
      return !trend.fit(step) || !isOnItsWay(step.rule, trend);
    },
    step(state, step) {
      const { draft } = state;
      const { rule, i, time, value } = step;
      if (draft === null) {
        if (!sums.mayReach(step) || isBeyond(rule, value)) return;
        if (!trend.fit(step) || !isSure(rule, trend)) return;
        const extreme = minutesToLimit(rule, trend);
        state.draft = step.open({ from: time, to: time, endedBy: null, extreme, readings: 1 });
        sums.forget(step.watch);
      } else if (step.hasBefore && step.isGap(i)) {
        draft.to = step.window.times[i - 1] as number;
        draft.endedBy = 'silence';
        step.changed(draft);
        forget(state);
      } else if (isBeyond(rule, value)) {
        state.hasReached = true;
        extend(draft, time);
        step.changed(draft);
      } else if (state.hasReached) {
        draft.to = time;
        draft.endedBy = 'recovery';
        step.changed(draft);
        forget(state);
      } else if (trend.fit(step) && isOnItsWay(rule, trend)) {
        extend(draft, time);
        draft.extreme = Math.min(draft.extreme ?? Number.POSITIVE_INFINITY, minutesToLimit(rule, trend));
        step.changed(draft);
      } else {
        step.retract(draft);
        forget(state);
      }
    },
    /** Each reading moves the trend. */
    bypass: () => false,
  };
}

function forget(state: ForecastState): void {
  state.draft = null;
  state.hasReached = false;
}

function extend(draft: Draft, time: number): void {
  draft.to = time;
  draft.readings++;
}

function isBeyond({ above, below }: ForecastRule, value: number): boolean {
  return (above !== undefined && value > above) || (below !== undefined && value < below);
}

/** The line reaches the limit within twice `within`. */
function isOnItsWay(rule: ForecastRule, trend: Trend): boolean {
  const { level, slope } = towards(rule, trend);
  return precisely(slope) > 0 && precisely(level + 2 * minutesOf(rule) * slope) > 0;
}

/** The line's lower bound at `confidence` is beyond the limit after `within`. */
function isSure(rule: ForecastRule, trend: Trend): boolean {
  const { level, slope } = towards(rule, trend);
  const minutes = minutesOf(rule);
  const bound = level + minutes * slope - studentT(rule.confidence, trend.count - 2) * trend.errorAt(minutes);
  return precisely(slope) > 0 && precisely(bound) > 0;
}

/** Minutes, in thousandths; 0 where the line is beyond the limit already. */
function minutesToLimit(rule: ForecastRule, trend: Trend): number {
  const { level, slope } = towards(rule, trend);
  return Math.round(Math.max(0, precisely(-level / slope)) * 1_000) / 1_000;
}

/** How far the line lies beyond the limit now (below zero: before it), and by how much more each minute. */
function towards({ above, below }: ForecastRule, { level, slope }: Trend): { level: number; slope: number } {
  return above === undefined ? { level: (below as number) - level, slope: -slope } : { level: level - above, slope };
}

function minutesOf({ withinMs }: ForecastRule): number {
  return withinMs / 60_000;
}

/** To 1e-9, so that a value that is zero but for the arithmetic of doubles is zero. */
function precisely(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

/** Quantiles of the standard normal distribution, one-sided. */
const NORMAL: Readonly<Record<ForecastRule['confidence'], number>> = {
  0.9: 1.281552,
  0.95: 1.644854,
  0.99: 2.326348,
  0.999: 3.090232,
};

/** Student's t, one-sided, from the normal quantile. Abramowitz and Stegun 26.7.5, its first two terms. */
function studentT(confidence: ForecastRule['confidence'], freedom: number): number {
  const z = NORMAL[confidence];
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}
