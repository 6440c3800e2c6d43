import type { MessageLanguage } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { type OutboxBody, PLAIN_WORDING, type Wording } from '../message/message.ts';
import type { Person, RoutingPlan } from '../routing/routing.ts';

/** To whom a message goes by a channel, and in whose words. */
export interface Recipients {
  /** Whom it tells, by name; empty: nobody in particular. */
  readonly people: readonly string[];
  /** Addresses of their own of those whom it tells. */
  readonly own: readonly string[];
  /** Whose an address is. */
  readonly whose: ReadonlyMap<string, string>;
  /** Whether it goes to the addresses of the channel, too: it is for nobody in particular, or for somebody without one. */
  readonly isShared: boolean;
  readonly wording: Wording;
}

export type FindRecipients = (channel: string, body: OutboxBody) => Promise<Recipients>;

/** Nobody in particular: the addresses of the channel, English, UTC. */
export const SHARED: Recipients = { people: [], own: [], whose: new Map(), isShared: true, wording: PLAIN_WORDING };

/** Asked when a message is sent: somebody who has moved is told where they are now. */
export class RecipientBook {
  readonly #database: Database;
  readonly #plan: () => RoutingPlan | null;
  readonly #zone: () => Promise<string>;

  /** @param options `zone` is the installation's, for messages to several people of several zones, and to nobody in particular */
  constructor(options: {
    readonly database: Database;
    readonly plan: () => RoutingPlan | null;
    readonly zone: () => Promise<string>;
  }) {
    this.#database = options.database;
    this.#plan = options.plan;
    this.#zone = options.zone;
  }

  readonly of: FindRecipients = async (channel, body) => {
    const told = await this.#toldBy(channel, body);
    const known = this.#plan()?.people;
    const people = told.map((id) => known?.get(id));
    const addresses = people.map((person) => person?.addresses[channel]);
    const whose = new Map<string, string>();
    for (const [index, address] of addresses.entries()) {
      const [person, other] = [told[index] ?? '', address === undefined ? undefined : whose.get(address)];
      if (address !== undefined) whose.set(address, other === undefined ? person : `${other} or ${person}`);
    }
    return {
      people: told,
      whose,
      own: [...new Set(addresses.filter((address) => address !== undefined))],
      isShared: addresses.length === 0 || addresses.includes(undefined),
      wording: {
        ...(await this.#wordingFor(people.filter((person) => person !== undefined))),
        siteZone: await this.#siteZone(body),
      },
    };
  };

  /** What became of an alert is for whoever was told of it by this channel. */
  async #toldBy(channel: string, { data }: OutboxBody): Promise<readonly string[]> {
    if (data.notice !== undefined) return data.notice.people;
    if (data.silence !== undefined) return [data.silence.author];
    if (data.alert === undefined) return [];
    const { rows } = await this.#database.query<{ person: string }>(
      `SELECT DISTINCT n.person FROM alert_notices n JOIN alerts a ON a.number = n.alert
       WHERE a.id = $1 AND n.channel = $2 AND n.told_at IS NOT NULL AND n.person IS NOT NULL`,
      [data.alert.id, channel],
    );
    return rows.map(({ person }) => person);
  }

  /** Of the sites it is about, where all have the same. */
  async #siteZone({ data: { alert, group } }: OutboxBody): Promise<string | undefined> {
    const site = group?.by.site;
    if (alert === undefined && site === undefined) return undefined;
    const { rows } = await this.#database.query<{ zone: string }>(
      alert === undefined
        ? 'SELECT zone FROM places WHERE id = $1'
        : `SELECT DISTINCT p.zone FROM alerts a JOIN routed_alerts r ON r.alert = a.number
           JOIN places p ON p.id = ANY(r.sites) WHERE a.id = $1`,
      [alert?.id ?? site],
    );
    return rows.length === 1 ? rows[0]?.zone : undefined;
  }

  /** What all of them share; else English, and the installation's zone. */
  async #wordingFor(people: readonly Person[]): Promise<Wording> {
    const languages = new Set<MessageLanguage>(people.map(({ language }) => language));
    const zones = new Set(people.map(({ zone }) => zone));
    const [language = PLAIN_WORDING.language] = languages.size === 1 ? languages : [];
    const [zone = await this.#zone()] = zones.size === 1 ? zones : [];
    return { language, zone };
  }
}
