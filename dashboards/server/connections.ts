import type { Socket } from 'node:net';
import { networkOf } from '../../domain/index.ts';
import { PROBLEM_TYPE } from '../api/index.ts';

export interface ConnectionLimits {
  /** Open at once, of everybody. */
  readonly most: number;
  /** Of one address. A proxy that is trusted speaks for many, and is not held to it. */
  readonly mostPerAddress: number;
  readonly isTrusted: (address: string) => boolean;
}

/** The server's open connections, bounded in all and per address: one neighbour cannot take the page from the others. */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #open = new Set<Socket>();
  readonly #byAddress = new Map<string, number>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Keeps the connection, or answers 503 and ends it. */
  admit(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const network = networkOf(address);
    const ofAddress = (this.#byAddress.get(network) ?? 0) + 1;
    const { most, mostPerAddress, isTrusted } = this.#limits;
    if (this.#open.size >= most || (ofAddress > mostPerAddress && !isTrusted(address))) {
      socket.on('error', () => {});
      socket.end(TOO_MANY, () => socket.destroy());
      return;
    }
    this.#open.add(socket);
    this.#byAddress.set(network, ofAddress);
    socket.once('close', () => {
      this.#open.delete(socket);
      const left = (this.#byAddress.get(network) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(network);
      else this.#byAddress.set(network, left);
    });
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

const PROBLEM = JSON.stringify({
  type: 'urn:isotherm:problem:CONNECTIONS_TOO_MANY',
  title: 'A part is away; try again',
  status: 503,
  code: 'CONNECTIONS_TOO_MANY',
  detail: 'too many connections at once, in all or from this address; close some and try again',
  retryAfterSeconds: 5,
});

/** Nothing was read of the request: it is answered as it comes. */
const TOO_MANY = [
  'HTTP/1.1 503 Service Unavailable',
  `Content-Type: ${PROBLEM_TYPE}`,
  `Content-Length: ${Buffer.byteLength(PROBLEM)}`,
  ...['Retry-After: 5', 'Connection: close', '', PROBLEM],
].join('\r\n');
