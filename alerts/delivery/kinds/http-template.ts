import { messageText } from '../../../domain/index.ts';
import { cutText } from '../../message/cut-text.ts';
import { type Message, plainText } from '../../message/message.ts';
import { smsText } from '../../message/sms-text.ts';
import type { HttpMessage } from '../http-post.ts';

export interface HttpTemplate {
  readonly url: string;
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  /** With `{{name}}` where a value goes. */
  readonly body: string;
  readonly secret: string;
  readonly to: readonly string[];
}

/** What templates may name. */
export const TEMPLATE_NAMES = [
  'to',
  'text',
  'sms',
  'title',
  'link',
  'acknowledge',
  'severity',
  'alert',
  'pin',
  'secret',
] as const;

/** An SMS of several parts costs several; the rest stands behind the link. */
const SMS = 300;

/**
 * Any service that takes text over HTTP: SMS and voice providers above all (docs/channels.md has three). Values are
 * escaped for the body's media type, so that no name of a device becomes a field.
 * @param pin acknowledges by an answer from the phone; null: not offered
 */
export function templateRequest(template: HttpTemplate, message: Message, pin: string | null = null): HttpMessage {
  const { links, title, sentence, severity, thread, now, stake } = message;
  const link = links[0]?.url ?? '';
  // What is at stake says how soon somebody has to go, so it comes before what became of the alert.
  const short = [title, ...(stake === null ? [] : [stake]), sentence, ...(now === null ? [] : [now])]
    .join('. ')
    .replaceAll('..', '.');
  const end = pin === null ? link : `${messageText(message.language, 'message.pin', { pin })} ${link}`;
  const room = SMS - end.length - 1;
  const text = `${cutText(short, room)} ${end}`.trim();
  const values: Readonly<Record<string, string>> = {
    ...{ text, title, link, severity, alert: thread, pin: pin ?? '' },
    ...{ acknowledge: links[1]?.url ?? '', secret: template.secret, to: template.to.join(',') },
    full: plainText(message),
    sms: smsText(short, end),
  };
  const type = template.headers['content-type'] ?? 'application/json';
  const filled = (inside: string, quote: (value: string) => string) =>
    inside.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => {
      const value = values[name];
      return value === undefined ? whole : quote(value);
    });
  const headers = Object.fromEntries(
    Object.entries(template.headers).map(([name, value]) => [
      name,
      filled(value, (one) => one.replace(/[^\x20-\x7e]/g, '')),
    ]),
  );
  return {
    url: filled(template.url, encodeURIComponent),
    method: template.method,
    headers: { 'content-type': type, ...headers },
    body: filled(template.body, escapeFor(type)),
  };
}

function escapeFor(type: string): (value: string) => string {
  if (type.includes('json')) return (value) => JSON.stringify(value).slice(1, -1);
  if (type.includes('x-www-form-urlencoded')) return encodeURIComponent;
  if (type.includes('xml')) return xml;
  return (value) => value;
}

function xml(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
