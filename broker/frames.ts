import type { Duplex } from 'node:stream';

/** The first packet of a connection is CONNECT; a stranger's may not take more memory than this. */
const FIRST_PACKET_BYTES = 65_536;

/** Bytes of a body that are looked at: CONNECT's protocol name, level, flags and length of the id, a SUBSCRIBE's packet identifier. */
const HEAD_BYTES = 14;
const CONNECT = 1;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
/** MQTT 3.1 and 3.1.1. A bridge sets the top bit of the level (mosquitto.conf, `try_private`). */
const LEVELS: ReadonlySet<number> = new Set([3, 4]);
const BRIDGE_BIT = 0x80;
/** CONNACK, unacceptable protocol level: MQTT-3.1.2-2. */
const CONNACK_LEVEL = Buffer.from([0x20, 0x02, 0x00, 0x01]);
/** CONNACK, identifier rejected: MQTT-3.1.3-8. */
const CONNACK_NO_ID = Buffer.from([0x20, 0x02, 0x00, 0x02]);

/** What ends a connection before the parser sees the packet. */
export type FrameProblem = 'size' | 'level' | 'no id' | 'packet id' | 'malformed';

/**
 * Looks at a connection's packets before the MQTT parser does, and ends it:
 * - at the header of a packet that is too large, before its body is gathered: the parser collects up to 256 MiB on the
 *   sender's word alone;
 * - at a CONNECT with a protocol level that is not spoken here, which is answered with CONNACK 1: the parser just fails;
 * - at a SUBSCRIBE or UNSUBSCRIBE with packet identifier 0 (MQTT-2.3.1-1) or that names nothing (MQTT-3.8.3-3, MQTT-3.10.3-2),
 *   which aedes would answer;
 * - at a CONNECT whose flags contradict each other (MQTT-3.1.2-14, MQTT-3.1.2-22).
 *
 * Works by looking at what `read` hands out; the bytes themselves pass through untouched.
 *
 * @param most bytes a packet may have after its fixed header
 * @param onProblem called once, with the length announced; the connection ends afterwards
 */
export function limitPackets(
  connection: Duplex,
  most: number,
  onProblem: (problem: FrameProblem, length: number) => void,
): void {
  const frames = new Frames(most);
  const read = connection.read.bind(connection);
  connection.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array) || frames.pass(chunk)) return chunk;
    onProblem(frames.problem ?? 'size', frames.announced);
    if (frames.problem === 'level') connection.end(CONNACK_LEVEL, () => connection.destroy());
    else if (frames.problem === 'no id') connection.end(CONNACK_NO_ID, () => connection.destroy());
    else connection.destroy();
    return null;
  };
}

/** Follows the packet boundaries of one connection: MQTT 3.1.1, 2.2 (fixed header, remaining length). */
export class Frames {
  readonly #most: number;
  readonly #head = new Uint8Array(HEAD_BYTES);
  #isFirst = true;
  #type = 0;
  /** Body bytes of the current packet still to come, and those seen of it. */
  #body = 0;
  #seen = 0;
  #isInLength = false;
  #length = 0;
  #scale = 1;
  /** Why `pass` gave false; null until then. */
  problem: FrameProblem | null = null;

  constructor(most: number) {
    this.#most = most;
  }

  /** Publishing is nearly all there is, and nothing in it is looked at here. */
  get #isLookedInto(): boolean {
    return this.#type === CONNECT || this.#type === SUBSCRIBE || this.#type === UNSUBSCRIBE;
  }

  /** Length of the packet whose header was read last. */
  get announced(): number {
    return this.#length;
  }

  /** False once a packet may not be passed on: see {@link problem}. */
  pass(chunk: Uint8Array): boolean {
    const end = chunk.length;
    let at = 0;
    while (at < end) {
      if (this.#body > 0) {
        const taken = Math.min(this.#body, end - at);
        if (this.#isLookedInto && this.#seen < HEAD_BYTES) {
          const head = chunk.subarray(at, at + Math.min(taken, HEAD_BYTES - this.#seen));
          this.#head.set(head, this.#seen);
          this.#seen += head.length;
          if (!this.#isHeadGood()) return false;
        }
        this.#body -= taken;
        at += taken;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (!this.#isInLength) {
        this.#isInLength = true;
        this.#type = byte >> 4;
        this.#length = 0;
        this.#scale = 1;
        continue;
      }
      this.#length += (byte & 0x7f) * this.#scale;
      this.#scale *= 0x80;
      if (byte >= 0x80) {
        // A remaining length has at most four bytes; the parser says what is wrong with a fifth.
        if (this.#scale > 0x80 ** 3) return this.#isShort(this.#most);
        continue;
      }
      if (!this.#isShort(this.#isFirst ? Math.min(FIRST_PACKET_BYTES, this.#most) : this.#most)) return false;
      // A connection that does not begin with CONNECT is the parser's to end (MQTT-3.1.0-1).
      if (this.#isFirst && this.#type !== CONNECT) this.#type = 0;
      this.#isFirst = false;
      this.#isInLength = false;
      this.#body = this.#length;
      this.#seen = 0;
    }
    return true;
  }

  #isShort(most: number): boolean {
    if (this.#length > most) this.problem = 'size';
    return this.problem === null;
  }

  /** Judges what there is of the head; true where more of it is needed. */
  #isHeadGood(): boolean {
    const head = this.#head;
    if ((this.#type === SUBSCRIBE || this.#type === UNSUBSCRIBE) && this.#seen >= 2) {
      if (head[0] === 0 && head[1] === 0) this.problem = 'packet id';
      else if (this.#length <= 2) this.problem = 'malformed';
    } else if (this.#type === CONNECT) {
      // Behind the name, `MQTT` or, in 3.1, `MQIsdp`; the parser says what is wrong with another name.
      const at = 2 + (head[1] ?? 0);
      const isName = this.#seen > at && head[0] === 0 && (at === 6 || at === 8);
      if (isName && !LEVELS.has((head[at] ?? 0) & ~BRIDGE_BIT)) this.problem = 'level';
      else if (isName && this.#seen > at + 1 && areFlagsBad(head[at + 1] ?? 0)) this.problem = 'malformed';
      else if (isName && this.#seen > at + 5 && isLastingWithoutId(head, at)) this.problem = 'no id';
    }
    return this.problem === null;
  }
}

/** CONNECT's flags: a will of QoS 3, or a password without a user name. */
function areFlagsBad(flags: number): boolean {
  return (flags & 0x18) === 0x18 || (flags & 0xc0) === 0x40;
}

/** A lasting session without an id to find it by. @param at where the level stands; flags, keep alive and the id follow */
function isLastingWithoutId(head: Uint8Array, at: number): boolean {
  return ((head[at + 1] ?? 0) & 0x02) === 0 && head[at + 4] === 0 && head[at + 5] === 0;
}
