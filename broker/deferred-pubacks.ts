import type { MqttClient } from 'mqtt';

interface Held {
  isDone: boolean;
  /** Null until the client wants to acknowledge. */
  send: (() => void) | null;
}

/** What mqtt.js calls for every packet it writes; its types keep it private. */
interface Sender {
  _sendPacket(
    packet: { readonly cmd: string; readonly messageId?: number },
    done?: () => void,
    ...more: unknown[]
  ): void;
}

/**
 * Lets a client of mqtt.js take many messages at once and acknowledge each when it is durable. mqtt.js hands over the next
 * message only when the PUBACK of the one before has been written: one commit a message. Here it believes it has written,
 * and the PUBACK leaves later. (Measured in the design: 194 messages a second without, 37,000 with.)
 */
export class DeferredPubacks {
  readonly #most: number;
  readonly #held = new Map<number, Held>();
  /** Readers that wait for room, one at most: mqtt.js reads one message at a time. */
  #waiting: (() => void) | null = null;

  /** @param most messages under way; beyond it the connection is not read */
  constructor(client: MqttClient, most: number) {
    this.#most = most;
    const sender = client as unknown as Sender;
    const send = sender._sendPacket.bind(client);
    sender._sendPacket = (packet, done, ...more) => {
      const held =
        packet.cmd === 'puback' && packet.messageId !== undefined ? this.#held.get(packet.messageId) : undefined;
      if (held === undefined) {
        send(packet, done, ...more);
        return;
      }
      held.send = () => send(packet);
      if (held.isDone) this.#release(packet.messageId ?? 0, held);
      done?.();
    };
    const handle = client.handleMessage.bind(client);
    client.handleMessage = (packet, callback) => {
      if (this.#held.size < this.#most) handle(packet, callback);
      else this.#waiting = () => handle(packet, callback);
    };
  }

  get size(): number {
    return this.#held.size;
  }

  /** A message with QoS 1 has come. @returns call it when its PUBACK may leave; after `forget` it does nothing */
  begin(messageId: number): () => void {
    const held: Held = { isDone: false, send: null };
    this.#held.set(messageId, held);
    return () => {
      held.isDone = true;
      if (held.send !== null) this.#release(messageId, held);
    };
  }

  /** The connection has ended: what was not acknowledged comes again, and an old acknowledgement would be of another. */
  forget(): void {
    for (const held of this.#held.values()) held.send = null;
    this.#held.clear();
    this.#waiting = null;
  }

  #release(messageId: number, held: Held): void {
    if (this.#held.get(messageId) !== held) return;
    this.#held.delete(messageId);
    held.send?.();
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }
}
