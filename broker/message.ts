/**
 * Who is at the other end, as its credentials say. A `device` speaks for itself, as a logger, a sensor or a gateway; a
 * `service` speaks for others: a LoRaWAN server, a bridge.
 */
export interface Principal {
  readonly kind: 'device' | 'service';
  /** Device or gateway id, or the service's name; the same as the client id and the user name. */
  readonly id: string;
}

/** A message as it came; it is not acknowledged until `done` has been called. */
export interface InboundMessage {
  readonly clientId: string;
  readonly principal: Principal;
  readonly topic: string;
  /** A view on the receive buffer: copy what is to be kept. */
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  /** null for QoS 0 and for wills. */
  readonly packetId: number | null;
  readonly isDup: boolean;
  /** Epoch ms UTC. */
  readonly arrival: number;
}

/**
 * Takes a message. `done` must be called exactly once, within a few seconds: without an error when the message is
 * durable (or can never be), with one when the client is to send it again. Until then the client's later packets,
 * PINGREQ among them, may wait.
 */
export type Accept = (message: InboundMessage, done: (error?: Error) => void) => void;

/** null: the credentials are wrong. Throws where they cannot be checked now. */
export type Authenticate = (clientId: string, username: string, password: string) => Promise<Principal | null>;
