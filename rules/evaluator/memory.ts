import { type Checkpoints, type ConsumerState, decodeJson, type Effects, encodeJson } from '../../domain/index.ts';
import type { Engine } from '../engine/engine.ts';

export interface Memory {
  readonly now: number | null;
  /** Keys whose late readings were consumed and are yet to be judged; `from` null = from the first reading. */
  readonly parked: readonly {
    readonly device: string;
    readonly metric: number;
    readonly from: number | null;
    readonly to: number | null;
  }[];
  /** Until the first batch: where the slots came from, which were divided anew (shares.ts). */
  readonly origins?: readonly Origin[];
}

/** Slots that an evaluator of other shares had, and where it stood with them. */
export interface Origin {
  readonly slots: readonly number[];
  readonly checkpoints: Checkpoints;
  readonly now: number | null;
}

/** What the evaluator remembers over a restart that no table has: its clock and the keys it has parked. */
export class EvaluatorMemory {
  readonly #consumerState: ConsumerState;
  readonly #name: string;
  #saved = '';

  /** @param name under which it is kept: the evaluator's, as a consumer */
  constructor(consumerState: ConsumerState, name: string) {
    this.#consumerState = consumerState;
    this.#name = name;
  }

  /** Where the slots stood with evaluators of other shares, if nothing has been judged since; else null. */
  async recallOrigins(): Promise<readonly Origin[] | null> {
    return (await this.#load()).origins ?? null;
  }

  /** Before keys are restored: what has been judged up to now is so. */
  async recallClock(engine: Engine): Promise<void> {
    const { now } = await this.#load();
    if (now !== null) engine.setNow(now);
  }

  /** After keys are restored. */
  async recallParked(engine: Engine): Promise<void> {
    const { parked } = await this.#load();
    for (const { device, metric, from, to } of parked) {
      engine.park(device, metric, from ?? Number.NEGATIVE_INFINITY, to ?? Number.POSITIVE_INFINITY);
    }
  }

  async keep(engine: Engine, effects: Effects): Promise<void> {
    const parked = engine
      .parked()
      .map(({ device, metric, from, to }) => ({ device, metric, from: finite(from), to: finite(to) }));
    const memory: Memory = { now: finite(engine.now), parked };
    const text = JSON.stringify(memory);
    if (text === this.#saved) return;
    await this.#consumerState.save(effects, this.#name, encodeJson(memory));
    this.#saved = text;
  }

  /** What was saved last may not have been committed. */
  forget(): void {
    this.#saved = '';
  }

  async #load(): Promise<Memory> {
    return memoryOf(await this.#consumerState.load(this.#name));
  }
}

/** @param state as it was saved; null: nothing was */
export function memoryOf(state: Uint8Array | null): Memory {
  return state === null ? { now: null, parked: [] } : decodeJson<Memory>(state);
}

function finite(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}
