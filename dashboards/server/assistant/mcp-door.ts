import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { Request as HttpRequest, Response as HttpResponse } from 'express';
import type { Logger } from '../../../domain/index.ts';
import type { AssistantAsking, AssistantDesk } from './assistant-desk.ts';
import { mcpServer } from './mcp-server.ts';

interface McpDoorOptions {
  readonly desk: AssistantDesk;
  readonly logger: Logger;
  readonly version: string;
}

/**
 * Model Context Protocol over streamable HTTP, without sessions: every request carries who asks, and is answered in one
 * piece. Whoever it is for was let in before.
 */
export class McpDoor {
  readonly #options: McpDoorOptions;

  constructor(options: McpDoorOptions) {
    this.#options = options;
  }

  /** Writes the answer. @param payload the body as it came */
  async answer(
    asking: AssistantAsking,
    { payload, request, response }: { payload: Buffer; request: HttpRequest; response: HttpResponse },
  ): Promise<void> {
    const { desk, logger, version } = this.#options;
    const call = (name: string, input: unknown) => desk.answer(name, input, asking);
    const onDefect = (error: unknown) => logger.error({ error }, 'a request failed');
    const handler = createMcpHandler(() => mcpServer({ version, call, onDefect }), {
      // Of what one request asks for, nothing changes later.
      maxSubscriptions: 1,
      onerror: (error) => logger.debug({ error: error.message }, 'assistant answered with an error'),
    });
    response.once('close', () => void handler.close());
    const answered = await handler.fetch(webRequest(request, payload));
    response.status(answered.status);
    for (const [name, value] of answered.headers) response.setHeader(name, value);
    if (answered.body === null) response.end();
    else Readable.fromWeb(answered.body as ReadableStream).pipe(response);
  }
}

function webRequest({ headers, originalUrl }: HttpRequest, payload: Buffer): Request {
  const passed = new Headers();
  for (const name of ['accept', 'content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name']) {
    const value = headers[name];
    if (typeof value === 'string') passed.set(name, value);
  }
  return new Request(new URL(originalUrl, 'http://isotherm'), { method: 'POST', headers: passed, body: payload });
}
