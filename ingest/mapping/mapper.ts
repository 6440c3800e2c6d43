import { ExpressionThread, type ExpressionThreadOptions } from '../../codecs/mapping/index.ts';
import { type Decoded, NO_DEVICE } from '../../codecs/payloads/index.ts';
import { metricByCode, ReadingBuilder } from '../../domain/index.ts';
import { decodeReadingsJson } from '../readings-json.ts';
import type { RefusalSink } from '../refusals.ts';
import { filtersOf, type Mapping, mappingOf } from './mapping.ts';

export interface MapperOptions extends ExpressionThreadOptions {
  readonly mappings: readonly Mapping[];
}

export interface MappedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly source: string;
  readonly arrival: number;
}

/**
 * Makes readings of messages by people's expressions, in a thread that can be ended: an expression that does not come to
 * an end costs its own message, which is refused with that said, and after three in a row its own mapping for a minute.
 */
export class Mapper {
  readonly #mappings: readonly Mapping[];
  readonly #thread: ExpressionThread;

  constructor({ mappings, ...options }: MapperOptions) {
    this.#mappings = mappings;
    this.#thread = new ExpressionThread(options);
  }

  get ids(): readonly string[] {
    return this.#mappings.map(({ id }) => id);
  }

  /** MQTT topic filters of what is mapped. */
  get filters(): readonly string[] {
    return filtersOf(this.#mappings);
  }

  /** Whose topic this is; null where no mapping reads it. */
  of(topic: string): { readonly mapping: Mapping; readonly source: string } | null {
    return mappingOf(this.#mappings, topic);
  }

  /**
   * Never rejects for what a message or an expression does.
   * @throws {UnavailableError} MAPPINGS_BUSY too many messages wait, there is no thread, or we stop: to be sent again
   */
  async map({ id, readings }: Mapping, message: MappedMessage): Promise<Decoded> {
    const { topic, source, arrival, payload } = message;
    // Before anything is awaited: the broker takes its buffer back.
    const text = new TextDecoder().decode(payload);
    const bindings = { topic, source, arrival };
    const answer = await this.#thread.evaluate({ name: id, expression: readings, input: { text }, bindings });
    return 'fault' in answer ? failed(answer.fault) : decodedOf(answer.json, message);
  }

  /** Ends the thread; what waits is to be sent again. */
  stop(): Promise<void> {
    return this.#thread.stop();
  }
}

function failed(why: string): Decoded {
  return {
    readings: [],
    events: [],
    refused: [{ reason: 'MAPPING_FAILED', field: '', detail: `its mapping ${why}`, part: null }],
  };
}

/** What an expression gave, held to the rules of Isotherm's own form, device by device. */
function decodedOf(json: string, message: MappedMessage): Decoded {
  const given: unknown = JSON.parse(json);
  const elements = Array.isArray(given) ? given : [given];
  const byDevice = new Map<string, unknown[]>();
  for (const element of elements) {
    const named: unknown = typeof element === 'object' && element !== null ? Reflect.get(element, 'device') : undefined;
    const device = typeof named === 'string' || typeof named === 'number' ? String(named) : message.source;
    const { device: _device, ...reading } = Object(element) as { device?: unknown };
    const ofDevice = byDevice.get(device) ?? [];
    byDevice.set(device, ofDevice);
    ofDevice.push(typeof element === 'object' && element !== null ? reading : element);
  }
  const decoded = [...byDevice].map(([device, readings]) => readOwn(device, readings, message.arrival));
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
