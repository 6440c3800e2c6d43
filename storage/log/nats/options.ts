/** As whom, and where, a cluster is spoken to. */
export interface NatsAccess {
  /** One or several servers of one cluster: nats://host:port, tls://host:port. */
  readonly servers: readonly string[];
  /** A credentials file, or user and password within the URL. */
  readonly credentials: Uint8Array | null;
}

/** Where the stream of readings is and how it is kept. */
export interface NatsOptions extends NatsAccess {
  /** The monitoring of every server, where `sync_interval` can be seen. */
  readonly monitors: readonly string[];
  /** A user of the cluster's system account, to whom every server says the same; instead of `monitors` or beside them. */
  readonly system: NatsAccess | null;
  /** Copies of every message, on as many servers. */
  readonly replicas: number;
  /** Partitions of `readings`, a stream each. */
  readonly partitions: number;
  /** Streams are called `NAME-0`, `NAME-1`; what is appended goes to `NAME.0`, `NAME.1`. */
  readonly stream: string;
  /** Start although a server may lose what it has acknowledged when its machine fails. */
  readonly acceptsUnsynced: boolean;
}

/** A message that was acknowledged and cannot be read, or readings that are gone: told, and passed over. */
export interface Hole {
  readonly partition: number;
  /** Sequences of the stream, both inclusive. */
  readonly first: number;
  readonly last: number;
  readonly reason: HoleReason;
  /** What is there instead, where something is. */
  readonly bytes: Uint8Array | null;
}

export type HoleReason =
  /** No server has it any more. */
  | 'missing'
  /** It is there, and is not what was sent. */
  | 'changed'
  /** The stream ended before what it had acknowledged. */
  | 'cut';

/** Within which a message sent again is recognised by the server. */
export const DUPLICATE_WINDOW_MS = 10 * 60_000;
/** Smallest `max_payload` of a server: a record of readings or originals is some MiB at most. */
export const MIN_PAYLOAD_BYTES = 8 * 1_048_576;
/** Below this a server lacks what is relied on, or loses what later ones were mended to keep. */
export const MIN_VERSION = [2, 12] as const;
