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
  /** When the message that this one repeats came, epoch ms UTC; `arrival` where it is new. */
  readonly firstArrival: number;
  /** Why its topic is not this sender's to publish on: to be kept with that reason, and acknowledged. */
  readonly refusal: RefusedTopic | null;
}

export interface RefusedTopic {
  /** It names somebody else; nobody decodes it; or, over a broker of others, it is not proved whose it is. */
  readonly reason: 'TOPIC_FOREIGN' | 'TOPIC_UNKNOWN' | 'BATCH_UNSIGNED' | 'BATCH_SIGNATURE_WRONG';
  /** One line for a person: whose it is, and the way on. */
  readonly detail: string;
}

/**
 * Takes a message. `done` must be called exactly once, within a few seconds: without an error when the message is
 * durable (or can never be), with one when the client is to send it again. Until then the client's later packets,
 * PINGREQ among them, may wait.
 */
export type Accept = (message: InboundMessage, done: (error?: Error) => void) => void;

/** null: the credentials are wrong. Throws where they cannot be checked now. */
export type Authenticate = (clientId: string, username: string, password: string) => Promise<Principal | null>;

/** Who has credentials of this id, of which its certificate has proved that it is at the other end; null: nobody. */
export type Certified = (id: string) => Promise<Principal | null>;

/**
 * When an equal message of this client came before this process began, epoch ms UTC; null where none did. Asked only for
 * a PUBLISH with DUP on a client's first connection since the start.
 */
export type EarlierArrival = (message: {
  readonly clientId: string;
  readonly topic: string;
  readonly payload: Uint8Array;
}) => Promise<number | null>;
