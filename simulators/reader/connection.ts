import type { Socket } from 'node:net';
import { decodeFrame, encodeFrame, Framer, type Message } from '../../codecs/llrp/index.ts';
import type { TimeSource } from '../../domain/index.ts';
import type { Misbehaviour } from './misbehaviour.ts';

const PIECE_BYTES = 7;

export interface ConnectionEvents {
  readonly message: (message: Message, id: number, version: number) => void;
  /** Bytes that are no message; the reader answers ERROR_MESSAGE or closes. */
  readonly bad: (error: unknown) => void;
  readonly closed: () => void;
}

/** The reader's end of one TCP connection: messages in and out, cut and delayed as the misbehaviour says. */
export class ReaderConnection {
  readonly #socket: Socket;
  readonly #time: TimeSource;
  readonly #misbehaviour: () => Misbehaviour;
  readonly #framer: Framer;
  #joined: Uint8Array[] = [];
  #nextId = 1;

  constructor(socket: Socket, time: TimeSource, misbehaviour: () => Misbehaviour, events: ConnectionEvents) {
    this.#socket = socket;
    this.#time = time;
    this.#misbehaviour = misbehaviour;
    this.#framer = new Framer((frame) => {
      if (misbehaviour().isSilent) return;
      try {
        const { message, id, version } = decodeFrame(frame);
        events.message(message, id, version);
      } catch (error) {
        events.bad(error);
      }
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        this.#framer.push(chunk);
      } catch (error) {
        events.bad(error);
        socket.destroy();
      }
    });
    // A client that vanishes is the client's affair: 'close' follows.
    socket.on('error', () => {});
    socket.on('close', events.closed);
  }

  /** Sends a message of the reader's own. */
  send(message: Message, version = 1): void {
    this.#write(encodeFrame({ version, id: this.#nextId++, message }));
  }

  /** Answers a request under its id. */
  answer(message: Message, id: number, version: number): void {
    const { answerDelayMs, keepaliveMidRequest } = this.#misbehaviour();
    if (keepaliveMidRequest) this.send({ name: 'KEEPALIVE' });
    const bytes = encodeFrame({ version, id, message });
    if (answerDelayMs === 0) this.#write(bytes);
    else this.#time.after('simulated-reader.answer', answerDelayMs, () => this.#write(bytes));
  }

  /** Raw bytes, for sending what is no LLRP. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Closes after what was sent has gone out. */
  end(): void {
    this.#socket.end();
  }

  /** Drops the connection as a pulled cable does once the reader notices. */
  destroy(): void {
    this.#socket.destroy();
  }

  #write(bytes: Uint8Array): void {
    const { isSilent, segments } = this.#misbehaviour();
    if (isSilent || this.#socket.destroyed) return;
    if (segments === 'whole') this.#socket.write(bytes);
    else if (segments === 'fragmented') this.#writePieces(bytes);
    else this.#join(bytes);
  }

  #writePieces(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      this.#socket.write(bytes.slice(from, from + PIECE_BYTES));
    }
  }

  #join(bytes: Uint8Array): void {
    this.#joined.push(bytes);
    if (this.#joined.length > 1) return;
    setImmediate(() => {
      this.#socket.write(Buffer.concat(this.#joined));
      this.#joined = [];
    });
  }
}
