import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Outgoing, type TimeSource, UnavailableError } from '../../domain/index.ts';

/** A request as a receiver of some kind wants it. */
export interface HttpMessage {
  readonly url: string;
  readonly method?: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface HttpPostOptions {
  /** Id of the channel, for errors. */
  readonly channel: string;
  readonly time: TimeSource;
  /** Judges where the channel leads; null for one of the configuration, which is the operator's word. */
  readonly outgoing: Outgoing | null;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 10_000;
/** Of an answer only the beginning is read, for the reason of a refusal. */
const ANSWER_BYTES = 1_024;

/**
 * Sends one request and resolves with the beginning of the answer when the receiver answered 2xx. Redirects are not
 * followed.
 * @throws {UnavailableError} WEBHOOK_FAILED with a line that says why; among its details `status`, where the receiver
 * answered, and `retryAfterMs` where it asked to be left alone for so long (RFC 9110, 10.2.3)
 */
export function httpPost(message: HttpMessage, options: HttpPostOptions): Promise<string> {
  const { channel, time, outgoing, signal } = options;
  const url = new URL(message.url);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = {
    ...message.headers,
    'content-length': Buffer.byteLength(message.body),
    'user-agent': 'Isotherm',
  };
  return new Promise((resolve, reject) => {
    const where = outgoing === null ? {} : judged(outgoing, url, channel);
    const fail = (error: Error) => {
      timer.cancel();
      reject(error instanceof UnavailableError ? error : failed(channel, error.message, error));
    };
    // A connection each: alerts are rare, and one kept open may just be closed by the other side.
    const method = message.method ?? 'POST';
    const sent = request(url, { method, agent: false, headers, signal, ...where }, (answer) => {
      const status = answer.statusCode ?? 0;
      answerOf(answer).then((text) => {
        timer.cancel();
        if (status >= 200 && status < 300) resolve(text);
        else reject(refused(channel, status, refusalOf(status, text), retryAfterOf(answer, time.now())));
      });
    });
    const timer = time.after('alerts: webhook timeout', TIMEOUT_MS, () => {
      sent.destroy(failed(channel, `no answer within ${TIMEOUT_MS / 1000} s`));
    });
    sent.once('error', fail);
    sent.end(message.body);
  });
}

function refusalOf(status: number, text: string): string {
  return `answered ${status}${text === '' ? '' : `: ${text}`}`;
}

/** @throws {UnavailableError} WEBHOOK_FAILED where the address may not be reached */
function judged(outgoing: Outgoing, url: URL, channel: string): ReturnType<Outgoing['connectOptions']> {
  try {
    return outgoing.connectOptions(url);
  } catch (error) {
    throw failed(channel, error instanceof Error ? error.message : String(error), error);
  }
}

/** Seconds, or a date. What is neither says nothing. */
function retryAfterOf({ headers }: IncomingMessage, now: number): number | null {
  const said = headers['retry-after'];
  if (said === undefined) return null;
  const seconds = /^\d{1,9}$/.test(said.trim()) ? Number(said) : null;
  const ms = seconds === null ? Date.parse(said) - now : seconds * 1000;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

/** The first line or so of an answer; its status counts, however the rest ends. One that goes on talking is cut off. */
function answerOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = () => resolve(Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString().trim());
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= ANSWER_BYTES) return;
      done();
      answer.destroy();
    });
    answer.once('end', done);
    answer.once('error', done);
  });
}

/** A message that did not go out by this channel, and why. */
export function failed(channel: string, reason: string, cause?: unknown): UnavailableError {
  return new UnavailableError('WEBHOOK_FAILED', reason, { channel }, cause);
}

function refused(channel: string, status: number, reason: string, retryAfterMs: number | null): UnavailableError {
  const details = { channel, status, ...(retryAfterMs !== null && { retryAfterMs }) };
  return new UnavailableError('WEBHOOK_FAILED', reason, details);
}
