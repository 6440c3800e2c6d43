import type { Duplex } from 'node:stream';
import { crc32 } from 'node:zlib';

/** Remembered at most: some 40 MB. Beyond it the oldest are forgotten, and a repeat of one counts as new. */
const MOST = 200_000;

/** MQTT 3.1.1, 2.3.1: a packet identifier has 16 bits. */
const PACKET_IDS = 65_536;

interface Pending {
  readonly checksum: number;
  readonly length: number;
  readonly firstArrival: number;
}

/**
 * The PUBLISHes that this process has not acknowledged: in flight, refused, or cut off before their PUBACK or PUBREC was
 * written. A PUBLISH is a repeat if, and only if, an equal one (client, packet identifier, payload) is here. Neither DUP
 * nor the session decides: mqtt.js sends again without DUP in a new clean session, and a sensor that wakes, sends
 * packet identifier 1 and sleeps says something new each time (MQTT 3.1.1, 4.3.2).
 */
export class Unacknowledged {
  readonly #most: number;
  /** By {@link #keyOf}. */
  readonly #pending = new Map<number, Pending>();
  /** Clients by number, as many as have signed in: a key of digits costs a fifth of one of text, twice a message. */
  readonly #numbers = new Map<string, number>();

  constructor(most = MOST) {
    this.#most = most;
  }

  get size(): number {
    return this.#pending.size;
  }

  /**
   * Takes a PUBLISH down as not acknowledged.
   * @returns the arrival of the message it repeats, or null where it is a new one
   */
  begin(clientId: string, packetId: number, payload: Uint8Array, arrival: number): number | null {
    const key = this.#keyOf(clientId, packetId);
    const checksum = crc32(payload);
    const { length } = payload;
    const known = this.#pending.get(key);
    if (known !== undefined) {
      if (known.checksum === checksum && known.length === length) return known.firstArrival;
      this.#pending.delete(key);
    }
    this.#pending.set(key, { checksum, length, firstArrival: arrival });
    if (this.#pending.size > this.#most) {
      const oldest = this.#pending.keys().next();
      if (!oldest.done) this.#pending.delete(oldest.value);
    }
    return null;
  }

  /** What was begun as new is found to repeat a message that an earlier process took. */
  dateBack(clientId: string, packetId: number, firstArrival: number): void {
    const key = this.#keyOf(clientId, packetId);
    const known = this.#pending.get(key);
    if (known !== undefined) this.#pending.set(key, { ...known, firstArrival });
  }

  /** Its acknowledgement has been written. */
  end(clientId: string, packetId: number): void {
    this.#pending.delete(this.#keyOf(clientId, packetId));
  }

  #keyOf(clientId: string, packetId: number): number {
    let client = this.#numbers.get(clientId);
    if (client === undefined) {
      client = this.#numbers.size;
      this.#numbers.set(clientId, client);
    }
    return client * PACKET_IDS + packetId;
  }
}

/**
 * When an acknowledgement has left: with nothing waiting in the connection's buffer it is in the operating system's
 * hands. What still waits when the connection ends was never sent.
 */
export class Acknowledgements {
  readonly #connection: Duplex;
  readonly #written: (packetId: number) => void;
  #waiting: number[] = [];
  #isLooking = false;

  /** @param written called once for each acknowledgement that has left */
  constructor(connection: Duplex, written: (packetId: number) => void) {
    this.#connection = connection;
    this.#written = written;
    // Looks before the buffer is thrown away: `destroy` is how every connection ends here.
    const destroy = connection.destroy.bind(connection);
    connection.destroy = (error?: Error) => {
      this.settle();
      this.#waiting = [];
      return destroy(error);
    };
  }

  /** An acknowledgement was handed to the connection; mqtt-packet lets go of what it wrote before the next turn. */
  handed(packetId: number): void {
    this.#waiting.push(packetId);
    if (this.#isLooking) return;
    this.#isLooking = true;
    setImmediate(() => {
      this.#isLooking = false;
      this.settle();
    });
  }

  /** Ends what has left. */
  settle(): void {
    if (this.#waiting.length === 0 || this.#connection.destroyed || this.#connection.writableLength > 0) return;
    const left = this.#waiting;
    this.#waiting = [];
    for (const packetId of left) this.#written(packetId);
  }
}
