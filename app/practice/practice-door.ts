import {
  request as ask,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionLimits, Connections } from '../../dashboards/index.ts';
import { UnavailableError } from '../../domain/index.ts';

/** Cookies of one host go to all its ports: those of the practice site have names of their own on the way. */
const REAL = 'isotherm_';
const PRACTISED = 'isotherm_practice_';
/** Of one connection, not of what is sent over it (RFC 9110, 7.6.1). */
const HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

export interface PracticeDoorOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Open at once. The practice process sees one neighbour, this door: nobody else holds a person to a share. */
  readonly connections: ConnectionLimits;
  /** Where the practice site listens on loopback. */
  readonly target: number;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  /** Somebody asked for something. */
  readonly onUse: () => void;
}

/**
 * Where people reach the practice site: hands requests and live sockets on to its process. What stands in the cookies of the
 * real site never gets there, and what the practice site keeps in a browser takes nothing of the real site's place.
 */
export class PracticeDoor {
  readonly #options: PracticeDoorOptions;
  readonly #server: Server;
  readonly #connections: Connections;

  constructor(options: PracticeDoorOptions) {
    this.#options = options;
    const { connections, tls } = options;
    this.#connections = new Connections(connections);
    this.#server = tls === null ? createServer() : createSecureServer(tls);
    this.#server.on('connection', (socket: Socket) => this.#connections.admit(socket));
    this.#server.on('request', (request, response) => this.#pass(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#passUpgrade(request, socket, head));
  }

  /** What is shown to who connects from now on. */
  present(tls: { readonly cert: Buffer; readonly key: Buffer }): void {
    if ('setSecureContext' in this.#server && typeof this.#server.setSecureContext === 'function')
      this.#server.setSecureContext(tls);
  }

  /** @returns the port @throws {UnavailableError} PORT_TAKEN */
  async open(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const reason = cause.code === 'EADDRINUSE' ? 'is taken' : `cannot be opened (${cause.code})`;
        const message = `port ${port} on ${host} ${reason}; set practice.port to another, 0 for any free one`;
        reject(new UnavailableError('PORT_TAKEN', message, { host, port, setting: 'practice.port' }, cause));
      });
      this.#server.listen({ host, port }, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#connections.destroyAll();
    await closed;
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    this.#options.onUse();
    const passed = this.#ask(request, false);
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answered(answer, false));
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    passed.once('error', () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { 'content-type': 'text/plain' }).end('the practice site has ended\n');
    });
    response.once('close', () => passed.destroy());
    request.pipe(passed);
  }

  #passUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#options.onUse();
    const passed = this.#ask(request, true);
    const end = () => {
      socket.destroy();
      passed.destroy();
    };
    socket.on('error', end).once('close', end);
    passed.on('error', end);
    passed.on('response', end);
    passed.on('upgrade', (answer, other: Socket, first: Buffer) => {
      other.on('error', end).once('close', end);
      const lines = Object.entries(answered(answer, true)).flatMap(([name, value]) =>
        [value].flat().map((one) => `${name}: ${one}`),
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (first.length > 0) socket.write(first);
      if (head.length > 0) other.write(head);
      socket.pipe(other).pipe(socket);
    });
    passed.end();
  }

  #ask(request: IncomingMessage, isUpgrade: boolean) {
    const { target, tls } = this.#options;
    const { method = 'GET', url = '/', headers, socket } = request;
    return ask({
      ...{ host: '127.0.0.1', port: target, method, path: url },
      headers: {
        ...kept(headers, isUpgrade),
        ...(headers.cookie !== undefined && { cookie: practised(headers.cookie) }),
        'x-forwarded-for': socket.remoteAddress ?? '',
        'x-forwarded-proto': tls === null ? 'http' : 'https',
      },
    });
  }
}

function kept(headers: OutgoingHttpHeaders, isUpgrade: boolean): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !HOP.has(name) || (isUpgrade && ['connection', 'upgrade'].includes(name)),
    ),
  );
}

/** Those of the practice site, by the names it knows them by; no other. */
function practised(cookies: string): string {
  return cookies
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(PRACTISED))
    .map((part) => REAL + part.slice(PRACTISED.length))
    .join('; ');
}

function answered(answer: IncomingMessage, isUpgrade: boolean): OutgoingHttpHeaders {
  const headers = kept(answer.headers, isUpgrade);
  const cookies = answer.headers['set-cookie'];
  if (cookies === undefined) return headers;
  return {
    ...headers,
    'set-cookie': cookies.map((one) => (one.startsWith(REAL) ? PRACTISED + one.slice(REAL.length) : one)),
  };
}
