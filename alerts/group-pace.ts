import type { Group } from './alert-store.ts';

/** A group's alerts are changed so often in a row at once; */
export const AT_ONCE = 8;
/** and after that once in so long, ms: nobody reads an alert that changes faster. */
export const THEN_EVERY_MS = 1_000;
const BURST_MS = (AT_ONCE - 1) * THEN_EVERY_MS;

/**
 * How soon a group is settled again whose alerts change all the time. A logger that brings a week's backlog moves the end of
 * its silence with each batch: its alert would be explained anew, its readings read and its change written, fifty times a
 * second, and intake pays for it. What is settled is the findings as they are then, so nothing is lost by waiting. A group
 * in which alerts open does not wait.
 */
export class GroupPace {
  /** When each group that changed lately would have come to rest, were it changed once in {@link THEN_EVERY_MS}. */
  readonly #restedAt = new Map<string, { readonly group: Group; readonly at: number }>();

  /** Settled, and nothing opened. @param now epoch ms UTC */
  changed(group: Group, name: string, now: number): void {
    const at = Math.max(now, this.#restedAt.get(name)?.at ?? now) + THEN_EVERY_MS;
    this.#restedAt.set(name, { group, at });
  }

  /** When the group may be settled next, epoch ms UTC; what lies in the past is at once. */
  readyAt(name: string): number {
    const rested = this.#restedAt.get(name);
    return rested === undefined ? Number.NEGATIVE_INFINITY : rested.at - BURST_MS;
  }

  /** Those that are to wait, and until when the first of them. */
  waiting(now: number): { readonly groups: readonly Group[]; readonly until: number } {
    const groups: Group[] = [];
    let until = Number.POSITIVE_INFINITY;
    for (const [name, { group, at }] of this.#restedAt) {
      if (at <= now) this.#restedAt.delete(name);
      const ready = at - BURST_MS;
      if (ready <= now) continue;
      groups.push(group);
      until = Math.min(until, ready);
    }
    return { groups, until };
  }
}
