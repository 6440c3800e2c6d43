import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { type Outgoing, type TimeSource, UnavailableError } from '../../domain/index.ts';
import type { WebhookChannel } from '../config.ts';

/** Sends messages to one address, signed as Standard Webhooks 1.0 has it. */
export interface WebhookSender {
  /**
   * Resolves when the receiver answered 2xx. Redirects are not followed.
   * @throws {UnavailableError} WEBHOOK_FAILED with a line that says why
   */
  send(message: { readonly event: string; readonly body: string }, signal: AbortSignal): Promise<void>;
}

const TIMEOUT_MS = 10_000;
/** Of an answer only the beginning is read, for the reason of a refusal. */
const ANSWER_BYTES = 1_024;

/** @param outgoing judges where the channel leads; null for one of the configuration, which is the operator's word */
export function webhookSender(
  channel: WebhookChannel,
  time: TimeSource,
  outgoing: Outgoing | null = null,
): WebhookSender {
  const url = new URL(channel.url);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const signer = new Webhook(channel.secret);

  return {
    send({ event, body }, signal) {
      // Receivers refuse messages that were signed long ago: every attempt is signed anew, under the same id.
      const now = new Date(time.now());
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Isotherm',
        'webhook-id': event,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': signer.sign(event, now, body),
      };
      return new Promise((resolve, reject) => {
        const where = outgoing === null ? {} : judged(outgoing, url, channel);
        const fail = (error: Error) => {
          timer.cancel();
          reject(error instanceof UnavailableError ? error : failed(channel, error.message, error));
        };
        // A connection each: alerts are rare, and one kept open may just be closed by the other side.
        const sent = request(url, { method: 'POST', agent: false, headers, signal, ...where }, (answer) => {
          const status = answer.statusCode ?? 0;
          answerOf(answer).then((text) => {
            timer.cancel();
            if (status >= 200 && status < 300) resolve();
            else reject(failed(channel, `answered ${status}${text === '' ? '' : `: ${text}`}`));
          });
        });
        const timer = time.after('alerts: webhook timeout', TIMEOUT_MS, () => {
          sent.destroy(failed(channel, `no answer within ${TIMEOUT_MS / 1000} s`));
        });
        sent.once('error', fail);
        sent.end(body);
      });
    },
  };
}

/** @throws {UnavailableError} WEBHOOK_FAILED where the address may not be reached */
function judged(outgoing: Outgoing, url: URL, channel: WebhookChannel): ReturnType<Outgoing['connectOptions']> {
  try {
    return outgoing.connectOptions(url);
  } catch (error) {
    throw failed(channel, error instanceof Error ? error.message : String(error), error);
  }
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

function failed({ id }: WebhookChannel, reason: string, cause?: unknown): UnavailableError {
  return new UnavailableError('WEBHOOK_FAILED', reason, { channel: id }, cause);
}
