import { type Extent, shownOf, type View } from './view.ts';

/** What is pointed at, and by what: keys have it said aloud. */
export interface Cursor {
  /** Epoch ms. */
  readonly at: number;
  readonly by: 'pointer' | 'key';
}

export interface ViewState {
  readonly view: View;
  readonly bounds: Extent;
  readonly shown: Extent;
  readonly cursor: Cursor | null;
  /** The logger that stands out; null: all alike. */
  readonly emphasis: string | null;
}

/**
 * What is shown of a journey, for all that is drawn under its one axis. Beside React, since a wheel turns it many times a
 * second: listeners are told once a frame.
 */
export class ViewStore {
  #state: ViewState;
  #frame: number | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(view: View, bounds: Extent) {
    this.#state = { view, bounds, shown: shownOf(view, bounds), cursor: null, emphasis: null };
  }

  readonly state = (): ViewState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  setView(view: View): void {
    this.#change({ view, shown: shownOf(view, this.#state.bounds) });
  }

  setBounds(bounds: Extent): void {
    const { from, to } = this.#state.bounds;
    if (bounds.from === from && bounds.to === to) return;
    this.#change({ bounds, shown: shownOf(this.#state.view, bounds) });
  }

  setCursor(cursor: Cursor | null): void {
    if (cursor?.at !== this.#state.cursor?.at || cursor?.by !== this.#state.cursor?.by) this.#change({ cursor });
  }

  setEmphasis(emphasis: string | null): void {
    if (emphasis !== this.#state.emphasis) this.#change({ emphasis });
  }

  #change(change: Partial<ViewState>): void {
    this.#state = { ...this.#state, ...change };
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      for (const listener of this.#listeners) listener();
    });
  }
}
