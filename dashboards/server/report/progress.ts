/** How far a report is: of `of` lines `done` are drawn; 0 of 0 while what it tells is gathered. */
export interface ReportStep {
  readonly done: number;
  readonly of: number;
}

export type OnDrawn = (step: ReportStep) => void;

/** Nobody waits for so many at once; the oldest is forgotten first. */
const MOST = 1_000;

/** The reports that this process is making, by the id that who asked for one gave it. */
export class ReportProgress {
  readonly #steps = new Map<string, ReportStep>();

  /** Makes a report under an id; without one nobody asks how far it is. */
  async during<T>(asked: { id: string | undefined; by: string }, make: (onDrawn: OnDrawn) => Promise<T>): Promise<T> {
    if (asked.id === undefined) return make(() => {});
    const key = keyOf(asked.id, asked.by);
    const [oldest] = this.#steps.keys();
    if (this.#steps.size >= MOST && oldest !== undefined) this.#steps.delete(oldest);
    this.#steps.set(key, { done: 0, of: 0 });
    try {
      return await make((step) => this.#steps.set(key, step));
    } finally {
      this.#steps.delete(key);
    }
  }

  /** @returns null where nothing is being made under this id for who asks */
  of(id: string, by: string): ReportStep | null {
    return this.#steps.get(keyOf(id, by)) ?? null;
  }
}

function keyOf(id: string, by: string): string {
  return `${id} ${by}`;
}
