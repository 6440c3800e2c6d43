import { createContext, useContext, useEffect, useState } from 'react';
import { GROUP_SEPARATOR, isSeparator, type SeparatorKey } from './separator.ts';

/** Slower than any scanner: what comes after such a pause belongs to no scan that was begun before it, ms. */
const PAUSE_MS = 1_000;
/** How long a screen may take to come, ms. What was scanned before that is nobody's any more. */
const HELD_MS = 30_000;
/** How long a slow machine may take from a key to the end of the screen on which it was typed, ms. */
const GOING_MS = 3_000;
/** Shorter than any code. */
const SHORTEST = 4;

export type HeldKey = SeparatorKey & Pick<KeyboardEvent, 'altKey' | 'metaKey'>;

/** What a field finds when it comes. */
export interface Held {
  /** Ended by Enter, in the order in which they were scanned. */
  readonly scans: readonly string[];
  /** Of a scan that is still coming. */
  readonly begun: string;
}

const NONE: Held = { scans: [], begun: '' };

/**
 * What a scanner types while the screen with its field is still on its way: it does not wait, and half a code would be lost
 * with the old field and half begin in the new one. Times are of `event.timeStamp`, ms.
 */
export class HeldScans {
  #scans: string[] = [];
  #begun = '';
  #last = Number.NEGATIVE_INFINITY;
  #fields = 0;

  /** @returns whether the key belongs to a scan, and shall press nothing on the screen that goes */
  press(key: HeldKey, at: number): boolean {
    if (this.#fields > 0) return false;
    if (at - this.#last > PAUSE_MS) this.#begun = '';
    if (key.key === 'Enter') {
      const isScan = this.#begun.length >= SHORTEST;
      if (isScan) this.#scans.push(this.#begun);
      this.#begun = '';
      return isScan;
    }
    if (isSeparator(key)) this.#begun += GROUP_SEPARATOR;
    else if (key.key.length === 1 && !key.ctrlKey && !key.metaKey && !key.altKey) this.#begun += key.key;
    else return false;
    this.#last = at;
    return false;
  }

  /** Another screen was opened: what was scanned on the one before it was not meant for it. */
  opened(at: number): void {
    if (at - this.#last > GOING_MS) this.#clear();
  }

  /** A field comes. @returns what was scanned for it */
  come(at: number): Held {
    this.#fields += 1;
    const held = at - this.#last > HELD_MS ? NONE : { scans: this.#scans, begun: this.#begun };
    this.#clear();
    return held;
  }

  /** A field goes. @param begun what stands in it that was not entered, typed at `last` */
  go(begun: string, last: number, at: number): void {
    this.#fields -= 1;
    if (begun === '' || at - last > GOING_MS) return;
    this.#begun = begun;
    this.#last = last;
  }

  #clear(): void {
    this.#scans = [];
    this.#begun = '';
    this.#last = Number.NEGATIVE_INFINITY;
  }
}

export const HeldScansContext = createContext<HeldScans | null>(null);

/** Null where no screens change, as at a door. */
export function useHeldScans(): HeldScans | null {
  return useContext(HeldScansContext);
}

/** Holds what is scanned while screens change. @param path of the screen that is open */
export function useHolding(path: string): HeldScans {
  const [held] = useState(() => new HeldScans());
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const { target } = event;
      if (target instanceof HTMLElement && target.closest('input, textarea, select') !== null) return;
      // Enter would follow the link that has the focus.
      if (held.press(event, event.timeStamp)) event.preventDefault();
    };
    document.addEventListener('keydown', hear, { capture: true });
    return () => document.removeEventListener('keydown', hear, { capture: true });
  }, [held]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: of every screen that is opened
  useEffect(() => held.opened(performance.now()), [held, path]);
  return held;
}
