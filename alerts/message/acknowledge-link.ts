import { z } from 'zod';
import { UnavailableError } from '../../domain/index.ts';
import type { InstallationKey } from '../../storage/index.ts';
import type { MessageLinks } from './message.ts';

/** What a link out of a message may do: acknowledge one alert, as whom it was sent to. */
export interface AcknowledgeGrant {
  readonly alert: string;
  /** The revision that the message told of. */
  readonly revision: number;
  /** How often the alert had been opened again: a link serves one opening. */
  readonly reopened: number;
  /** The channel it went out by. */
  readonly channel: string;
  /** Who was told; empty: whoever reads the channel. */
  readonly people: readonly string[];
  /** Epoch ms UTC. */
  readonly until: number;
}

/** Longer than an escalation takes; a mailbox that is found next year acknowledges nothing. */
export const LINK_LASTS_MS = 3 * 24 * 3_600_000;

const PLACE = 'alerts.acknowledge-link';
const schema = z.tuple([z.string(), z.number(), z.number(), z.string(), z.array(z.string()), z.number()]);

/**
 * Links that acknowledge an alert without a session. A token is sealed with the key of the installation: nobody else
 * can make one or change one, and it says nothing to who reads it on its way. It does nothing once the alert is
 * acknowledged, nor for another opening of it, so it serves once.
 */
export class AcknowledgeLinks {
  readonly #key: InstallationKey;

  constructor(key: InstallationKey) {
    this.#key = key;
  }

  /** The links of messages by a channel. @param page where people reach the page, without a slash at the end */
  of(page: string, channel: string, now: number): MessageLinks {
    return {
      page,
      acknowledge: ({ id, revision, reopened }, people) => {
        const grant = { alert: id, revision, reopened, channel, people, until: now + LINK_LASTS_MS };
        return `${page}/acknowledge/${this.tokenFor(grant)}`;
      },
    };
  }

  tokenFor({ alert, revision, reopened, channel, people, until }: AcknowledgeGrant): string {
    const sealed = this.#key.seal(PLACE, JSON.stringify([alert, revision, reopened, channel, people, until]));
    // Without the form and the key's id, which stand before every sealed text: an address takes no colons kindly.
    return sealed.slice(sealed.lastIndexOf(':') + 1);
  }

  /** @returns null of a token that was never made here, or was cut or changed */
  grantOf(token: string): AcknowledgeGrant | null {
    if (!/^[\w-]{30,2000}$/.test(token)) return null;
    try {
      const opened = schema.safeParse(JSON.parse(this.#key.open(PLACE, `1:${this.#key.id}:${token}`)));
      if (!opened.success) return null;
      const [alert, revision, reopened, channel, people, until] = opened.data;
      return { alert, revision, reopened, channel, people, until };
    } catch (error) {
      if (error instanceof UnavailableError) return null;
      throw error;
    }
  }
}
