import { Worker } from 'node:worker_threads';
import { type Decoded, NO_DEVICE } from '../../codecs/payloads/index.ts';
import { metricByCode, ReadingBuilder, type Timer, type TimeSource, UnavailableError } from '../../domain/index.ts';
import { decodeReadingsJson } from '../readings-json.ts';
import type { RefusalSink } from '../refusals.ts';
import { filtersOf, type Mapping, mappingOf } from './mapping.ts';
import type { MappingAnswer, MappingTask } from './worker.ts';

export interface MapperOptions {
  readonly mappings: readonly Mapping[];
  readonly time: TimeSource;
  readonly limits?: Partial<typeof LIMITS>;
}

const LIMITS = {
  /** What one message may take, ms. */
  withinMs: 250,
  heapMib: 64,
  /** Messages that wait for the worker; beyond it they are to be sent again. */
  waiting: 1_000,
  /** A mapping that failed so often in a row by time is not asked for a while. */
  strikes: 3,
  restMs: 60_000,
};

/** A thread starts in a tenth of a second; on a machine that is busy, later. */
const START_MS = 10_000;

export interface MappedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly source: string;
  readonly arrival: number;
}

interface Waiting extends MappedMessage {
  readonly mapping: Mapping;
  readonly resolve: (decoded: Decoded) => void;
  readonly reject: (error: UnavailableError) => void;
}

/** How a mapping has done: how often in a row it took too long, and until when it rests, monotonic ms. */
interface Record {
  strikes: number;
  restsUntil: number;
}

/**
 * Makes readings of messages by people's expressions, in a thread that can be ended: an expression that does not come to
 * an end costs its own message, which is refused with that said, and after three in a row its own mapping for a minute.
 */
export class Mapper {
  readonly #options: MapperOptions;
  readonly #limits: typeof LIMITS;
  readonly #queue: Waiting[] = [];
  readonly #records = new Map<string, Record>();
  #worker: Worker | null = null;
  #current: Waiting | null = null;
  #timer: Timer | null = null;

