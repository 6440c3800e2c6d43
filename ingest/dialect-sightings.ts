import { BATCH_VERSION, encodeBatch } from '../codecs/batch/index.ts';
import { decodeImpinj, decodeZebra, type TagEvent, type TagEvents } from '../codecs/payloads/index.ts';
import {
  DEVICE_ID,
  type GatewayBatch,
  InputError,
  type NewRecord,
  type OriginalSubject,
  type Quarantined,
} from '../domain/index.ts';
import { type RefusalReason, refusalOfTime } from './admission.ts';
import { seenSubjects } from './gateway-batch.ts';
import { parseJson } from './json.ts';
import { Refusals } from './refusals.ts';

/** RFID readers that speak MQTT themselves, by the name of their dialect in `isotherm/v1/dialects/{dialect}/{source}`. */
const READERS: Readonly<Record<string, (message: unknown) => TagEvents>> = {
  'impinj-r700': decodeImpinj,
  'zebra-fx': decodeZebra,
};

export interface DialectMessage {
  readonly dialect: string;
  /** The reader, as portals name it. */
  readonly source: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly arrival: number;
  /** Stands for the time of events that have none. */
  readonly timeless: number;
}

export interface DialectRecords {
  readonly record: NewRecord | null;
  readonly quarantined: readonly Quarantined[];
  readonly refused: readonly (readonly [RefusalReason, number])[];
  readonly subjects: readonly OriginalSubject[];
}

export function isReaderDialect(dialect: string): boolean {
  return Object.hasOwn(READERS, dialect);
}

/**
 * A reader's own tag events as a `sightings` record of the trace family, as gateways send them: source the reader, no
 * sequence. Events come in order, so each says too that everything before it has been told.
 */
export function dialectSightings(message: DialectMessage): DialectRecords {
  const { dialect, source, topic, payload, arrival, timeless } = message;
  const refusals = new Refusals();
  const batch: Writable<GatewayBatch> = {
    ...{ gateway: source, sequence: 1, at: arrival, gaps: [] },
    ...{ sightings: [], gpi: [], complete: [] },
  };
  const decode = READERS[dialect];
  if (!DEVICE_ID.test(source) || decode === undefined) {
    refusals.add('TOPIC_UNKNOWN', () => `no decoder for the topic ${topic}`, null);
  } else {
    try {
      const { events, refused } = decode(jsonIn(payload));
      for (const { reason, part } of refused) refusals.add('SIGHTING_MALFORMED', () => reason, part);
      for (const event of events) take(event, { ...message, batch, refusals });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refusals.add('PAYLOAD_NOT_JSON', () => error.message, null);
    }
  }
  const quarantined = refusals.isEmpty ? [] : refusals.toQuarantined({ arrival, source, topic, payload });
  const isEmpty = batch.sightings.length + batch.gpi.length + batch.complete.length === 0;
  const common = { family: 'trace', partition: 0, kind: 'sightings', version: BATCH_VERSION, source } as const;
  const record = isEmpty
    ? null
    : { ...common, sequence: null, arrival, payload: encodeBatch({ ...batch, at: timeless }) };
  return { record, quarantined, refused: refusals.counts(), subjects: seenSubjects(batch) };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

interface Taking extends DialectMessage {
  readonly batch: Writable<GatewayBatch>;
  readonly refusals: Refusals;
}

function take(event: TagEvent, { source, arrival, timeless, batch, refusals }: Taking): void {
  const at = event.at ?? timeless;
  const reason = refusalOfTime(at, arrival);
  if (reason !== null) {
    refusals.add(reason, () => `${event.kind} of ${new Date(at).toISOString()}: the clock is wrong`, event);
    return;
  }
  const complete = batch.complete.find(({ reader }) => reader === source);
  if (complete === undefined || complete.at < at) batch.complete = [{ reader: source, at }];
  if (event.kind === 'gpi') batch.gpi.push({ reader: source, port: event.port, isHigh: event.isHigh, at });
  else if (event.kind === 'tag') {
    const { antenna, epcHex, rssiDbm, count } = event;
    const epcBits = epcHex.length * 4;
    batch.sightings.push({ reader: source, antenna, epcHex, epcBits, firstSeen: at, lastSeen: at, count, rssiDbm });
  }
}

/** One JSON text, or one a line, as readers stream them. */
function jsonIn(payload: Uint8Array): unknown {
  const lines = new TextDecoder()
    .decode(payload)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const starts = lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'));
  if (lines.length < 2 || !starts) return parseJson(payload);
  return lines.map((line) => parseJson(Buffer.from(line)));
}
