import { InputError } from '../../../domain/index.ts';
import { smsOperations } from '../../api/index.ts';
import { DONE } from '../answer.ts';
import { addressOf } from '../identity.ts';
import { mount } from '../mount.ts';
import { Refusal } from '../problems.ts';
import type { Services } from '../services.ts';
import { signatureOf } from '../webhook-signature.ts';

/** SMS that phones answer with. The answer to the provider is the same whatever a PIN did. */
export function smsRoutes({ acknowledgePins, alertService, time, webhookSecrets }: Services) {
  return [
    mount(
      smsOperations.answer,
      async ({ body, request }) => {
        const { from, text } = messageIn(body.toString('utf8'));
        await acknowledgePins.answered({ number: from, text, address: addressOf(request) }, alertService);
        return DONE;
      },
      async ({ headers }) => {
        const secret = webhookSecrets.get('sms');
        if (secret !== undefined && signatureOf('sms', secret, headers, time.now()) !== null) return;
        const allowed = 'the secret of webhooks.sms.secret, as Bearer, as Basic password, or in X-Webhook-Secret';
        throw new Refusal(401, 'SENDER_UNKNOWN', `who brings this SMS is not known; allowed: ${allowed}`);
      },
    ),
  ];
}

/** Of Twilio (a form: From, Body), Vonage (msisdn, text), or anybody's JSON. @throws {InputError} SMS_MALFORMED */
function messageIn(text: string): { readonly from: string; readonly text: string } {
  const fields = new Map(fieldsIn(text).map(([name, value]) => [name.toLowerCase(), value]));
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
