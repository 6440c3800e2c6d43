import { glnOf, isGln } from '../../codecs/epc/index.ts';
import type { Partner } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import type { ClaimedEvent } from './claimed-event.ts';
import type { HeldClaim, HeldGoods } from './held-goods.ts';

export interface PartnerClaimsOptions {
  readonly database: Database;
  /** GLN of the organisation; null: nobody has set it. */
  readonly gln: () => Promise<string | null>;
  /** Digest of what an event says, beside its eventID and what declares it an error (`epcis_events.content`). */
  readonly contentOf: (event: ClaimedEvent) => string;
  readonly held: HeldGoods;
}

interface Stated {
  readonly event_id: string | null;
  readonly content: string;
  readonly by: string | null;
}

/**
 * What a partner may not say: what happens at places of ours, that goods come from us, and that an event of somebody else is an
 * error. An event that is known here to the letter may be passed on by anybody: it changes nothing. What has become of goods in our
 * hands is a question, which a person answers.
 */
export class PartnerClaims {
  readonly #options: PartnerClaimsOptions;

  constructor(options: PartnerClaimsOptions) {
    this.#options = options;
  }

  /** Why the events of a document are not this partner's to state, in a line; null: they are. */
  async objection({ id, name }: Pick<Partner, 'id' | 'name'>, events: readonly ClaimedEvent[]): Promise<string | null> {
    const { contentOf } = this.#options;
    const said = events.map((event) => ({ event, event_id: textOf(event.eventID), content: contentOf(event) }));
    const [isOurs, stated] = await Promise.all([this.#ours(), this.#stated(said)]);
    // What the document states itself may be withdrawn by it.
    const here = said.filter(({ event }) => event.errorDeclaration === undefined).map((one) => ({ ...one, by: id }));
    for (const [index, { event, event_id, content }] of said.entries()) {
      const at = `eventList[${index}]`;
      if (event.errorDeclaration !== undefined) {
        const meant = [...stated, ...here].filter((one) =>
          event_id === null ? one.content === content : one.event_id === event_id,
        );
        if (meant.length > 0 && meant.every(({ by }) => by === id)) continue;
        return `${at}: ${name} declares an event an error that it did not state here; who stated it declares it`;
      }
      if (stated.some((one) => one.content === content && one.by !== id)) continue;
      const place = [event.readPoint, event.bizLocation].flatMap(placeIn).find(isOurs);
      if (place !== undefined) return `${at}: ${place} is ours, and what happens there is said here, not by ${name}`;
      const source = sourcesIn(event.sourceList).find(isOurs);
      if (source !== undefined)
        return `${at}: it comes from ${source}, which is us; that we give something is said here`;
    }
    return null;
  }

  /** What is said of goods in our hands, that which stops them first. @throws {UnavailableError} FACTS_WAITING */
  async questions(events: readonly ClaimedEvent[]): Promise<readonly HeldClaim[]> {
    const { contentOf, held } = this.#options;
    const said = events.map((event) => ({ event, event_id: null, content: contentOf(event) }));
    const known = new Set((await this.#stated(said)).map(({ content }) => content));
    // That an event was an error takes back what it said.
    return held.claims(
      said.flatMap(({ event, content }) => (known.has(content) || event.errorDeclaration !== undefined ? [] : [event])),
    );
  }

  async #ours(): Promise<(given: string) => boolean> {
    const [{ rows }, own] = await Promise.all([
      this.#options.database.query<{ id: string; gln: string | null }>('SELECT id, gln FROM own_places'),
      this.#options.gln(),
    ]);
    const ids = new Set(rows.map(({ id }) => id));
    const glns = new Set([own, ...rows.map(({ gln }) => gln)].filter((gln) => gln !== null));
    return (given) => ids.has(given) || glns.has(glnOf(given) ?? (isGln(given) ? given : ''));
  }

  async #stated(said: readonly { event_id: string | null; content: string }[]): Promise<readonly Stated[]> {
    const { rows } = await this.#options.database.query<Stated>(
      `SELECT event_id, content, by FROM stated_events WHERE event_id = ANY ($1::text[])
       UNION SELECT event_id, content, by FROM stated_events WHERE content = ANY ($2::text[])`,
      [said.flatMap(({ event_id }) => event_id ?? []), said.map(({ content }) => content)],
    );
    return rows;
  }
}

function textOf(given: unknown): string | null {
  return typeof given === 'string' ? given : null;
}

function placeIn(given: unknown): string[] {
  const id = typeof given === 'object' && given !== null && 'id' in given ? given.id : given;
  return typeof id === 'string' ? [id] : [];
}

function sourcesIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) =>
    typeof one === 'object' && one !== null && 'source' in one && typeof one.source === 'string' ? [one.source] : [],
  );
}
