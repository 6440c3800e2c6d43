import type { Metric } from '../../domain/index.ts';
import type { TagEvent } from './tag-event.ts';

/** A measured value in our words; `time` is epoch ms UTC, null where the message has none. */
export interface Measured {
  /** The device's own id, or the source's with a dot and the probe behind it. */
  readonly device: string;
  readonly metric: Metric;
  readonly value: number;
  readonly time: number | null;
}

/** Why a part of a message is not taken; the meaning of each stands in docs/mqtt.md. */
export type DialectRefusalReason =
  | 'PAYLOAD_NOT_JSON'
  | 'MESSAGE_MALFORMED'
  | 'SIGHTING_MALFORMED'
  | 'VALUE_NOT_NUMBER'
  | 'VALUE_NOT_PHYSICAL'
  | 'TIME_NOT_UNDERSTOOD'
  | 'UNIT_NOT_UNDERSTOOD'
  | 'FIELD_UNKNOWN'
  | 'FIELD_CHANGES_MEANING'
  | 'READING_NOT_OBJECT'
  | 'READING_EMPTY'
  | 'READINGS_TOO_MANY'
  | 'BIRTH_MISSING'
  | 'LINE_MALFORMED'
  | 'MAPPING_FAILED'
  | 'DECODER_MISSING';

export interface DialectRefusal {
  readonly reason: DialectRefusalReason;
  /** Path of the field, empty for the message itself. */
  readonly field: string;
  /** What is there, what is allowed. */
  readonly detail: string;
  /** The refused part; null where it is the whole message. */
  readonly part: object | null;
  /** Of which device it is, where the message speaks of several and that is known. */
  readonly device?: string;
}

/** What is to be said to the sender: a request for what was missed. */
export interface Reply {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/**
 * A radio frame that several gateways may have heard: messages with the same key are one frame, and its readings are of
 * the time of the one that came first.
 */
export interface Frame {
  /** Device, session, frame counter and what it carries. */
  readonly key: string;
  /** Epoch ms UTC; null where the message has none. */
  readonly time: number | null;
}

/** The source of a message whose sender is no device: then the message names its device, or nobody does. */
export const NO_DEVICE = '-';

/** A message in our words. All lists empty: it is understood and measures nothing (a state, a log line). */
export interface Decoded {
  readonly readings: readonly Measured[];
  readonly events: readonly TagEvent[];
  readonly refused: readonly DialectRefusal[];
  readonly replies?: readonly Reply[];
  readonly frame?: Frame;
  /** How well devices were received. */
  readonly signals?: readonly HeardSignal[];
}

/** Of one device, by the gateway that heard it best: dBm, and dB above the noise where it is told. */
export interface HeardSignal {
  readonly device: string;
  readonly rssi: number;
  readonly snr: number | null;
}

export interface DialectMessage {
  readonly topic: string;
  /** What {@link Dialect.sourceOf} made of the topic: the id the sender signs in with. */
  readonly source: string;
  readonly payload: Uint8Array;
  /** A named decoder for raw bytes, instead of what the message or its brand and model say. */
  readonly decoder?: string;
  /** Epoch ms, where it is known: to see that a time without a zone is near it, and what follows what. */
  readonly arrival?: number;
}

/** Reads messages; never throws for what a stranger sends: what cannot be taken is refused by field. */
export type Decode = (message: DialectMessage) => Decoded;

/** What one kind of sensor, bridge or reader speaks. One object a maker; pure but for what a session remembers. */
export interface Dialect {
  /** As in `isotherm/v1/dialects/{name}/{source}` and `/api/v1/webhooks/{name}`. */
  readonly name: string;
  /**
   * The source that a topic of the maker's own names; null where it is no topic of this dialect.
   * Absent where the maker has none: its messages come under `isotherm/v1/dialects/{name}/{source}`.
   */
  readonly sourceOf?: (topic: string) => string | null;
  /** Of one message, with nothing known of those before it. */
  readonly decode: Decode;
  /**
   * Where a message means something by those before it (aliases of a birth, units of a description): one that remembers.
   * Called once by whoever reads a stream of messages; its memory is bounded.
   */
  readonly session?: () => Decode;
}
