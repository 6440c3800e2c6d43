import { Worker } from 'node:worker_threads';
import { type Timer, type TimeSource, UnavailableError } from '../../domain/index.ts';
import { EXPRESSION_LIMITS } from './expression.ts';
import type { ExpressionAnswer, ExpressionTask, WorkerMessage } from './worker.ts';

export interface ExpressionThreadOptions {
  readonly time: TimeSource;
  readonly limits?: Partial<typeof THREAD_LIMITS>;
}

/** For messages of devices. */
const THREAD_LIMITS = {
  ...EXPRESSION_LIMITS,
  /** What one input may take, ms. */
  withinMs: 250,
  heapMib: 64,
  /** Of an answer as JSON, characters. */
  mostAnswer: 4 * 1024 * 1024,
  /** Inputs that wait for the thread; beyond it they are to be sent again. */
  waiting: 1_000,
  /** An expression that failed so often in a row by time is not asked for a while. */
  strikes: 3,
  restMs: 60_000,
};

/** A thread starts in a tenth of a second; on a machine that is busy, later. */
const START_MS = 10_000;
const RESTS = 'took too long three times in a row, and rests for a minute';

/** One input for one expression. */
export interface Asked extends Pick<ExpressionTask, 'expression' | 'input' | 'bindings'> {
  /** Whose expression it is: what fails by time costs this one alone. */
  readonly name: string;
}

interface Waiting extends Asked {
  readonly resolve: (answer: ExpressionAnswer) => void;
  readonly reject: (error: UnavailableError) => void;
}

/** How an expression has done: how often in a row it took too long, and until when it rests, monotonic ms. */
interface Record {
  strikes: number;
  restsUntil: number;
}

/**
 * Runs people's expressions in a thread that can be ended: one that does not come to an end costs its own input, and after
 * three in a row itself for a minute.
 */
export class ExpressionThread {
  readonly #time: TimeSource;
  readonly #limits: typeof THREAD_LIMITS;
  readonly #queue: Waiting[] = [];
  readonly #records = new Map<string, Record>();
  #worker: Worker | null = null;
  #current: Waiting | null = null;
  #timer: Timer | null = null;

  constructor({ time, limits }: ExpressionThreadOptions) {
    this.#time = time;
    this.#limits = { ...THREAD_LIMITS, ...limits };
  }

  /**
   * Never rejects for what an input or an expression does: that is a `fault`.
   * @throws {UnavailableError} MAPPINGS_BUSY too many wait, there is no thread, or we stop: to be sent again
   */
  evaluate(asked: Asked): Promise<ExpressionAnswer> {
    if (this.#rests(asked.name)) return Promise.resolve({ fault: RESTS });
    if (this.#queue.length >= this.#limits.waiting) {
      const message = 'too many messages wait for their mapping; send it again';
      return Promise.reject(new UnavailableError('MAPPINGS_BUSY', message));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...asked, resolve, reject });
      this.#next();
    });
  }

  /** Ends the thread; what waits is to be sent again. */
  async stop(): Promise<void> {
    for (const { reject } of this.#queue.splice(0)) reject(notRead('the server stopped'));
    this.#timer?.cancel();
    this.#current?.reject(notRead('the server stopped'));
    this.#current = null;
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #rests(name: string): boolean {
    return (this.#records.get(name)?.restsUntil ?? 0) > this.#time.monotonic();
  }

  #next(): void {
    if (this.#current !== null) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    if (this.#rests(next.name)) {
      next.resolve({ fault: RESTS });
      this.#next();
      return;
    }
    this.#current = next;
    if (this.#worker !== null) this.#ask(this.#worker, next);
    else {
      const worker = this.#start();
      this.#timer = this.#time.after('mapping thread', START_MS, () =>
        this.#giveUp(worker, 'its mapping had no thread in time'),
      );
    }
  }

  #ask(worker: Worker, { expression, input, bindings }: Waiting): void {
    const { stack, sequence, mostAnswer } = this.#limits;
    worker.postMessage({
      expression,
      input,
      bindings,
      mostAnswer,
      limits: { stack, sequence },
    } satisfies ExpressionTask);
    this.#timer?.cancel();
    this.#timer = this.#time.after('mapping', this.#limits.withinMs, () => {
      this.#drop(worker, `took longer than ${this.#limits.withinMs} ms`);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapMib, stackSizeMb: 4 },
    });
    worker.unref();
    let isReady = false;
    worker.on('message', (answer: WorkerMessage) => {
      if (worker !== this.#worker) return;
      if (!('isReady' in answer)) this.#settle(answer);
      else {
        isReady = true;
        if (this.#current !== null) this.#ask(worker, this.#current);
      }
    });
    worker.on('error', (error: Error & { code?: string }) => {
      // Before it has asked for an input no expression can be at fault.
      if (!isReady) {
        this.#giveUp(worker, `the thread of its mapping did not start: ${error.message}`);
        return;
      }
      const why =
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'took too much memory' : `ended its thread: ${error.message}`;
      this.#drop(worker, why);
    });
    this.#worker = worker;
    return worker;
  }

  /** Ours, and no fault of the input: it is to be sent again. */
  #giveUp(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    void worker.terminate();
    this.#timer?.cancel();
    const current = this.#current;
    this.#current = null;
    current?.reject(notRead(why));
    this.#next();
  }

  #drop(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    void worker.terminate();
    const name = this.#current?.name;
    if (name !== undefined) {
      const record = this.#records.get(name) ?? { strikes: 0, restsUntil: 0 };
      this.#records.set(name, record);
      record.strikes++;
      if (record.strikes >= this.#limits.strikes) {
        record.strikes = 0;
        record.restsUntil = this.#time.monotonic() + this.#limits.restMs;
      }
    }
    this.#settle({ fault: why }, false);
  }

  #settle(answer: ExpressionAnswer, isWell = true): void {
    this.#timer?.cancel();
    const current = this.#current;
    this.#current = null;
    if (isWell && current !== null) this.#records.delete(current.name);
    current?.resolve(answer);
    this.#next();
  }
}

function notRead(why: string): UnavailableError {
  return new UnavailableError('MAPPINGS_BUSY', `the message was not read: ${why}; send it again`);
}
