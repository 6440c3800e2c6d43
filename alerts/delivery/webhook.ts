import { Webhook } from 'standardwebhooks';
import type { WebhookChannel } from '../config.ts';
import type { HttpMessage } from './http-post.ts';

/**
 * A message to one address, signed as Standard Webhooks 1.0 has it. Receivers refuse messages that were signed long
 * ago: every attempt is signed anew, under the same id.
 * @param now epoch ms UTC
 */
export function webhookRequest(
  channel: WebhookChannel,
  { event, body }: { readonly event: string; readonly body: string },
  now: number,
): HttpMessage {
  const at = new Date(now);
  return {
    url: channel.url,
    headers: {
      'content-type': 'application/json',
      'webhook-id': event,
      'webhook-timestamp': String(Math.floor(now / 1000)),
      'webhook-signature': new Webhook(channel.secret).sign(event, at, body),
    },
    body,
  };
}
