import { type Finding, GOOD, type SilenceRule } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { KeyRule, Slice, WatchPlan } from './program.ts';
import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

/** How long the step into reading `i` may be without a silence (silence.ts). */
export type AfterBefore = (watch: number, slice: Slice<KeyRule>, window: Window, i: number) => number;

/**
 * silence with `onlyGood` (docs/rules.md): readings come, and none of them is good. A finding begins `after` behind the last
 * good reading, at the first suspect one beyond that, and ends with the next good one. Where nothing comes at all the
 * ordinary silence says so.
 */
export class OnlyGood {
  readonly #watches: Watches;
  readonly #afterBefore: AfterBefore;

  constructor(watches: Watches, afterBefore: AfterBefore) {
    this.#watches = watches;
    this.#afterBefore = afterBefore;
  }

  /** Whether a watch is of such a rule. */
  static isOf(plan: WatchPlan): boolean {
    return plan.slices.some(({ program: { rule } }) => rule.kind === 'silence' && rule.onlyGood === true);
  }

  advance(watch: number, window: Window, i: number): void {
    const time = window.times[i] as number;
    const isGood = window.flags[i] === GOOD;
    const { slices } = this.#watches.plans[watch] as WatchPlan;
    this.#watches.deadline[watch] = Number.POSITIVE_INFINITY;
    this.#close(watch, window, i, isGood);
    const slice = slices.find(({ from, to }) => from <= time && time < to);
    if (isGood) {
      // Another good reading changes nothing.
      if (slice === undefined) this.#watches.neverBypass(watch);
      else this.#watches.bypassUntil(watch, slice.to);
      return;
    }
    this.#watches.neverBypass(watch);
    if (slice === undefined || !isOnlyGood(slice) || this.#openDraft(watch) !== undefined) return;
    const anchor = anchorBefore(window, i);
    if (anchor === null) return;
    const after = this.#afterBefore(watch, slice, window, Math.max(anchor.index, window.start) + 1);
    const from = Math.max(anchor.time + after, slice.from);
    if (time > from) this.#add(watch, slice, from);
    if (slice.to !== Number.POSITIVE_INFINITY) this.#watches.deadline[watch] = slice.to - 1;
  }

  /** What is open ends where its rule does. */
  settle(watch: number, now: number): void {
    const draft = this.#openDraft(watch);
    this.#watches.deadline[watch] = Number.POSITIVE_INFINITY;
    if (draft === undefined) return;
    const { to } = this.#sliceOf(watch, draft);
    if (now >= to) this.#end(watch, draft, to, 'rule');
    else if (to !== Number.POSITIVE_INFINITY) this.#watches.deadline[watch] = to - 1;
  }

  /** After a good reading what came before does not matter. */
  isClean(window: Window, i: number): boolean {
    return window.flags[i] === GOOD;
  }

  isQuiet(watch: number): boolean {
    return this.#openDraft(watch) === undefined;
  }

  /** What a reading beyond the rule's end has ended proves nothing. */
  provenNow({ times, end }: Window, { endedBy, to }: Finding): number {
    const last = times[end - 1] as number;
    return endedBy === 'rule' && to !== null && last < to ? to : Number.NEGATIVE_INFINITY;
  }

  /** A good reading ends the finding that is open; so does the end of its rule. */
  #close(watch: number, window: Window, i: number, isGood: boolean): void {
    const draft = this.#openDraft(watch);
    if (draft === undefined) return;
    const time = window.times[i] as number;
    const { to } = this.#sliceOf(watch, draft);
    if (isGood) {
      const isFound = i > window.start && this.#lastSuspect(window, i, to) > draft.from;
      // What made it was no suspect reading after all.
      if (!isFound) this.#watches.cutDraftsAfter(watch, draft.from - 1);
      else this.#end(watch, draft, Math.min(time, to), time <= to ? 'recovery' : 'rule');
    } else if (time >= to) this.#end(watch, draft, to, 'rule');
  }

  /** Time of the last suspect reading just before `i` that the rule still saw. */
  #lastSuspect({ times, flags, start }: Window, i: number, to: number): number {
    let last = i - 1;
    while (last >= start && flags[last] !== GOOD && (times[last] as number) >= to) last--;
    return last >= start && flags[last] !== GOOD ? (times[last] as number) : Number.NEGATIVE_INFINITY;
  }

  #openDraft(watch: number): Draft | undefined {
    const draft = this.#watches.lastDraft(watch);
    return draft?.to === null ? draft : undefined;
  }

  #sliceOf(watch: number, { program, from }: Draft): { readonly to: number } {
    const { slices } = this.#watches.plans[watch] as WatchPlan;
    // By version: any change of rules makes the programs of all of them anew.
    const { version } = program;
    const slice = slices.find((each) => each.program.version === version && each.from <= from && from < each.to);
    return slice ?? { to: from };
  }

  #end(watch: number, draft: Draft, to: number, endedBy: Draft['endedBy']): void {
    this.#watches.cutDraftsAfter(watch, draft.from - 1);
    this.#watches.addDraft(watch, { ...draft, to, endedBy });
  }

  #add(watch: number, { program }: Slice<KeyRule>, from: number): void {
    const none = { extreme: null, distance: Number.NEGATIVE_INFINITY, limit: null, readings: 0, runs: [] };
    this.#watches.addDraft(watch, { program, from, to: null, endedBy: null, ...none });
  }
}

function isOnlyGood({ program }: Slice<KeyRule>): boolean {
  return (program.rule as SilenceRule).onlyGood === true;
}

/** The last good reading before `i`, or else the key's very first one; null where it lies further back than the window. */
function anchorBefore(
  { times, flags, start, isWhole }: Window,
  i: number,
): { readonly index: number; readonly time: number } | null {
  for (let k = i - 1; k >= start; k--) {
    if (flags[k] === GOOD) return { index: k, time: times[k] as number };
  }
  return isWhole ? { index: start, time: times[start] as number } : null;
}
