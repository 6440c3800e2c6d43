import { createHash } from 'node:crypto';
import webPush from 'web-push';
import { type Outgoing, type TimeSource, UnavailableError } from '../../domain/index.ts';
import { failed, httpPost } from '../delivery/http-post.ts';
import type { Message } from '../message/message.ts';
import type { PushSubscriptions, ToldBrowser } from './push-subscriptions.ts';

export interface BrowserPushOptions {
  readonly subscriptions: PushSubscriptions;
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
}

/** One message by a channel of the kind `push`. */
export interface Pushed {
  readonly channel: string;
  /** How push services reach who runs this (RFC 8292, 2.1): a mail address. */
  readonly contact: string;
  /** Names; empty: nobody in particular. */
  readonly people: readonly string[];
  /** One of their browsers; absent: all of them. */
  readonly browser?: string;
  readonly message: Message;
  readonly signal: AbortSignal;
}

/** How long a push service keeps a message for a browser that is off, s. What is older nobody is woken by. */
const KEPT_S = 24 * 3_600;
/** Push services take 4,096 bytes (RFC 8030, 7.2); encryption and padding take 103 of them. */
const MOST_BYTES = 3_900;
const GONE = new Set([404, 410]);

/** Tells people in their browsers (RFC 8030): encrypted for each (RFC 8291), signed as this installation (RFC 8292). */
export class BrowserPush {
  readonly #options: BrowserPushOptions;

  constructor(options: BrowserPushOptions) {
    this.#options = options;
  }

  /**
   * To all browsers of those people. Somebody with one that took it is told; a browser that its push service knows no
   * more is forgotten.
   * @returns who was not told, in a line, where others were; null where everybody was
   * @throws {UnavailableError} WEBHOOK_FAILED where nobody was told
   */
  async send(pushed: Pushed): Promise<string | null> {
    const { channel, people } = pushed;
    const all = await this.#options.subscriptions.told(people);
    const browsers = pushed.browser === undefined ? all : all.filter(({ id }) => id === pushed.browser);
    const told = new Set<string>();
    let failure: unknown = null;
    for (const browser of browsers) {
      try {
        await this.#sendTo(browser, pushed);
        told.add(browser.person);
      } catch (error) {
        failure ??= error;
      }
    }
    const wanted = people.length === 0 ? new Set(browsers.map(({ person }) => person)) : new Set(people);
    const missing = [...wanted].filter((person) => !told.has(person));
    if (told.size > 0) return missing.length === 0 ? null : `it was not taken for ${missing.join(', ')}`;
    if (failure !== null) throw failure;
    const whose = people.length === 0 ? 'nobody who sees all sites' : people.join(' or ');
    throw failed(channel, `${whose} has a browser that is told; it is asked for under Account, Tell me on this device`);
  }

  async #sendTo({ id, address }: ToldBrowser, { channel, contact, message, signal }: Pushed): Promise<void> {
    const { subscriptions, outgoing, time } = this.#options;
    const { isStanding, severity, thread } = message;
    const details = webPush.generateRequestDetails(address, pushText(message), {
      vapidDetails: { subject: `mailto:${contact}`, ...subscriptions.vapid },
      TTL: KEPT_S,
      urgency: isStanding && severity === 'critical' ? 'high' : 'normal',
      // Of one alert a browser that was off gets the last that became of it.
      topic: createHash('sha256').update(thread).digest('base64url').slice(0, 32),
    });
    const headers = Object.entries(details.headers).flatMap(([name, value]) =>
      name === 'Content-Length' ? [] : [[name.toLowerCase(), String(value)]],
    );
    const request = {
      url: details.endpoint,
      headers: Object.fromEntries(headers),
      body: Uint8Array.from(details.body ?? []),
    };
    try {
      await httpPost(request, { channel, time, outgoing, signal });
    } catch (error) {
      if (error instanceof UnavailableError && GONE.has(Number(error.details.status))) await subscriptions.isGone(id);
      throw error;
    }
    await subscriptions.wasTold(id);
  }
}

/** What the page's worker shows (dashboards/web/public/push-worker.js). */
export function pushText(message: Message): string {
  const { title, sentence, facts, now, links, thread, severity, isStanding, language } = message;
  const lines = [sentence, ...facts.map(({ name, value }) => `${name}: ${value}`), ...(now === null ? [] : [now])];
  const whole = (body: string) =>
    JSON.stringify({
      ...{ title, body, tag: thread, lang: language },
      isUrgent: isStanding && severity === 'critical',
      links: links.map(({ text, url }) => ({ text, url })),
    });
  let body = lines.join('\n');
  while (body !== '' && Buffer.byteLength(whole(body)) > MOST_BYTES) {
    // By characters, so that none is cut through.
    body = `${[...body].slice(0, Math.floor([...body].length * 0.8) - 1).join('')}…`;
    if (body === '…') body = '';
  }
  return whole(body);
}
