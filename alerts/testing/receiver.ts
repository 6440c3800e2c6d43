import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

/** A webhook receiver on a real socket: keeps what it gets and answers as it is told. */
export class Receiver {
  readonly received: Received[] = [];
  /** How to answer the n-th request (from 0); default 204. */
  answer: (response: ServerResponse, n: number) => void = (response) => response.writeHead(204).end();
  readonly #server: Server;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        const n = this.received.push({ headers: request.headers, body, path: request.url ?? '' }) - 1;
        this.answer(response, n);
        for (const { count, resolve } of this.#waiting) if (this.received.length >= count) resolve();
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/hook`;
  }

  /** Resolves when so many requests have been received in all. */
  async gets(count: number): Promise<readonly Received[]> {
    if (this.received.length < count) await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    return this.received;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
