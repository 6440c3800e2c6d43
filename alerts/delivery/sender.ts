import { DefectError, type Outgoing, type TimeSource } from '../../domain/index.ts';
import type { Channel } from '../config.ts';
import { type Message, type MessageLinks, messageOf, type OutboxBody } from '../message/message.ts';
import { failed, type HttpMessage, httpPost } from './http-post.ts';
import { sendMail } from './kinds/email.ts';
import { templateRequest } from './kinds/http-template.ts';
import { ntfyRequest } from './kinds/ntfy.ts';
import { pagerDutyRequest } from './kinds/pagerduty.ts';
import { slackRequest } from './kinds/slack.ts';
import { teamsRequest } from './kinds/teams.ts';
import { telegramRequest } from './kinds/telegram.ts';
import { webhookRequest } from './webhook.ts';

/** A message of the outbox: `event` is fixed per alert and event, `body` as it is kept there. */
export interface Sendable {
  readonly event: string;
  readonly body: string;
}

/** Sends messages by one channel. */
export interface Sender {
  /**
   * Resolves when the receiver took it.
   * @returns what to know all the same, in a line: not everybody got it; else null
   * @throws {UnavailableError} WEBHOOK_FAILED with a line that says why, and `retryAfterMs` where the receiver said it
   */
  send(message: Sendable, signal: AbortSignal): Promise<string | null>;
}

export interface SenderOptions {
  readonly time: TimeSource;
  /** Judges where the channel leads; null for one of the configuration, which is the operator's word. */
  readonly outgoing: Outgoing | null;
  readonly links: (channel: string) => MessageLinks;
}

/** How each kind of channel is spoken to. */
export function senderOf(channel: Channel, { time, outgoing, links }: SenderOptions): Sender {
  return {
    async send({ event, body }, signal) {
      if (channel.kind === 'email') {
        const message = messageOf(parsedBody(channel, body), links(channel.id));
        return sendMail(channel, message, { event, outgoing, signal });
      }
      const request =
        channel.kind === 'webhook'
          ? webhookRequest(channel, { event, body }, time.now())
          : requestOf(channel, messageOf(parsedBody(channel, body), links(channel.id)));
      const answer = await httpPost(request, { channel: channel.id, time, outgoing, signal });
      refuseHidden(channel, answer);
      return null;
    },
  };
}

function requestOf(channel: Exclude<Channel, { kind: 'webhook' | 'email' }>, message: Message): HttpMessage {
  switch (channel.kind) {
    case 'slack':
      return slackRequest(channel, message);
    case 'teams':
      return teamsRequest(channel, message);
    case 'pagerduty':
      return pagerDutyRequest(channel, message);
    case 'ntfy':
      return ntfyRequest(channel, message);
    case 'telegram':
      return telegramRequest(channel, message);
    case 'http':
      return templateRequest(channel, message);
    default:
      throw new DefectError('CHANNEL_KIND', `nothing speaks to ${String(channel satisfies never)}`);
  }
}

/** Telegram and older webhooks of Slack and Teams answer 200 and say in the body that they took nothing. */
function refuseHidden({ id, kind }: Channel, answer: string): void {
  const isRefused =
    (kind === 'telegram' && /"ok"\s*:\s*false/.test(answer)) ||
    (kind === 'teams' && /Webhook message delivery failed|"error"\s*:/.test(answer)) ||
    (kind === 'slack' && /^(invalid|no_|channel_|action_)/.test(answer));
  if (isRefused) throw failed(id, `answered 200 and took nothing: ${answer.slice(0, 300)}`);
}

function parsedBody({ id }: Channel, body: string): OutboxBody {
  try {
    return JSON.parse(body) as OutboxBody;
  } catch (error) {
    throw failed(id, 'the message in the outbox cannot be read', error);
  }
}
