import { type ConsumerState, decodeJson, type Effects, encodeJson } from '../../domain/index.ts';
import type { Engine } from '../engine/engine.ts';

interface Memory {
  readonly now: number | null;
  /** Keys whose late readings were consumed and are yet to be judged; `from` null = from the first reading. */
  readonly parked: readonly {
    readonly device: string;
    readonly metric: number;
    readonly from: number | null;
    readonly to: number | null;
  }[];
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
    const bytes = await this.#consumerState.load(this.#name);
    return bytes === null ? { now: null, parked: [] } : decodeJson<Memory>(bytes);
  }
}

function finite(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}
