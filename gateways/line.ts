import { readFileSync } from 'node:fs';
import { connect as connectTcp, createServer, isIP, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { InputError, type TimeSource, UnavailableError } from '../domain/index.ts';
import type { ReaderProfile } from './config.ts';

const PORT = 5084;
const TLS_PORT = 5085;
const DIAL_MS = 10_000;

/** How a connection to a reader comes about: the gateway calls, or waits to be called. */
export interface ReaderLine {
  /** The next connection. @throws {UnavailableError} READER_AWAY */
  open(signal: AbortSignal): Promise<Socket>;
  close(): Promise<void>;
}

/** The gateway calls the reader, over TCP or TLS. */
export class OutgoingLine implements ReaderLine {
  readonly #profile: ReaderProfile;
  readonly #time: TimeSource;

  constructor(profile: ReaderProfile, time: TimeSource) {
    this.#profile = profile;
    this.#time = time;
  }

  open(signal: AbortSignal): Promise<Socket> {
    const { host = '', tls } = this.#profile;
    const port = this.#profile.port ?? (tls === false ? PORT : TLS_PORT);
    return new Promise((resolve, reject) => {
      const socket = this.#dial(host, port);
      const fail = (reason: string) => {
        settle();
        socket.destroy();
        reject(new UnavailableError('READER_AWAY', `reader at ${host}:${port}: ${reason}`, { host, port }));
      };
      const timer = this.#time.after('gateway.reader.dial', DIAL_MS, () => fail(`no connection within ${DIAL_MS} ms`));
      const onError = (error: Error) => fail(error.message);
      const onAbort = () => fail('stopped');
      const settle = () => {
        timer.cancel();
        socket.off('error', onError);
        signal.removeEventListener('abort', onAbort);
      };
      socket.once('error', onError);
      signal.addEventListener('abort', onAbort, { once: true });
      socket.once(tls === false ? 'connect' : 'secureConnect', () => {
        settle();
        resolve(socket);
      });
    });
  }

  async close(): Promise<void> {}

  #dial(host: string, port: number): Socket {
    const { tls } = this.#profile;
    if (tls === false) return connectTcp({ host, port });
    const { ca, servername, verify } = tls === true ? { ca: undefined, servername: undefined, verify: true } : tls;
    const name = servername ?? (isIP(host) === 0 ? host : undefined);
    return connectTls({
      host,
      port,
      rejectUnauthorized: verify,
      ...(ca === undefined ? {} : { ca: readCertificate(ca, this.#profile.id) }),
      ...(name === undefined ? {} : { servername: name }),
    });
  }
}

/** The reader calls the gateway (LLRP 1.0.1, clause 12.1.3): one connection at a time, a newer one takes over. */
export class IncomingLine implements ReaderLine {
  readonly #profile: ReaderProfile;
  readonly #server: Server;
  #waiting: ((socket: Socket) => void) | null = null;
  #arrived: Socket | null = null;
  #current: Socket | null = null;

  constructor(profile: ReaderProfile) {
    this.#profile = profile;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** The port it listens on, once opened. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async listen(): Promise<void> {
    if (this.#server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#profile.listenPort ?? 0, this.#profile.listenHost, resolve);
    });
  }

  async open(signal: AbortSignal): Promise<Socket> {
    await this.listen();
    const arrived = this.#arrived;
    this.#arrived = null;
    if (arrived !== null && !arrived.destroyed) return this.#take(arrived);
    return await new Promise((resolve, reject) => {
      this.#waiting = (socket) => resolve(this.#take(socket));
      const away = () =>
        reject(new UnavailableError('READER_AWAY', 'stopped while waiting to be called by the reader'));
      signal.addEventListener('abort', away, { once: true });
    });
  }

  async close(): Promise<void> {
    this.#arrived?.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    // Nothing may flow before someone listens.
    socket.pause();
    // The reader calls anew because it has lost the old connection, whatever the old one looks like from here.
    this.#current?.destroy();
    socket.on('error', () => socket.destroy());
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) {
      waiting(socket);
      return;
    }
    this.#arrived?.destroy();
    this.#arrived = socket;
  }

  #take(socket: Socket): Socket {
    this.#current = socket;
    return socket;
  }
}

function readCertificate(file: string, reader: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new InputError(
      'READER_CA_UNREADABLE',
      `reader ${reader}: cannot read tls.ca ${file}`,
      { reader, file },
      error,
    );
  }
}
