/** Copies of a frame lie this close, by when network servers received them: a cellular gateway may be minutes late. */
const COPY_MS = 10 * 60_000;
/** Frames remembered; beyond it the ones that came first are forgotten. */
const MOST = 50_000;

/**
 * When radio frames were first heard. A copy of a frame, by another gateway or on another way, is given the time of the
 * first, so that its readings are the same readings, and nothing depends on which of the two was durable first. A counter
 * that begins anew in the same session, later, is another frame.
 */
export class FrameTimes {
  readonly #times = new Map<string, number>();

  /** @param time when this copy was received, epoch ms UTC @returns when the first was */
  firstOf(key: string, time: number): number {
    const first = this.#times.get(key);
    if (first !== undefined && Math.abs(time - first) <= COPY_MS) return first;
    this.#times.delete(key);
    this.#times.set(key, time);
    const [eldest] = this.#times.keys();
    if (this.#times.size > MOST && eldest !== undefined) this.#times.delete(eldest);
    return time;
  }
}
