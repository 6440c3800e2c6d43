import type { CaseMention, CaseMentions, Effects } from '../../domain/index.ts';
import { clientOf } from '../../storage/index.ts';
import { put } from '../delivery/outbox.ts';
import type { AlertRouting } from './alert-routing.ts';

/** Tells people by their own channels that a comment on a case mentions them: as what is not urgent. */
export class MentionNotices implements CaseMentions {
  readonly #routing: Pick<AlertRouting, 'channelsOf'>;

  constructor({ routing }: { readonly routing: Pick<AlertRouting, 'channelsOf'> }) {
    this.#routing = routing;
  }

  async mentioned(effects: Effects, mention: CaseMention): Promise<void> {
    const { case: id, title, comment, text, by, at } = mention;
    // Two people may share a channel: it hears of both once.
    const peopleBy = new Map<string, string[]>();
    for (const person of mention.people) {
      for (const channel of this.#routing.channelsOf(person)) {
        peopleBy.set(channel, [...(peopleBy.get(channel) ?? []), person]);
      }
    }
    for (const [channel, people] of peopleBy) {
      const data = { mention: { case: id, title, comment, text, by }, notice: { step: 'mention', people } };
      await put(clientOf(effects), [channel], '', {
        type: 'case.mentioned',
        event: `${id}.comment.${comment}`,
        at,
        data,
      });
    }
  }
}
