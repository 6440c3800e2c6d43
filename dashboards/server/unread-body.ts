import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { TimeSource } from '../../domain/index.ts';

/** How long a body may go on that nobody reads, after its request was answered; a large one, that is not read at all. */
const SMALL_MS = 10_000;
const LARGE_MS = 500;
const LARGE_BYTES = 16 * 1024;

/**
 * What becomes of a body that its answer did not wait for, most often because it was refused.
 *
 * A small one is read to its end, and its connection goes on. A large one is not worth reading: the answer says that the
 * connection closes (RFC 9112, 9.6), so that no client sends its next request into it.
 */
export function unreadBody(time: TimeSource): RequestHandler {
  return (request, response, next) => {
    let isLeft = false;
    beforeHead(response, () => {
      isLeft = !request.complete && isLarge(request);
      if (!isLeft) return;
      response.setHeader('Connection', 'close');
      // Node would destroy the connection with its answer, and what still comes would reset it: a client that is reset
      // drops the answer too. So our side is closed first (RFC 9112, 9.6), and the rest after a while.
      const { socket } = request;
      socket.destroySoon = () => void socket.end();
    });
    // Once it is answered Node reads what is left of the body, megabytes of it: not where reading has begun.
    response.once('prefinish', () => {
      if (isLeft) request.read(0);
    });
    response.once('finish', () => {
      if (request.complete && !isLeft) return;
      if (!isLeft) request.resume();
      const patience = time.after('unread body', isLeft ? LARGE_MS : SMALL_MS, () => {
        // What came to its end meanwhile left its connection to the requests behind it.
        if (isLeft || !request.complete) request.socket.destroy();
      });
      request.once('close', () => patience.cancel());
    });
    next();
  };
}

function isLarge({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > LARGE_BYTES;
}

/** Calls once, before the head of an answer goes out; Node has no event for it. */
function beforeHead(response: ServerResponse, call: () => void): void {
  const { writeHead } = response;
  response.writeHead = (...given: unknown[]) => {
    response.writeHead = writeHead;
    call();
    return Reflect.apply(writeHead, response, given);
  };
}
