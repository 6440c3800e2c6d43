import { Webhook } from 'standardwebhooks';
import { mayStill } from '../../access/index.ts';
import { httpPost, RETRY_SCHEDULE, waitBeforeRetry } from '../../alerts/index.ts';
import type { Outgoing, TimeSource } from '../../domain/index.ts';
import { type EpcisDelivery, gs1Signature, SubscriptionWorker } from '../../trace/index.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** Tells subscribers of EPCIS queries. */
export function tellSubscribers(surroundings: Surroundings, { audit, database, key }: Storage): void {
  const { lifetime, outgoing, parts, time, troubles } = surroundings;
  if (!parts.has('trace')) return;
  const worker = new SubscriptionWorker({
    ...tools(surroundings, 'trace'),
    ...{ audit, database, key, troubles },
    deliver: (delivery) => postDelivery(delivery, { outgoing, time }),
    // Spread, that receivers which come back are not met by everyone at once.
    waitBeforeRetry: (attempts, ageMs) => waitBeforeRetry(RETRY_SCHEDULE, attempts, ageMs, Math.random()),
    mayRead: async (actor) =>
      (await mayStill({ database, time }, actor, 'events.subscribe')) &&
      (await mayStill({ database, time }, actor, 'records.read')),
  });
  worker.start();
  lifetime.started(() => worker.stop());
}

/**
 * One message to one subscriber, signed as Standard Webhooks 1.0 has it and with EPCIS 2.0's own header. Signed anew at each
 * attempt, under the same id.
 * @throws {UnavailableError} WEBHOOK_FAILED
 */
export async function postDelivery(
  { id, dest, body, mediaType, signatureToken, signal }: EpcisDelivery,
  { outgoing, time }: { readonly outgoing: Outgoing; readonly time: TimeSource },
): Promise<void> {
  const at = new Date(time.now());
  const signatures = signatureToken === null ? {} : signaturesOf({ id, at, body }, signatureToken);
  const headers = {
    ...{ 'content-type': mediaType, 'GS1-EPCIS-Version': '2.0.0', 'GS1-CBV-Version': '2.0.0' },
    ...{ 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)), ...signatures },
  };
  await httpPost({ url: dest, headers, body }, { channel: id, time, outgoing, signal });
}

/** The token is the secret: as it is, or the bytes that Standard Webhooks writes as `whsec_...`. */
function signaturesOf({ id, at, body }: { id: string; at: Date; body: string }, token: string) {
  const webhook = token.startsWith('whsec_') ? new Webhook(token) : new Webhook(token, { format: 'raw' });
  return { 'webhook-signature': webhook.sign(id, at, body), 'GS1-Signature': gs1Signature(token, body) };
}
