import type { Message } from '../../message/message.ts';
import type { HttpMessage } from '../http-post.ts';

/**
 * A Workflows webhook of Microsoft Teams, "When a Teams webhook request is received": an Adaptive Card 1.4 as attachment
 * (the connectors of Office 365, which took MessageCards, are gone).
 */
export function teamsRequest({ url }: { readonly url: string }, message: Message): HttpMessage {
  const { title, sentence, facts, serials, moreSerials, now, links, severity, isStanding } = message;
  const named = [...serials, ...(moreSerials === null ? [] : [moreSerials])];
  const color = !isStanding ? 'Default' : severity === 'critical' ? 'Attention' : 'Warning';
  const text = (words: string, more: Readonly<Record<string, unknown>> = {}) => ({
    ...{ type: 'TextBlock', text: escaped(words), wrap: true },
    ...more,
  });
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      text(title, { size: 'Large', weight: 'Bolder', color }),
      text(sentence),
      ...(facts.length === 0
        ? []
        : [{ type: 'FactSet', facts: facts.map(({ name, value }) => ({ title: name, value: escaped(value) })) }]),
      ...named.map((serial) => text(serial, { fontType: 'Monospace', spacing: 'None' })),
      ...(now === null ? [] : [text(now, { weight: 'Bolder' })]),
    ],
    actions: links.map(({ text: title, url }) => ({ type: 'Action.OpenUrl', title, url })),
  };
  const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }];
  return {
    url,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'message', attachments }),
  };
}

/** A TextBlock takes some Markdown: names of devices with `_` or `*` are to read as they are. */
function escaped(text: string): string {
  return text.replace(/[\\*_[\]~`]/g, '\\$&');
}
