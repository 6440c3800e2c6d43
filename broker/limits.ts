export interface BrokerLimits {
  /** Largest payload, bytes. */
  readonly payloadBytes: number;
  readonly connections: number;
  /** Of one network address that have not signed in yet. */
  readonly strangersPerAddress: number;
  /** Messages and payload bytes handed to `accept` and not yet settled, over all clients. */
  readonly inFlightMessages: number;
  readonly inFlightBytes: number;
  /** The same of one client; a single message is always taken. */
  readonly inFlightBytesPerClient: number;
  /** A client whose message was not accepted is disconnected after a random part of this, so that not all return at once. */
  readonly refusalJitterMs: number;
  /** A connection that has not sent CONNECT by then is closed. */
  readonly connectTimeoutMs: number;
}

export const BROKER_LIMITS: BrokerLimits = {
  payloadBytes: 1_048_576,
  connections: 10_000,
  strangersPerAddress: 1_000,
  inFlightMessages: 200_000,
  inFlightBytes: 134_217_728,
  inFlightBytesPerClient: 16_777_216,
  refusalJitterMs: 1_000,
  connectTimeoutMs: 10_000,
};

/** What a packet may have besides its payload: topic, packet identifier. */
export const PACKET_OVERHEAD_BYTES = 1_024;
