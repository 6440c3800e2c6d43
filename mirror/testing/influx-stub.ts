import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface StubAnswer {
  readonly status: number;
  /** As InfluxDB 2 words its errors: JSON with `code` and `message`. */
  readonly message?: string;
}

export interface StubRequest {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly isGzipped: boolean;
  readonly lines: readonly string[];
}

/** Takes writes as InfluxDB 2 does and answers as the test says; null is no answer at all. */
export class InfluxStub {
  answer: (lines: readonly string[]) => StubAnswer | null = () => ({ status: 204 });
  readonly requests: StubRequest[] = [];
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { url = '', headers } = request;
    const isGzipped = headers['content-encoding'] === 'gzip';
    const lines = (isGzipped ? gunzipSync(body) : body).toString('utf8').split('\n');
    this.requests.push({ url, authorization: headers.authorization, isGzipped, lines });
    const answer = this.answer(lines);
    if (answer === null) return;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(
      answer.message === undefined ? undefined : JSON.stringify({ code: 'invalid', message: answer.message }),
    );
  });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Forgets what it was asked and answers 204 again. */
  reset(): void {
    this.requests.length = 0;
    this.answer = () => ({ status: 204 });
  }
}
