import { STEPS_LEARNT_FROM } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Machine } from './machine.ts';
import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

/** `moreBefore`, `moreAfter`: nothing was changed, the readings given do not reach far enough. */
export type Rewound = 'done' | 'moreBefore' | 'moreAfter';

export interface Rewind {
  readonly watches: Watches;
  readonly machine: Machine;
  readonly watch: number;
  readonly window: Window;
  /** Indexes of the first and the last reading that is new or changed; `window.end` where only what follows is. */
  readonly firstChanged: number;
  readonly lastChanged: number;
  /** `window` ends with the key's newest reading. */
  readonly isLive: boolean;
}

/**
 * Judges a key's readings again where they changed.
 *
 * Restores the watch's state after a clean reading before the change, judges every reading from there on, and stops
 * where old and new evaluation are in the same state again: at a clean reading far enough behind the change that no
 * learnt gap still looks at it. Findings between the two are replaced, all others stay.
 */
export function rewind(request: Rewind): Rewound {
  const { watches, machine, watch, window, firstChanged, lastChanged } = request;
  machine.beforeRewind?.(watch);
  const base = lastCleanBefore(request, firstChanged);
  if (base === null) return 'moreBefore';
  const baseTime = base < window.start ? Number.NEGATIVE_INFINITY : (window.times[base] as number);
  const state = machine.snapshot(watch);
  const deadline = watches.deadline[watch] as number;
  const old = watches.cutDraftsAfter(watch, baseTime);
  const undo = (outcome: Rewound) => {
    watches.cutDraftsAfter(watch, baseTime);
    putDraftsBack(watches, watch, old);
    machine.restore(watch, state);
    watches.deadline[watch] = deadline;
    return outcome;
  };
  const holdMs = machine.holdMs(watch);
  watches.lacksContext = false;
  watches.lacksBeside = false;
  const lacks = () => watches.lacksContext || (watches.lacksBeside && !watches.isRestoring);
  machine.restoreAt(watch, window, base);
  if (lacks()) return undo('moreBefore');
  // The last step that a learnt gap may judge otherwise leads to this reading.
  const lastStep = Math.min(lastChanged + STEPS_LEARNT_FROM + 1, window.end - 1);
  const agreesFrom = (window.times[lastStep] ?? 0) + machine.reachMs(watch);
  for (let i = base + 1; i < window.end; i++) {
    machine.advance(watch, window, i);
    if (lacks()) return undo('moreBefore');
    if (i <= lastChanged + STEPS_LEARNT_FROM || !machine.isQuiet(watch) || !machine.isClean(watch, window, i)) continue;
    const time = window.times[i] as number;
    if (time < agreesFrom) continue;
    if (old.some((draft) => isHeld(draft, time, holdMs))) continue;
    if (machine.rejoin === undefined) machine.restore(watch, state);
    else machine.rejoin(watch, state, time);
    putDraftsBack(
      watches,
      watch,
      old.filter((draft) => draft.from > time),
    );
    watches.deadline[watch] = deadline;
    return 'done';
  }
  return request.isLive ? 'done' : undo('moreAfter');
}

/** Index of the last clean reading before `before`; `window.start - 1` stands for before the key's first reading. */
function lastCleanBefore({ watches, machine, watch, window }: Rewind, before: number): number | null {
  const drafts = watches.drafts.get(watch) ?? [];
  const holdMs = machine.holdMs(watch);
  let last = drafts.length - 1;
  for (let i = before - 1; i >= window.start; i--) {
    const time = window.times[i] as number;
    while (last >= 0 && (drafts[last] as Draft).from > time) last--;
    const draft = drafts[last];
    if (draft !== undefined && isHeld(draft, time, holdMs)) continue;
    if (machine.isClean(watch, window, i)) return i;
  }
  return window.isWhole ? window.start - 1 : null;
}

/** Whether the finding is under way at `time`, or may still be extended from there. */
function isHeld(draft: Draft, time: number, holdMs: number): boolean {
  return draft.from <= time && (draft.to === null || draft.to + holdMs > time);
}

function putDraftsBack(watches: Watches, watch: number, drafts: readonly Draft[]): void {
  for (const draft of drafts) watches.addDraft(watch, draft);
}
