import { type Message, plainText } from '../../message/message.ts';
import type { HttpMessage } from '../http-post.ts';

/** Longer messages ntfy turns into attachments. */
const MOST_BYTES = 4_000;
const PRIORITIES = { critical: 5, warning: 4, info: 3 } as const;

/**
 * A topic of ntfy, published as JSON to the server's root (docs.ntfy.sh/publish, "Publish as JSON"): headers would not
 * carry titles beyond ASCII.
 */
export function ntfyRequest(
  { url, secret }: { readonly url: string; readonly secret: string },
  message: Message,
): HttpMessage {
  const address = new URL(url);
  const [, base = '/', topic = ''] = /^(.*\/)([^/]+)\/?$/.exec(address.pathname) ?? [];
  const { title, links, severity, isStanding } = message;
  const text = plainText({ ...message, title: '', links: [] }).trim();
  const body = JSON.stringify({
    ...{ topic: decodeURIComponent(topic), title, message: cut(text) },
    priority: isStanding ? PRIORITIES[severity] : 3,
    ...(links[0] !== undefined && { click: links[0].url }),
    // Views, not requests: nothing is done before a person has seen what it will do.
    actions: links.map(({ text: label, url }) => ({ action: 'view', label, url })),
  });
  const headers = {
    'content-type': 'application/json',
    ...(secret !== '' && { authorization: `Bearer ${secret}` }),
  };
  return { url: new URL(base, address).href, headers, body };
}

function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MOST_BYTES) return text;
  // A character that is cut through becomes a replacement mark, which goes with it.
  return `${bytes
    .subarray(0, MOST_BYTES - 3)
    .toString('utf8')
    .replace(/�+$/, '')}…`;
}
