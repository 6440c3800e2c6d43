import type { ForecastRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Steps } from './step-machine.ts';
import { type Trend, Trends } from './trend.ts';

interface ForecastState {
  draft: Draft | null;
  /** The finding has seen a reading beyond the limit: it came true and is not taken back. */
  hasReached: boolean;
}

const trends = new Trends();

/** forecast (docs/rules.md): the trend over a window reaches the limit soon; taken back where it turns before that. */
export const forecastSteps: Steps<ForecastRule, ForecastState> = {
  endsAtSlice: 'rule',
  fresh: () => ({ draft: null, hasReached: false }),
  copy: ({ draft, hasReached }) => ({ draft, hasReached }),
  reachMs: (rule) => rule.windowMs,
  holdMs: () => 0,
  isClean(rule, place, i, isGap, sliceFrom) {
    if (isBeyond(rule, place.values[i] as number)) return false;
    const trend = trends.at(place, i, rule.windowMs, sliceFrom, isGap);
    return trend === null || !isOnItsWay(rule, trend);
  },
  step(state, { rule, place, i, time, value, sliceFrom, hasBefore, isGap, open, changed, retract }) {
    const { draft } = state;
    if (draft !== null && hasBefore && isGap(i)) {
      draft.to = place.times[i - 1] as number;
      draft.endedBy = 'silence';
      changed(draft);
      forget(state);
    } else if (draft !== null && isBeyond(rule, value)) {
      state.hasReached = true;
      extend(draft, time);
      changed(draft);
    } else if (draft !== null && state.hasReached) {
      draft.to = time;
      draft.endedBy = 'recovery';
      changed(draft);
      forget(state);
    } else if (!isBeyond(rule, value)) {
      const trend = trends.at(place, i, rule.windowMs, sliceFrom, isGap);
      if (draft === null) {
        if (trend === null || !isSure(rule, trend)) return;
        const extreme = minutesToLimit(rule, trend);
        state.draft = open({ from: time, to: time, endedBy: null, extreme, readings: 1 });
      } else if (trend !== null && isOnItsWay(rule, trend)) {
        extend(draft, time);
        draft.extreme = Math.min(draft.extreme ?? Number.POSITIVE_INFINITY, minutesToLimit(rule, trend));
        changed(draft);
      } else {
        retract(draft);
        forget(state);
      }
    }
  },
};

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
  return slope > 0 && precisely(level + 2 * minutesOf(rule) * slope) > 0;
}

/** The line's lower bound at `confidence` is beyond the limit after `within`. */
function isSure(rule: ForecastRule, trend: Trend): boolean {
  const { level, slope } = towards(rule, trend);
  const minutes = minutesOf(rule);
  const bound = level + minutes * slope - studentT(rule.confidence, trend.count - 2) * trend.errorAt(minutes);
  return slope > 0 && precisely(bound) > 0;
}

/** Minutes, in thousandths; 0 where the line is beyond the limit already. */
function minutesToLimit(rule: ForecastRule, trend: Trend): number {
  const { level, slope } = towards(rule, trend);
  return Math.round(Math.max(0, precisely(-level / slope)) * 1_000) / 1_000;
}

/** How far the line lies beyond the limit now (below zero: before it), and by how much more each minute. */
function towards({ above, below }: ForecastRule, { level, slope }: Trend): { level: number; slope: number } {
  return above === undefined
    ? { level: (below as number) - level, slope: precisely(-slope) }
    : { level: level - above, slope: precisely(slope) };
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
