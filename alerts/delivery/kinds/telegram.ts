import { cutText } from '../../message/cut-text.ts';
import { type Message, plainText } from '../../message/message.ts';
import type { HttpMessage } from '../http-post.ts';

/** Of a message, after entities are parsed; there are none. */
const MOST = 4_096;

/** Telegram's `sendMessage`, as plain text: serials and device names hold what its markup would trip over. */
export function telegramRequest(
  { url, secret, chat }: { readonly url: string; readonly secret: string; readonly chat: string },
  message: Message,
): HttpMessage {
  const { links } = message;
  const text = plainText({ ...message, links: [] });
  const body = JSON.stringify({
    chat_id: chat,
    text: cutText(text, MOST),
    link_preview_options: { is_disabled: true },
    // A preview or a scanner opens an address; a button is pressed by a person. Telegram refuses buttons to hosts it cannot reach by name.
    ...(links.length > 0 && links.every(({ url }) => isPublicName(url))
      ? { reply_markup: { inline_keyboard: [links.map(({ text, url }) => ({ text, url }))] } }
      : {}),
  });
  const base = url.replace(/\/+$/, '');
  return { url: `${base}/bot${secret}/sendMessage`, headers: { 'content-type': 'application/json' }, body };
}

function isPublicName(url: string): boolean {
  return new URL(url).hostname.includes('.');
}

/** Where a group went that became a supergroup: it has another number, and what is sent to the old one is refused. */
export function movedTo(refusal: string): string | null {
  return /"migrate_to_chat_id"\s*:\s*(-?\d{1,20})/.exec(refusal)?.[1] ?? null;
}
