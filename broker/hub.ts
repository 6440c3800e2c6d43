import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';
import { isGatewayStatus } from '../domain/index.ts';

type Done = (error?: Error) => void;

/** A day: aedes' sweep for wills of other, dead brokers (every fourth beat) has nothing to find in a broker alone. */
const HEARTBEAT_MS = 86_400_000;

/** What a session has received with QoS 2 and not released. */
interface IncomingStore {
  /** Rejects where there is none. */
  incomingGetPacket(client: Client, packet: PublishPacket): Promise<unknown>;
}

/**
 * aedes without the fan-out of what clients send: readings, batches and dialect messages have one reader, the `accept`
 * that `authorizePublish` handed them to before PUBACK. Only gateways' states are retained and delivered, and what the
 * broker itself publishes.
 *
 * The heartbeat is stretched because the sweep would also announce the wills of clients that are alive after the
 * process was suspended for more than three beats.
 */
export class Hub extends Aedes {
  /** aedes' own; its types leave it out. */
  declare readonly persistence: IncomingStore;
  readonly #connected = new Map<string, Client>();

  readonly #onReceived: (client: Client, packetId: number) => void;

  /** @param onReceived called when the PUBREC of a QoS 2 message was handed to its connection */
  constructor(options: AedesOptions, onReceived: (client: Client, packetId: number) => void) {
    super({ ...options, heartbeatInterval: HEARTBEAT_MS });
    this.#onReceived = onReceived;
    this.on('client', (client) => this.#connected.set(client.id, client));
    this.on('clientDisconnect', (client) => {
      // Not where another connection has taken the name over.
      if (this.#connected.get(client.id) === client) this.#connected.delete(client.id);
    });
  }

  /**
   * Whether a QoS 2 message with this packet identifier has been received in the client's session and not been released
   * yet: then another PUBLISH with it is the same message, whatever became of the PUBREC (MQTT-4.3.3-2).
   */
  async isUnreleased(client: Client, packet: PublishPacket): Promise<boolean> {
    try {
      await this.persistence.incomingGetPacket(client, packet);
      return true;
    } catch {
      // It rejects where it has none.
      return false;
    }
  }

  isConnected(clientId: string): boolean {
    return this.#connected.has(clientId);
  }

  /** aedes emits `error` where its own upkeep fails; its types leave it out. */
  onBrokerError(onError: (error: Error) => void): void {
    Reflect.apply(this.on, this, ['error', onError]);
  }

  /** aedes calls this with the client in the middle, which its types leave out. */
  override publish(packet: PublishPacket, clientOrDone: Client | Done | null, done?: Done): void {
    const isFromClient = typeof clientOrDone === 'object' && clientOrDone !== null;
    if (!isFromClient || done === undefined) {
      Reflect.apply(super.publish, this, [packet, clientOrDone, done]);
    } else if (isGatewayStatus(packet.topic)) {
      // Delivered with QoS 0: a state is retained, so nobody's queue needs to gather states while they are away.
      Reflect.apply(super.publish, this, [{ ...packet, qos: 0 }, clientOrDone, done]);
      if (packet.qos === 2) this.#received(clientOrDone, packet);
    } else {
      done();
      if (packet.qos === 2) this.#received(clientOrDone, packet);
    }
  }

  #received(client: Client, { messageId }: PublishPacket): void {
    if (messageId !== undefined) this.#onReceived(client, messageId);
  }
}
