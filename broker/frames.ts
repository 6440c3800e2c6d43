import type { Duplex } from 'node:stream';

/** The first packet of a connection is CONNECT; a stranger's may not take more memory than this. */
const FIRST_PACKET_BYTES = 65_536;

/**
 * Cuts a connection off at the header of a packet that is too large, before its body is gathered: the MQTT parser
 * collects up to 256 MiB on the sender's word alone.
 *
 * Works by looking at what `read` hands out; the bytes themselves pass through untouched.
 *
 * @param most bytes a packet may have after its fixed header
 * @param onTooLarge called once, with the length announced; the connection is destroyed afterwards
 */
export function limitPackets(connection: Duplex, most: number, onTooLarge: (length: number) => void): void {
  const frames = new Frames(most);
  const read = connection.read.bind(connection);
  connection.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array) || frames.pass(chunk)) return chunk;
    onTooLarge(frames.announced);
    connection.destroy();
    return null;
  };
}

/** Follows the packet boundaries of one connection: MQTT 3.1.1, 2.2 (fixed header, remaining length). */
export class Frames {
  readonly #most: number;
  #isFirst = true;
  /** Body bytes of the current packet still to come. */
  #body = 0;
  #isInLength = false;
  #length = 0;
  #scale = 1;

  constructor(most: number) {
    this.#most = most;
  }

  /** Length of the packet whose header was read last. */
  get announced(): number {
    return this.#length;
  }

  /** False once a packet is longer than allowed, or its length is no length. */
  pass(chunk: Uint8Array): boolean {
    const end = chunk.length;
    let at = 0;
    while (at < end) {
      if (this.#body > 0) {
        const taken = Math.min(this.#body, end - at);
        this.#body -= taken;
        at += taken;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (!this.#isInLength) {
        this.#isInLength = true;
        this.#length = 0;
        this.#scale = 1;
        continue;
      }
      this.#length += (byte & 0x7f) * this.#scale;
      this.#scale *= 0x80;
      if (byte >= 0x80) {
        // A remaining length has at most four bytes; the parser says what is wrong with a fifth.
        if (this.#scale > 0x80 ** 3) return this.#length <= this.#most;
        continue;
      }
      if (this.#length > (this.#isFirst ? Math.min(FIRST_PACKET_BYTES, this.#most) : this.#most)) return false;
      this.#isFirst = false;
      this.#isInLength = false;
      this.#body = this.#length;
    }
    return true;
  }
}
