import { createContext, useContext, useEffect, useState } from 'react';

/** How long nothing has to be scrolled, ms. */
const STILL_AFTER_MS = 180;

/**
 * Tells what waits for it that nobody scrolls any more: what is drawn while somebody does is a layout and a picture of the
 * whole list each time, and is past before it is seen. One listener and one timer, however many rows wait.
 */
export class Stillness {
  readonly #waiting = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @returns what ends the waiting */
  wait(told: () => void): () => void {
    this.#waiting.add(told);
    this.begin();
    return () => this.#waiting.delete(told);
  }

  /** Somebody scrolls, or something waits: it is counted from now. */
  begin(): void {
    this.end();
    if (this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => {
      const told = [...this.#waiting];
      this.#waiting.clear();
      for (const one of told) one();
    }, STILL_AFTER_MS);
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

export const StillnessContext = createContext<Stillness | null>(null);

/** For a list that the page scrolls, above its rows. */
export function useScrolling(): Stillness {
  const [stillness] = useState(() => new Stillness());
  useEffect(() => {
    const onScroll = () => stillness.begin();
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      window.removeEventListener('scroll', onScroll);
      stillness.end();
    };
  }, [stillness]);
  return stillness;
}

/** Whether the page has stood still since this was drawn; from then on true. At once where nothing is told of scrolling. */
export function useStoodStill(): boolean {
  const stillness = useContext(StillnessContext);
  const [hasStood, setStood] = useState(stillness === null);
  useEffect(() => (hasStood ? undefined : stillness?.wait(() => setStood(true))), [hasStood, stillness]);
  return hasStood;
}
