import { type Finding, INTERVALS_WITHOUT_GAP, type SilenceRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Machine } from './machine.ts';
import { OnlyGood } from './only-good.ts';
import type { KeyRule, Slice, WatchPlan } from './program.ts';
import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

/**
 * silence (docs/rules.md): steps between successive readings that are longer than `after`, and the time since the last
 * reading. The state is the key's last reading alone, so every reading is clean.
 */
export class SilenceMachine implements Machine {
  readonly #watches: Watches;
  readonly #onlyGood: OnlyGood;

  constructor(watches: Watches) {
    this.#watches = watches;
    this.#onlyGood = new OnlyGood(watches, (watch, slice, window, i) => this.#afterBefore(watch, slice, window, i));
  }

  open(watch: number): void {
    this.#watches.neverBypass(watch);
  }

  advance(watch: number, window: Window, i: number): void {
    if (OnlyGood.isOf(this.#planOf(watch))) {
      this.#onlyGood.advance(watch, window, i);
      return;
    }
    const { slices, reportsEveryMs } = this.#planOf(watch);
    const time = window.times[i] as number;
    if (i > window.start) {
      const before = window.times[i - 1] as number;
      // Most steps are shorter than any `after`: nothing to retract, nothing to find.
      const open = this.#watches.lastDraft(watch);
      if (open !== undefined && open.from > before) this.#watches.cutDraftsAfter(watch, before);
      for (const slice of slices) this.#judgeStep(watch, slice, window, i);
    }
    const only = slices.length === 1 ? slices[0] : undefined;
    if (only !== undefined && only.from <= time && only.to === Number.POSITIVE_INFINITY) {
      this.#watches.deadline[watch] = time + afterOf(only) + reportsEveryMs;
      this.#setBand(watch, only);
    } else {
      this.#watches.deadline[watch] = Number.NEGATIVE_INFINITY;
      this.#watches.neverBypass(watch);
    }
  }

  settle(watch: number, window: Window, now: number): void {
    if (OnlyGood.isOf(this.#planOf(watch))) {
      this.#onlyGood.settle(watch, now);
      return;
    }
    const { slices, reportsEveryMs } = this.#planOf(watch);
    this.#watches.deadline[watch] = Number.POSITIVE_INFINITY;
    if (window.end === window.start) return;
    const last = window.times[window.end - 1] as number;
    const old = this.#watches.cutDraftsAfter(watch, last);
    for (const slice of slices) {
      const after = this.#afterBefore(watch, slice, window, window.end);
      const from = Math.max(last + after, slice.from);
      if (from >= slice.to) continue;
      const raisedAfter = Math.max(last + after + reportsEveryMs, from);
      if (now <= raisedAfter) {
        this.#wakeAfter(watch, raisedAfter);
        // A slow device is given longer, and its next reading may show that it is no longer slow.
        if (after > afterOf(slice)) this.#watches.neverBypass(watch);
      } else if (now >= slice.to) this.#add(watch, slice, from, slice.to, 'rule', old);
      else {
        this.#add(watch, slice, from, null, null, old);
        this.#wakeAfter(watch, slice.to - 1);
        // The next reading ends it, however soon it comes.
        this.#watches.neverBypass(watch);
      }
    }
  }

  isClean(watch: number, window: Window, i: number): boolean {
    return !OnlyGood.isOf(this.#planOf(watch)) || this.#onlyGood.isClean(window, i);
  }

  restoreAt(watch: number): void {
    this.#watches.neverBypass(watch);
  }

  isQuiet(watch: number): boolean {
    return !OnlyGood.isOf(this.#planOf(watch)) || this.#onlyGood.isQuiet(watch);
  }

  holdMs(): number {
    return 0;
  }

  reachMs(): number {
    return 0;
  }

  snapshot(): null {
    return null;
  }

  restore(watch: number): void {
    this.#watches.neverBypass(watch);
  }

  provenNow(watch: number, window: Window, published: Finding): number {
    if (OnlyGood.isOf(this.#planOf(watch))) return this.#onlyGood.provenNow(window, published);
    const last = window.times[window.end - 1] as number;
    const { slices, reportsEveryMs } = this.#planOf(watch);
    const after = (slice: Slice<KeyRule>) => this.#afterBefore(watch, slice, window, window.end);
    if (reportsEveryMs === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
    const slice = slices.find((each) => Math.max(last + after(each), each.from) === published.from);
    if (slice === undefined) return Number.NEGATIVE_INFINITY;
    if (published.endedBy === 'rule') return slice.to;
    return Math.max(last + after(slice) + reportsEveryMs, slice.from) + 1;
  }

  /**
   * Steps up to `after` are no silence. The deadline that stands meanwhile is that of an earlier reading and comes early;
   * settling then looks at the last.
   */
  #setBand(watch: number, slice: Slice<KeyRule>): void {
    this.#watches.bypassEnd[watch] = slice.to;
    this.#watches.bypass(watch, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, afterOf(slice));
  }

  #judgeStep(watch: number, slice: Slice<KeyRule>, window: Window, i: number): void {
    const [before, time] = [window.times[i - 1] as number, window.times[i] as number];
    if (time - before <= afterOf(slice)) return;
    const from = Math.max(before + this.#afterBefore(watch, slice, window, i), slice.from);
    const to = Math.min(time, slice.to);
    if (from < to) this.#add(watch, slice, from, to, time <= slice.to ? 'recovery' : 'rule', []);
  }

  /**
   * How long the step into reading `i` may be without a silence: the rule's `after`; of a device that does not report
   * sooner than that anyway, three of its intervals.
   */
  #afterBefore(watch: number, slice: Slice<KeyRule>, window: Window, i: number): number {
    const after = afterOf(slice);
    const pace = this.#watches.paceBefore(watch, window, i);
    return pace !== null && pace >= after ? Math.floor(INTERVALS_WITHOUT_GAP * pace) : after;
  }

  #add(
    watch: number,
    { program }: Slice<KeyRule>,
    from: number,
    to: number | null,
    endedBy: Draft['endedBy'],
    old: readonly Draft[],
  ): void {
    const same = old.find((draft) => draft.from === from && draft.to === to && draft.program === program);
    const none = { extreme: null, distance: Number.NEGATIVE_INFINITY, limit: null, readings: 0, runs: [] };
    this.#watches.addDraft(watch, same ?? { program, from, to, endedBy, ...none });
  }

  #wakeAfter(watch: number, time: number): void {
    this.#watches.deadline[watch] = Math.min(this.#watches.deadline[watch] as number, time);
  }

  #planOf(watch: number): WatchPlan {
    return this.#watches.plans[watch] as WatchPlan;
  }
}

function afterOf(slice: Slice<KeyRule>): number {
  return (slice.program.rule as SilenceRule).afterMs;
}
