import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { networkOf } from '../domain/index.ts';

/** Where a connection comes from. */
export function addressOf(connection: Duplex, request?: IncomingMessage): string {
  const socket = request?.socket ?? connection;
  return (socket instanceof Socket ? socket.remoteAddress : undefined) ?? 'unknown';
}

/**
 * Connections that have not signed in yet, counted for each network address: one that opens thousands and says nothing
 * does not hold the places of everybody. Whoever has signed in is no stranger, however many stand behind one address.
 */
export class Strangers {
  readonly #most: number;
  readonly #counts = new Map<string, number>();
  readonly #addresses = new Map<Duplex, string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** False where the address has as many strangers as it may. Forgets the connection when it closes. */
  takes(connection: Duplex, request?: IncomingMessage): boolean {
    const address = networkOf(addressOf(connection, request));
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(address, count + 1);
    this.#addresses.set(connection, address);
    connection.once('close', () => this.recognized(connection));
    return true;
  }

  /** It has signed in, or is gone. */
  recognized(connection: Duplex): void {
    const address = this.#addresses.get(connection);
    if (address === undefined) return;
    this.#addresses.delete(connection);
    const count = (this.#counts.get(address) ?? 1) - 1;
    if (count === 0) this.#counts.delete(address);
    else this.#counts.set(address, count);
  }
}
