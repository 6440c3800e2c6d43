import { DefectError, type Outgoing, type TimeSource, UnavailableError } from '../../domain/index.ts';
import type { Channel } from '../config.ts';
import type { AcknowledgePins } from '../message/acknowledge-pins.ts';
import { type Message, type MessageLinks, messageOf, type OutboxBody } from '../message/message.ts';
import type { BrowserPush } from '../push/browser-push.ts';
import { failed, type HttpMessage, httpPost } from './http-post.ts';
import { sendMail } from './kinds/email.ts';
import { templateRequest } from './kinds/http-template.ts';
import { ntfyRequest } from './kinds/ntfy.ts';
import { pagerDutyRequest } from './kinds/pagerduty.ts';
import { slackRequest } from './kinds/slack.ts';
import { teamsRequest } from './kinds/teams.ts';
import { movedTo, telegramRequest } from './kinds/telegram.ts';
import { type FindRecipients, type Recipients, SHARED } from './recipients.ts';
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
  /** To whom a message goes. Default: to the addresses of the channel. */
  readonly recipients?: FindRecipients | undefined;
  /** Tells people in their browsers. Absent: nobody is told so. */
  readonly push?: Pick<BrowserPush, 'send'> | undefined;
  /** Makes PINs for messages to phones. Absent: nobody takes answers. */
  readonly pins?: Pick<AcknowledgePins, 'make' | 'makeForGroup'> | undefined;
}

/** How each kind of channel is spoken to. */
export function senderOf(channel: Channel, { time, outgoing, links, recipients, push, pins }: SenderOptions): Sender {
  return {
    async send({ event, body }, signal) {
      const post = async (request: HttpMessage) => {
        refuseHidden(channel, await httpPost(request, { channel: channel.id, time, outgoing, signal }));
      };
      if (channel.kind === 'webhook') {
        await post(webhookRequest(channel, { event, body }, time.now()));
        return null;
      }
      const parsed = parsedBody(channel, body);
      const whom = (await recipients?.(channel.id, parsed)) ?? SHARED;
      const message = messageOf(parsed, links(channel.id), whom.wording);
      if (channel.kind === 'email') {
        return sendMail({ ...channel, to: addressesOf(channel.to, whom) }, message, { event, outgoing, signal });
      }
      if (channel.kind === 'push') {
        if (push === undefined) throw failed(channel.id, 'nothing here tells browsers');
        return push.send({ channel: channel.id, contact: channel.contact, people: whom.people, message, signal });
      }
      return toEach(channel, whom, async (one, address) => {
        const pin = channel.kind === 'http' ? await pinFor(pins, parsed, whom, address) : null;
        return post(requestOf(one, message, pin)).catch((error: unknown) => {
          const chat = one.kind === 'telegram' && error instanceof UnavailableError ? movedTo(error.message) : null;
          if (chat === null || one.kind !== 'telegram' || chat === one.chat) throw error;
          return post(requestOf({ ...one, chat }, message, pin));
        });
      });
    },
  };
}

type Told = Exclude<Channel, { kind: 'webhook' | 'email' | 'push' }>;

function addressesOf(shared: readonly string[], { own, isShared }: Recipients): string[] {
  return [...new Set([...own, ...(isShared ? shared : [])])];
}

/**
 * One request an address, of kinds that have any. Taken by some only it counts as delivered, as a mail does: sending it
 * again would wake those who have it.
 * @returns who was not reached, in a line; null where everybody was
 */
async function toEach(
  channel: Told,
  whom: Recipients,
  send: (one: Told, address: string) => Promise<void>,
): Promise<string | null> {
  const each = eachOf(channel, whom);
  const failures: { readonly address: string; readonly error: unknown }[] = [];
  for (const { address, one } of each) {
    try {
      await send(one, address);
    } catch (error) {
      if (each.length === 1) throw error;
      failures.push({ address, error });
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length === each.length) throw first.error;
  return first === undefined ? null : `it was not taken for ${failures.map(({ address }) => address).join(', ')}`;
}

function eachOf(channel: Told, whom: Recipients): readonly { readonly address: string; readonly one: Told }[] {
  const { own, isShared } = whom;
  const theChannel = { address: channel.id, one: channel };
  if (channel.kind === 'http') {
    const theirs = own.map((address) => ({ address, one: { ...channel, to: [address] } }));
    return isShared ? [...theirs, theChannel] : theirs;
  }
  if (channel.kind === 'ntfy') {
    const theirs = own.map((address) => ({ address, one: { ...channel, url: withTopic(channel.url, address) } }));
    return isShared ? [...theirs, theChannel] : theirs;
  }
  if (channel.kind === 'telegram') {
    const theirs = own.map((address) => ({ address, one: { ...channel, chat: address } }));
    return isShared ? [...theirs, theChannel] : theirs;
  }
  return [theChannel];
}

/** Another topic of the same server. */
function withTopic(url: string, topic: string): string {
  return url.replace(/[^/]+\/?$/, encodeURIComponent(topic));
}

/** For the phone of a person, of an alert, or of some told together, that nobody has acknowledged yet; else null. */
async function pinFor(
  pins: SenderOptions['pins'],
  { type, data: { alert, group } }: OutboxBody,
  { whose }: Recipients,
  address: string,
): Promise<string | null> {
  const person = whose.get(address);
  if (pins !== undefined && person !== undefined && group !== undefined) {
    const isOver = type === 'group.ended' || group.counts.open === 0;
    return isOver ? null : pins.makeForGroup({ group: group.id, person, number: address });
  }
  const isAsked = alert?.state === 'open' && type !== 'alert.retracted';
  if (pins === undefined || person === undefined || alert === undefined || !isAsked) return null;
  return pins.make({ alert: alert.id, reopened: alert.reopened, person, number: address });
}

function requestOf(channel: Told, message: Message, pin: string | null): HttpMessage {
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
      return templateRequest(channel, message, pin);
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
