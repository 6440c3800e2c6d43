import { cutText } from '../../message/cut-text.ts';
import type { Message } from '../../message/message.ts';
import type { HttpMessage } from '../http-post.ts';

/** What PagerDuty takes as a summary, in characters. */
const SUMMARY = 1_024;
const ACTIONS: Readonly<Record<string, 'acknowledge' | 'resolve'>> = {
  'alert.acknowledged': 'acknowledge',
  'alert.resolved': 'resolve',
  'alert.retracted': 'resolve',
  'group.ended': 'resolve',
};
const SEVERITIES = { critical: 'critical', warning: 'warning', info: 'info' } as const;

/** PagerDuty's Events API v2. One alert is one incident: its id is the key by which repeats and ends are known. */
export function pagerDutyRequest(
  { url, secret }: { readonly url: string; readonly secret: string },
  message: Message,
): HttpMessage {
  const { title, sentence, facts, serials, moreSerials, now, links, severity, thread } = message;
  const action = ACTIONS[message.type] ?? 'trigger';
  const body = {
    routing_key: secret,
    event_action: action,
    dedup_key: thread,
    ...(action === 'trigger' && {
      payload: {
        summary: cutText(title, SUMMARY),
        source: 'Isotherm',
        severity: SEVERITIES[severity],
        custom_details: {
          ...{ what: sentence, now },
          ...Object.fromEntries(facts.map(({ name, value }) => [name, value])),
          serials: [...serials, ...(moreSerials === null ? [] : [moreSerials])],
        },
      },
      client: 'Isotherm',
      client_url: links[0]?.url,
      links: links.map(({ text, url }) => ({ href: url, text })),
    }),
  };
  return { url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