  constructor(options: MapperOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  get ids(): readonly string[] {
    return this.#options.mappings.map(({ id }) => id);
  }

  /** MQTT topic filters of what is mapped. */
  get filters(): readonly string[] {
    return filtersOf(this.#options.mappings);
  }

  /** Whose topic this is; null where no mapping reads it. */
  of(topic: string): { readonly mapping: Mapping; readonly source: string } | null {
    return mappingOf(this.#options.mappings, topic);
  }

  /**
   * Never rejects for what a message or an expression does.
   * @throws {UnavailableError} MAPPINGS_BUSY too many messages wait, there is no thread, or we stop: to be sent again
   */
  map(mapping: Mapping, message: MappedMessage): Promise<Decoded> {
    const rests = (this.#records.get(mapping.id)?.restsUntil ?? 0) > this.#options.time.monotonic();
    if (rests) return Promise.resolve(failed('took too long three times in a row, and rests for a minute'));
    if (this.#queue.length >= this.#limits.waiting) {
      return Promise.reject(
        new UnavailableError('MAPPINGS_BUSY', 'too many messages wait for their mapping; send it again'),
      );
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...message, mapping, resolve, reject });
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

  #next(): void {
    if (this.#current !== null) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    const record = this.#records.get(next.mapping.id);
    if (record !== undefined && record.restsUntil > this.#options.time.monotonic()) {
      next.resolve(failed('took too long three times in a row, and rests for a minute'));
      this.#next();
      return;
    }
    this.#current = next;
    if (this.#worker !== null) this.#ask(this.#worker, next);
    else {
      const worker = this.#start();
      this.#timer = this.#options.time.after('mapping thread', START_MS, () =>
        this.#giveUp(worker, 'its mapping had no thread in time'),
      );
    }
  }

  #ask(worker: Worker, { mapping, topic, source, arrival, payload }: Waiting): void {
    const text = new TextDecoder().decode(payload);
    worker.postMessage({ expression: mapping.readings, text, topic, source, arrival } satisfies MappingTask);
    this.#timer?.cancel();
    this.#timer = this.#options.time.after('mapping', this.#limits.withinMs, () => {
      this.#drop(worker, `took longer than ${this.#limits.withinMs} ms`);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapMib, stackSizeMb: 4 },
    });
    worker.unref();
    let isReady = false;
    worker.on('message', (answer: MappingAnswer) => {
      if (worker !== this.#worker) return;
      if ('isReady' in answer) {
        isReady = true;
        if (this.#current !== null) this.#ask(worker, this.#current);
      } else if ('fault' in answer) this.#settle(failed(answer.fault));
      else this.#settle(decodedOf(answer.json, this.#current));
    });
    worker.on('error', (error: Error & { code?: string }) => {
      // Before it has asked for a message no expression can be at fault.
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

  /** Ours, and no fault of the message: it is to be sent again. */
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
    const id = this.#current?.mapping.id;
    if (id !== undefined) {
      const record = this.#records.get(id) ?? { strikes: 0, restsUntil: 0 };
      this.#records.set(id, record);
      record.strikes++;
      if (record.strikes >= this.#limits.strikes) {
        record.strikes = 0;
        record.restsUntil = this.#options.time.monotonic() + this.#limits.restMs;
      }
    }
    this.#settle(failed(why), false);
  }

  #settle(decoded: Decoded, isWell = true): void {
    this.#timer?.cancel();
    const current = this.#current;
    this.#current = null;
    if (isWell && current !== null) this.#records.delete(current.mapping.id);
    current?.resolve(decoded);
    this.#next();
  }
}

function notRead(why: string): UnavailableError {
  return new UnavailableError('MAPPINGS_BUSY', `the message was not read: ${why}; send it again`);
}

function failed(why: string): Decoded {
  return {
    readings: [],
    events: [],
    refused: [{ reason: 'MAPPING_FAILED', field: '', detail: `its mapping ${why}`, part: null }],
  };
}

/** What an expression gave, held to the rules of Isotherm's own form, device by device. */
function decodedOf(json: string, message: MappedMessage | null): Decoded {
  const given: unknown = JSON.parse(json);
  const elements = Array.isArray(given) ? given : [given];
  const byDevice = new Map<string, unknown[]>();
  for (const element of elements) {
    const named: unknown = typeof element === 'object' && element !== null ? Reflect.get(element, 'device') : undefined;
    const device =
      typeof named === 'string' || typeof named === 'number' ? String(named) : (message?.source ?? NO_DEVICE);
    const { device: _device, ...reading } = Object(element) as { device?: unknown };
    const ofDevice = byDevice.get(device) ?? [];
    byDevice.set(device, ofDevice);
    ofDevice.push(typeof element === 'object' && element !== null ? reading : element);
  }
  const decoded = [...byDevice].map(([device, readings]) => readOwn(device, readings, message?.arrival ?? 0));
  if (elements.length === 0) return failed('gave no readings');
  return {
    readings: decoded.flatMap(({ readings }) => readings),
    events: [],
    refused: decoded.flatMap(({ refused }) => refused),
  };
}

function readOwn(device: string, elements: readonly unknown[], arrival: number): Decoded {
  if (device === NO_DEVICE) return failed('names no device, and the sender is none');
  const builder = new ReadingBuilder();
  const refused: Decoded['refused'][number][] = [];
  const sink: RefusalSink = {
    add: (reason, detail, part, _count, field = '') =>
      refused.push({ reason: reason as Decoded['refused'][number]['reason'], field, detail: detail(), part, device }),
  };
  const payload = Buffer.from(JSON.stringify(elements));
  const native = { payload, device: builder.deviceIndex(device), arrival, absentTime: Number.NaN, admits: () => null };
  decodeReadingsJson(native, builder, sink);
  const { count, metric, time, value } = builder.view();
  const readings = Array.from({ length: count }, (_, row) => {
    const known = metricByCode(metric[row] ?? 0);
    const at = time[row] ?? Number.NaN;
    return known === undefined
      ? []
      : [{ device, metric: known.name, value: value[row] ?? 0, time: Number.isNaN(at) ? null : at }];
  }).flat();
  return { readings, events: [], refused };
}
