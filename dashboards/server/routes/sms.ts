import type { IncomingHttpHeaders } from 'node:http';
import type { Request } from 'express';
import { InputError } from '../../../domain/index.ts';
import { smsOperations } from '../../api/index.ts';
import { DONE } from '../answer.ts';
import { addressOf } from '../identity.ts';
import { mount } from '../mount.ts';
import { Refusal } from '../problems.ts';
import { publicBaseOf } from '../relying-party.ts';
import type { Services } from '../services.ts';
import { isSignedByTwilio, isSignedByVonage } from '../sms-signature.ts';
import { signatureOf } from '../webhook-signature.ts';

/** SMS that phones answer with. The answer to the provider is the same whatever a PIN did. */
export function smsRoutes({ acknowledgePins, alertService, mode, time, webhookSecrets }: Services) {
  const [ours, twilio, vonage] = ['sms', 'twilio', 'vonage'].map((name) => webhookSecrets.get(name));
  const isOurs = (headers: IncomingHttpHeaders) =>
    ours !== undefined && signatureOf('sms', ours, headers, time.now()) !== null;
  const isSigned = (request: Request, fields: readonly (readonly [string, string])[]) => {
    const signature = request.headers['x-twilio-signature'];
    if (twilio !== undefined && typeof signature === 'string') {
      return isSignedByTwilio(signature, twilio, `${publicBaseOf(mode, request)}${request.originalUrl}`, fields);
    }
    return isOurs(request.headers) || (vonage !== undefined && isSignedByVonage(vonage, fields, time.now()));
  };
  return [
    mount(
      smsOperations.answer,
      async ({ body, request }) => {
        const fields = fieldsIn(body.toString('utf8'));
        if (!isSigned(request, fields)) throw unknownSender();
        const { from, text } = messageIn(fields);
        await acknowledgePins.answered({ number: from, text, address: addressOf(request) }, alertService);
        return DONE;
      },
      async ({ headers }) => {
        // What signs its body is judged when the body is here.
        const mayBeSigned =
          vonage !== undefined || (twilio !== undefined && headers['x-twilio-signature'] !== undefined);
        if (!mayBeSigned && !isOurs(headers)) throw unknownSender();
      },
    ),
  ];
}

function unknownSender(): Refusal {
  const allowed =
    'the secret of webhooks.sms.secret, as Bearer, as Basic password, or in X-Webhook-Secret; or a signature of Twilio or Vonage, where webhooks.twilio.secret or webhooks.vonage.secret is set';
  return new Refusal(401, 'SENDER_UNKNOWN', `who brings this SMS is not known; allowed: ${allowed}`);
}

/** Of Twilio (a form: From, Body), Vonage (msisdn, text), or anybody's JSON. @throws {InputError} SMS_MALFORMED */
function messageIn(given: readonly (readonly [string, string])[]): { readonly from: string; readonly text: string } {
  const fields = new Map(given.map(([name, value]) => [name.toLowerCase(), value]));
  const first = (...names: readonly string[]) => names.map((name) => fields.get(name)).find((one) => one !== undefined);
  const [from, said] = [first('from', 'msisdn'), first('body', 'text', 'message')];
  if (from !== undefined && said !== undefined) return { from, text: said };
  const missing = from === undefined ? 'from (or msisdn)' : 'body (or text, message)';
  throw new InputError('SMS_MALFORMED', `${missing} is missing; allowed: a form or JSON with both`);
}

function fieldsIn(text: string): readonly (readonly [string, string])[] {
  if (!text.trimStart().startsWith('{')) return [...new URLSearchParams(text)];
  try {
    return Object.entries(JSON.parse(text) as object).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [],
    );
  } catch (cause) {
    throw new InputError('SMS_MALFORMED', 'this is no JSON; allowed: a form or JSON', {}, cause);
  }
}
