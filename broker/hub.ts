import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';
import { isGatewayStatus } from './topics.ts';

type Done = (error?: Error) => void;

/** A day: aedes' sweep for wills of other, dead brokers (every fourth beat) has nothing to find in a broker alone. */
const HEARTBEAT_MS = 86_400_000;

/**
 * aedes without the fan-out of what clients send: readings, batches and dialect messages have one reader, the `accept`
 * that `authorizePublish` handed them to before PUBACK. Only gateways' states are retained and delivered, and what the
 * broker itself publishes.
 *
 * The heartbeat is stretched because the sweep would also announce the wills of clients that are alive after the
 * process was suspended for more than three beats.
 */
export class Hub extends Aedes {
  readonly #connected = new Map<string, Client>();

  constructor(options: AedesOptions) {
    super({ ...options, heartbeatInterval: HEARTBEAT_MS });
    this.on('client', (client) => this.#connected.set(client.id, client));
    this.on('clientDisconnect', (client) => {
      // Not where another connection has taken the name over.
      if (this.#connected.get(client.id) === client) this.#connected.delete(client.id);
    });
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
    } else {
      done();
    }
  }
}
