import { dialectOf } from '../../codecs/payloads/index.ts';
import { InputError, nativeTopic, type TimeSource } from '../../domain/index.ts';
import { type Explained, explainMessage, NATIVE } from '../explain.ts';
import { Mapper } from './mapper.ts';
import { parseMappings } from './mapping.ts';

export interface AnyMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** A file of mappings to try; null: those in use. */
  readonly mappings: string | null;
}

/**
 * What would be taken of a message by whatever reads its topic: a mapping, a dialect, Isotherm's own form.
 * @throws {InputError} MAPPING_FILE_BAD
 */
export async function explainAny(
  { topic, payload, mappings }: AnyMessage,
  { mapper: inUse, time }: { readonly mapper: Mapper; readonly time: TimeSource },
): Promise<Explained & { readonly readBy: string | null }> {
  const now = time.now();
  const mapper = mappings === null ? inUse : new Mapper({ mappings: parseMappings(mappings, 'mappings'), time });
  try {
    const mapped = mapper.of(topic);
    if (mapped !== null) {
      const { mapping, source } = mapped;
      return { ...(await mapper.map(mapping, { topic, payload, source, arrival: now })), readBy: mapping.id };
    }
    const readBy = nativeTopic(topic) === null ? (dialectOf(topic)?.dialect.name ?? null) : NATIVE;
    return { ...explainMessage({ payload, topic, dialect: null, decoder: null, now }), readBy };
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== 'TOPIC_UNKNOWN') throw error;
    const refused = [{ reason: 'TOPIC_UNKNOWN', field: '', detail: error.message }];
    return { readings: [], events: [], refused, readBy: null };
  } finally {
    if (mapper !== inUse) await mapper.stop();
  }
}
