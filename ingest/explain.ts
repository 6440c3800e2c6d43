import { type Dialect, dialectNamed, dialectOf, type Measured, type TagEvent } from '../codecs/payloads/index.ts';
import { InputError, metricByCode, nativeTopic, ReadingBuilder } from '../domain/index.ts';
import { decodeReadingsJson } from './readings-json.ts';
import type { RefusalSink } from './refusals.ts';

export interface ExplainedMessage {
  readonly payload: Uint8Array;
  /** Where it was published; else its dialect by name, `isotherm` for the native form. */
  readonly topic: string | null;
  readonly dialect: string | null;
  readonly decoder: string | null;
  /** Epoch ms UTC, against which times are judged. */
  readonly now: number;
}

export interface Explained {
  readonly readings: readonly Measured[];
  readonly events: readonly TagEvent[];
  readonly refused: readonly { readonly reason: string; readonly field: string; readonly detail: string }[];
}

/** The native form's name where dialects are named. */
export const NATIVE = 'isotherm';

/**
 * What would be taken of a message, and what not and why: the same code that takes it in.
 * @throws {InputError} TOPIC_UNKNOWN nobody decodes the topic; DIALECT_UNKNOWN there is no such dialect
 */
export function explainMessage({ payload, topic, dialect, decoder, now }: ExplainedMessage): Explained {
  const native = topic === null ? null : nativeTopic(topic);
  if (native !== null && native.kind === 'device' && native.tail === 'readings')
    return explainNative(payload, native.id, now);
  if (topic === null && dialect === NATIVE) return explainNative(payload, 'device', now);
  const known = topic === null ? named(dialect ?? '') : dialectOf(topic);
  if (known === null) throw new InputError('TOPIC_UNKNOWN', `nobody decodes the topic ${topic}`, { topic });
  return known.dialect.decode({
    ...{ topic: topic ?? '', source: known.source, payload },
    ...(decoder === null ? {} : { decoder }),
  });
}

function named(name: string): { readonly dialect: Dialect; readonly source: string } {
  const dialect = dialectNamed(name);
  if (dialect === undefined) throw new InputError('DIALECT_UNKNOWN', `there is no dialect ${name}`, { dialect: name });
  // The message names its device, or nobody does.
  return { dialect, source: 'device' };
}

function explainNative(payload: Uint8Array, device: string, now: number): Explained {
  const builder = new ReadingBuilder();
  const refused: { reason: string; field: string; detail: string }[] = [];
  const sink: RefusalSink = {
    add: (reason, detail, _part, _count, field = '') => refused.push({ reason, field, detail: detail() }),
  };
  const index = builder.deviceIndex(device);
  // No time is marked by none: NaN is neither ahead nor too old.
  decodeReadingsJson({ payload, device: index, arrival: now, absentTime: Number.NaN }, builder, sink);
  const { count, metric, time, value } = builder.view();
  const readings = Array.from({ length: count }, (_, row): Measured[] => {
    const known = metricByCode(metric[row] ?? 0);
    const at = time[row] ?? Number.NaN;
    if (known === undefined) return [];
    return [{ device, metric: known.name, value: value[row] ?? 0, time: Number.isNaN(at) ? null : at }];
  }).flat();
  return { readings, events: [], refused };
}
