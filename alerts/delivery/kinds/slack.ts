import { cutText } from '../../message/cut-text.ts';
import { type Message, plainText } from '../../message/message.ts';
import type { HttpMessage } from '../http-post.ts';

/** Slack cuts or refuses what is longer: 150 characters of a header, 3,000 of a section, 2,000 of a field, 10 fields. */
const HEADER = 150;
const SECTION = 3_000;
const FIELD = 2_000;
const FIELDS = 10;

/** An incoming webhook of Slack, in Block Kit (api.slack.com/reference/block-kit/blocks); `text` is what notifications show. */
export function slackRequest({ url }: { readonly url: string }, message: Message): HttpMessage {
  const { title, sentence, facts, serials, moreSerials, now, links } = message;
  const named = [...serials, ...(moreSerials === null ? [] : [moreSerials])].map((line) => `• ${line}`).join('\n');
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: cutText(title, HEADER), emoji: false } },
    section(escaped(sentence)),
    ...(facts.length === 0
      ? []
      : [
          {
            type: 'section',
            fields: facts.slice(0, FIELDS).map(({ name, value }) => ({
              type: 'mrkdwn',
              text: cutText(`*${escaped(name)}*\n${escaped(value)}`, FIELD),
            })),
          },
        ]),
    ...(named === '' ? [] : [section(escaped(named))]),
    ...(now === null ? [] : [section(`*${escaped(now)}*`)]),
    ...(links.length === 0 ? [] : [section(links.map(({ text, url }) => `<${url}|${escaped(text)}>`).join('   '))]),
  ];
  const body = JSON.stringify({ text: cutText(escaped(plainText({ ...message, links: [] })), SECTION), blocks });
  return { url, headers: { 'content-type': 'application/json' }, body };
}

function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text: cutText(text, SECTION) } };
}

/** The three characters that Slack's markup asks to escape; others, such as `*`, may make a word bold and no more. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
