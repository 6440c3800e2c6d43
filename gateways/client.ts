import type { Socket } from 'node:net';
import {
  decodeFrame,
  encodeFrame,
  Framer,
  isTagReport,
  type Message,
  type MessageOf,
  parameterOf,
  STATUS,
} from '../codecs/llrp/index.ts';
import { IsothermError, type Timer, type TimeSource, UnavailableError } from '../domain/index.ts';

/** LLRP versions of a header; 1 = 1.0.1. */
const VERSION = 1;
const FAREWELL_MS = 500;

export interface ClientEvents {
  /** An RO_ACCESS_REPORT, whole; valid until it returns. */
  readonly report: (frame: Uint8Array) => void;
  readonly notification: (message: MessageOf<'READER_EVENT_NOTIFICATION'>) => void;
  /** A frame that is no good; the connection goes on. */
  readonly malformed: (error: IsothermError, frame: Uint8Array) => void;
  /** Once, with the reason. */
  readonly closed: (reason: Error) => void;
}

export interface ClientOptions {
  readonly socket: Socket;
  readonly time: TimeSource;
  readonly keepaliveMs: number;
  readonly answerMs: number;
  readonly events: ClientEvents;
}

interface Pending {
  readonly request: Message;
  readonly resolve: (answer: Message) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer;
}

/**
 * One LLRP connection in the client role: requests matched to answers by id and type, keepalives acknowledged whenever
 * they come, the connection dropped after two keepalives have been missed. It does not reconnect; the session does.
 */
