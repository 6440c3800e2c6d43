import { FRAME_CAP_BYTES, HEADER_BYTES, readHeader } from './frame.ts';

/** Room to start with; a reader's usual chunk. */
const INITIAL_BYTES = 64 * 1024;

/**
 * Cuts a byte stream into frames: one growing buffer with offsets, every whole frame of a chunk handed on at once.
 * It never looks for the next frame after a bad header: `push` throws and the stream is to be closed.
 */
export class Framer {
  readonly #onFrame: (frame: Uint8Array) => void;
  #buffer = new Uint8Array(INITIAL_BYTES);
  #from = 0;
  #to = 0;

  /** @param onFrame gets each whole frame, valid only until it returns: the buffer is used again */
  constructor(onFrame: (frame: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  /** Bytes of a frame that is not whole yet. */
  get pending(): number {
    return this.#to - this.#from;
  }

  /** Bytes held; at most the frame cap and one chunk. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** @throws {InputError} LLRP_HEADER_BAD; the frames before it have been handed on */
  push(chunk: Uint8Array): void {
    this.#append(chunk);
    const view = new DataView(this.#buffer.buffer);
    while (this.#to - this.#from >= HEADER_BYTES) {
      const { length } = readHeader(view, this.#from);
      if (this.#to - this.#from < length) return;
      const at = this.#from;
      this.#from += length;
      this.#onFrame(this.#buffer.subarray(at, at + length));
    }
    if (this.#from === this.#to) this.#rewind();
  }

  #append(chunk: Uint8Array): void {
    this.#makeRoom(this.#to - this.#from + chunk.length);
    this.#buffer.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  /** Makes sure `bytes` fit from `#from` on: by moving what is held to the front, else by growing. */
  #makeRoom(bytes: number): void {
    if (this.#from + bytes <= this.#buffer.length) return;
    const held = this.#to - this.#from;
    if (bytes <= this.#buffer.length) {
      this.#buffer.copyWithin(0, this.#from, this.#to);
    } else {
      const grown = new Uint8Array(Math.max(bytes, Math.min(this.#buffer.length * 2, FRAME_CAP_BYTES)));
      grown.set(this.#buffer.subarray(this.#from, this.#to));
      this.#buffer = grown;
    }
    this.#from = 0;
    this.#to = held;
  }

  /** Nothing is held: start at the front again, and let go of the room a giant frame needed. */
  #rewind(): void {
    this.#from = 0;
    this.#to = 0;
    if (this.#buffer.length > INITIAL_BYTES * 16) this.#buffer = new Uint8Array(INITIAL_BYTES);
  }
}
