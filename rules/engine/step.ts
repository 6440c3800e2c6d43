import type { Draft } from './draft.ts';
import type { KeyRule, Slice } from './program.ts';
import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

/** Readings with values in [low, high], at most `stepMs` after the one before, change nothing. */
export interface BypassBand {
  low: number;
  high: number;
  stepMs: number;
}

const NOWHERE: Window = {
  times: new Float64Array(0),
  values: new Float64Array(0),
  gaps: new Uint8Array(0),
  flags: new Uint8Array(0),
  ...{ start: 0, end: 0, isWhole: true, firstTime: 0, among: null },
};

/** Where a step function stands: reading `i` of `window`, judged by a slice's rule; and what it may report about it. */
export class Step<R extends KeyRule> {
  readonly #watches: Watches;
  watch = 0;
  #slice: Slice<KeyRule> | null = null;
  #isSilent = false;
  window: Window = NOWHERE;
  i = 0;
  time = 0;
  value = 0;
  /** Where the version begins to judge; readings before it do not count. */
  sliceFrom = 0;
  sliceTo = 0;

  constructor(watches: Watches) {
    this.#watches = watches;
  }

  /** Stands at another reading. With `isSilent` only the state changes: no finding is reported. */
  at(watch: number, slice: Slice<KeyRule>, window: Window, i: number, isSilent = false): this {
    this.watch = watch;
    this.#slice = slice;
    this.#isSilent = isSilent;
    this.window = window;
    this.i = i;
    this.time = window.times[i] as number;
    this.value = window.values[i] as number;
    this.sliceFrom = slice.from;
    this.sliceTo = slice.to;
    return this;
  }

  get rule(): R {
    return this.#slice?.program.rule as R;
  }

  /** Where the watch it judges for stands in the kind's own columns. */
  get slot(): number {
    return this.#watches.slot[this.watch] as number;
  }

  /** The reading before lies in the same slice; what it held counts. */
  get hasBefore(): boolean {
    return this.counts(this.i - 1);
  }

  /** Whether there is a reading `i`, and it lies in the slice. */
  counts(i: number): boolean {
    return i >= this.window.start && (this.window.times[i] as number) >= this.sliceFrom;
  }

  /** Whether the step into a reading of `window` is a gap. */
  isGap(i: number): boolean {
    return this.#watches.isGap(this.watch, this.window, i);
  }

  /** The longest step after the last reading of `window` that is no gap, ms. */
  gapLimitAtEnd(): number {
    return this.#watches.gapLimitAtEnd(this.watch, this.window);
  }

  /** Notes that readings before `window.start` count too, where there are any. */
  readPastStart(): void {
    if (!this.window.isWhole) this.#watches.lacksContext = true;
  }

  /** Opens a finding. */
  open(given: Pick<Draft, 'from' | 'to' | 'endedBy' | 'extreme' | 'readings'>): Draft {
    const { program } = this.#slice as Slice<KeyRule>;
    const draft = { program, distance: Number.NEGATIVE_INFINITY, limit: limitOf(program.rule), runs: [], ...given };
    if (!this.#isSilent) this.#watches.addDraft(this.watch, draft);
    return draft;
  }

  /** Marks a finding as changed. */
  changed(draft: Draft): void {
    if (!this.#isSilent) this.#watches.markDirty(this.watch, draft.from);
  }

  /** Retracts the last finding opened. */
  retract(draft: Draft): void {
    // Times are whole milliseconds, drafts of a watch ascend, and this one is the last.
    if (!this.#isSilent) this.#watches.cutDraftsAfter(this.watch, draft.from - 1);
  }
}

function limitOf(rule: KeyRule): number | null {
  if ('limit' in rule) return rule.limit;
  return rule.kind === 'forecast' ? (rule.above ?? rule.below ?? null) : null;
}