export class LlrpClient {
  readonly #options: ClientOptions;
  readonly #framer: Framer;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #heardAt: number;
  #watch: Timer | null = null;
  #closed: Error | null = null;
  #isOrderly = false;
  /** Told that the reader has ended what was said farewell to. */
  #leave: (() => void) | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#framer = new Framer((frame) => this.#receive(frame));
    this.#heardAt = options.time.monotonic();
  }

  start(): void {
    const { socket, time, keepaliveMs } = this.#options;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#data(chunk));
    socket.resume();
    // Reset or timed out on the way: lost as one that was closed, to whoever waits for an answer.
    socket.on('error', (error) => this.#lost(error.message));
    socket.on('end', () => {
      this.#isOrderly = true;
    });
    socket.on('close', () => this.#lost('the reader closed the connection'));
    this.#heardAt = time.monotonic();
    this.#watch = time.every('gateway.reader.silence', keepaliveMs / 2, () => {
      const silentMs = time.monotonic() - this.#heardAt;
      // Two keepalives missed, and half a period of grace for the second one.
      if (silentMs >= keepaliveMs * 2.5) this.close(gone(`nothing heard for ${Math.round(silentMs / 1000)} s`));
    });
  }

  /** Why the connection ended, or null while it stands. */
  get closedBecause(): Error | null {
    return this.#closed;
  }

  /** The reader has ended the stream or said goodbye: everything it sent has arrived. Else what was under way may be lost. */
  get isOrderly(): boolean {
    return this.#isOrderly;
  }

  /** Sends without expecting an answer. */
  send(message: Message): void {
    this.#write(message, this.#nextId++);
  }

  /**
   * Sends and waits for the answer of the right id and type.
   * @throws {UnavailableError} LLRP_REFUSED the answer is ERROR_MESSAGE; LLRP_TIMEOUT; LLRP_CONNECTION_LOST
   */
  request(message: Message, answerMs: number = this.#options.answerMs): Promise<Message> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = this.#options.time.after('gateway.reader.answer', answerMs, () => {
        this.#pending.delete(id);
        reject(new UnavailableError('LLRP_TIMEOUT', `no answer to ${message.name} within ${answerMs} ms`));
      });
      this.#pending.set(id, { request: message, resolve, reject, timer });
      this.#write(message, id);
    });
  }

  /**
   * A request whose status must be success.
   * @throws {UnavailableError} LLRP_REFUSED with the reader's code and words
   */
  async must(message: Message): Promise<Message> {
    const answer = await this.request(message);
    const status = parameterOf(answer, 'LLRPStatus');
    if (status !== undefined && status.StatusCode !== STATUS.success) throw refused(message, answer);
    return answer;
  }

  /**
   * Asks the reader to close: it sends what it has begun to send, and is free for the next client at once. What it still
   * sends is taken until it ends the connection, or for as long as an answer may take; whoever says farewell closes then.
   */
  async farewell(): Promise<void> {
    try {
      await this.request({ name: 'CLOSE_CONNECTION' }, FAREWELL_MS);
      await this.#ended();
      this.#isOrderly = true;
    } catch (error) {
      // A reader that does not answer is left as it is: closing does the rest.
      if (!(error instanceof IsothermError)) throw error;
    }
  }

  /** The reader has ended the connection after the farewell, or does not for long. */
  #ended(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#leave = resolve;
    const { socket, time } = this.#options;
    const timer = time.after('gateway.reader.ends', FAREWELL_MS, resolve);
    if (socket.closed) resolve();
    return promise.finally(() => timer.cancel());
  }

  #lost(why: string): void {
    if (this.#leave === null) this.close(gone(why));
    else this.#leave();
  }

  close(reason: Error): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    this.#watch?.cancel();
    this.#leave?.();
    this.#options.socket.destroy();
    for (const pending of this.#pending.values()) {
      pending.timer.cancel();
      pending.reject(reason);
    }
    this.#pending.clear();
    this.#options.events.closed(reason);
  }

  #data(chunk: Uint8Array): void {
    if (this.#closed !== null) return;
    this.#heardAt = this.#options.time.monotonic();
    try {
      this.#framer.push(chunk);
    } catch (error) {
      if (!(error instanceof IsothermError)) throw error;
      this.close(error);
    }
  }

  #receive(frame: Uint8Array): void {
    if (this.#closed !== null) return;
    try {
      if (isTagReport(frame)) {
        this.#options.events.report(frame);
        return;
      }
      const { message, id } = decodeFrame(frame);
      this.#take(message, id);
    } catch (error) {
      if (!(error instanceof IsothermError)) throw error;
      this.#options.events.malformed(error, frame);
    }
  }

  #take(message: Message, id: number): void {
    if (message.name === 'KEEPALIVE') this.#write({ name: 'KEEPALIVE_ACK' }, id);
    else if (message.name === 'READER_EVENT_NOTIFICATION') this.#options.events.notification(message);
    else this.#answer(message, id);
  }

  #answer(message: Message, id: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined || !answers(message, pending.request)) return;
    this.#pending.delete(id);
    pending.timer.cancel();
    if (message.name === 'ERROR_MESSAGE') pending.reject(refused(pending.request, message));
    else pending.resolve(message);
  }

  #write(message: Message, id: number): void {
    if (this.#closed === null) this.#options.socket.write(encodeFrame({ version: VERSION, id, message }));
  }
}

/** ERROR_MESSAGE ends any request; a custom message answers a custom message. */
function answers(message: Message, request: Message): boolean {
  if (message.name === 'ERROR_MESSAGE') return true;
  if (request.name === 'CUSTOM_MESSAGE') return message.name === 'CUSTOM_MESSAGE';
  return message.name === `${request.name}_RESPONSE`;
}

function refused(request: Message, answer: Message): UnavailableError {
  const status = parameterOf(answer, 'LLRPStatus');
  const code = status?.StatusCode ?? 0;
  const words = status?.ErrorDescription || 'no reason given';
  const message = `the reader refused ${request.name}: ${words} (LLRP status ${code})`;
  return new UnavailableError('LLRP_REFUSED', message, { request: request.name, status: code });
}

function gone(reason: string): UnavailableError {
  return new UnavailableError('LLRP_CONNECTION_LOST', reason);
}
