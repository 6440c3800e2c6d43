import { randomBytes, randomUUID } from 'node:crypto';
import {
  type AuditTrail,
  bareAddress,
  ConflictError,
  InputError,
  type Origination,
  type Outgoing,
  type TimeSource,
  UnavailableError,
} from '../domain/index.ts';
import { type Database, effectsOf, type InstallationKey, timestamp } from '../storage/index.ts';
import { CHANNEL_ID, type Channel, type ChannelKind, channelSchema, type Route } from './config.ts';
import type { FindRecipients } from './delivery/recipients.ts';
import { senderOf } from './delivery/sender.ts';
import type { BrowserPush, Pushed } from './push/browser-push.ts';
import type { SentCode } from './routing/personal-settings.ts';

/** A channel as people see it: without its secret. */
export interface ChannelRecord {
  readonly id: string;
  readonly kind: ChannelKind;
  /** Of Slack and Microsoft Teams, whose address is the secret, the host alone. */
  readonly url: string;
  /** What its kind needs besides, such as who gets a mail. */
  readonly settings: ChannelSettings;
  /** Whether it is told of alerts. */
  readonly isTold: boolean;
  /** In the configuration file: it is changed there. */
  readonly isConfigured: boolean;
}

/** A channel of the database with what is needed to send. */
export interface KeptChannel {
  readonly channel: Channel;
  /** Another one after each change. */
  readonly version: string;
}

/** What a kind needs besides address and secret, and what is no secret. */
export type ChannelSettings = Readonly<Record<string, unknown>>;

export interface ChannelChange {
  /** A channel stays of its kind. */
  readonly kind?: ChannelKind | undefined;
  /** Absent: the one there is, or that of the kind. */
  readonly url?: string | undefined;
  readonly isTold: boolean;
  /** Absent: the one there is, or for a new webhook a random one. */
  readonly secret?: string | undefined;
  /** Absent: those there are. */
  readonly settings?: ChannelSettings | undefined;
}

export interface ChannelsOptions {
  readonly audit: AuditTrail;
  readonly configured: { readonly channels: readonly Channel[]; readonly route: Route | null };
  readonly database: Database;
  readonly key: InstallationKey;
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
  /** The channels that the routing in force names, each with where it does. Default: none. */
  readonly named?: () => ReadonlyMap<string, string>;
  /** To whom a test for a person goes. Default: to the addresses of the channel. */
  readonly recipients?: FindRecipients;
  /** Tells people in their browsers. */
  readonly push?: Pick<BrowserPush, 'send'>;
}

interface Row {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly url: string;
  readonly secret: string;
  readonly settings: ChannelSettings;
  readonly is_told: boolean;
  readonly version: number;
}

/** NOTIFY channel: a channel was made, changed or removed. */
export const CHANNELS_CHANGED = 'isotherm_channels';

/** Each takes a connection to the database of its own. */
const MOST = 16;
const SECRET_BYTES = 24;

/** Where alerts are sent: the channels of the configuration, and those that people made. */
export class Channels {
  readonly #options: ChannelsOptions;

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  /** By id; those of the configuration first. */
  async list(): Promise<readonly ChannelRecord[]> {
    const { channels, route } = this.#options.configured;
    const own = channels.map((channel) => ({
      ...{ id: channel.id, kind: channel.kind, url: shownUrl(channel), settings: settingsOf(channel) },
      ...{ isTold: route?.channel === channel.id, isConfigured: true },
    }));
    const kept = (await this.#rows()).map(({ id, kind, url, settings, is_told }) => ({
      ...{ id, kind, url, settings },
      ...{ isTold: is_told, isConfigured: false },
    }));
    return [...own, ...kept];
  }

  /** Those of the database. One whose secret cannot be opened any more is left out: its messages wait. */
  async kept(): Promise<readonly KeptChannel[]> {
    return (await this.#rows()).flatMap((row) => {
      const channel = this.#opened(row);
      return channel === null ? [] : [{ channel, version: `${row.version} ${row.url}` }];
    });
  }

  /**
   * Makes a channel, or changes it: what is not given stays as it is.
   * @returns the channel, and the secret where it was made just now: it is shown this once
   * @throws {InputError} CHANNEL_BAD, OUTGOING_FORBIDDEN
   * @throws {ConflictError} CHANNEL_CONFIGURED, CHANNELS_TOO_MANY, CHANNEL_KIND_FIXED
   */
  async put(
    id: string,
    change: ChannelChange,
    who: Origination,
  ): Promise<{ readonly secret: string | null; readonly channel: ChannelRecord }> {
    const { audit, database, key, time } = this.#options;
    if (!CHANNEL_ID.test(id)) throw new InputError('CHANNEL_BAD', `id: given "${id}", allowed: 1 to 64 of a-z 0-9 -`);
    this.#requireOwn(id);
    return database.transaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm channels'))");
      const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM channels WHERE id = $1`, [id]);
      const [before] = rows;
      if (before === undefined) {
        const { rowCount } = await client.query('SELECT FROM (SELECT id FROM channels ORDER BY id LIMIT $1) AS kept', [
          MOST,
        ]);
        if (rowCount === MOST) {
          throw new ConflictError('CHANNELS_TOO_MANY', `there are ${MOST} channels already; remove one first`);
        }
      }
      const kind = change.kind ?? before?.kind ?? 'webhook';
      if (before !== undefined && before.kind !== kind) {
        throw new ConflictError('CHANNEL_KIND_FIXED', `${id} is of the kind ${before.kind}; remove it first`, { id });
      }
      const fresh = kind === 'webhook' && before === undefined && change.secret === undefined ? newSecret() : null;
      const channel = checked(id, kind, { ...change, secret: change.secret ?? fresh ?? undefined }, () =>
        before === undefined ? null : this.#open(before),
      );
      this.#judge(channel);
      const [url, settings] = [shownUrl(channel), settingsOf(channel)];
      const sealed = key.seal(placeOf(id), secretOf(channel));
      await client.query(
        `INSERT INTO channels AS c (id, kind, url, secret, settings, is_told, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, settings = excluded.settings,
           is_told = excluded.is_told, version = c.version + 1`,
        [id, kind, url, sealed, settings, change.isTold, timestamp(time.now()), who.actor.name],
      );
      await audit.add(effectsOf(client), {
        ...{ ...who, at: time.now(), action: 'channel.change', subject: `channel:${id}` },
        old: before === undefined ? null : entryOf(before),
        new: {
          ...entryOf({ kind, url, settings, is_told: change.isTold }),
          hasNewSecret: (change.secret ?? fresh) !== null,
        },
      });
      await client.query('SELECT pg_notify($1, $2)', [CHANNELS_CHANGED, id]);
      const record = { id, kind, url, settings, isTold: change.isTold, isConfigured: false };
      return { secret: fresh, channel: record };
    });
  }

  /**
   * What it was to be told and was not is given up after three days.
   * @throws {InputError} CHANNEL_UNKNOWN
   * @throws {ConflictError} CHANNEL_CONFIGURED, CHANNEL_NAMED by the routing in force: somebody would no longer be told
   */
  async remove(id: string, who: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    this.#requireOwn(id);
    const where = this.#options.named?.().get(id);
    if (where !== undefined) {
      throw new ConflictError('CHANNEL_NAMED', `${id}: the routing names it (${where}); change the routing first`, {
        id,
        where,
      });
    }
    await database.transaction(async (client) => {
      const { rows } = await client.query<Row>(`DELETE FROM channels WHERE id = $1 RETURNING ${COLUMNS}`, [id]);
      const [before] = rows;
      if (before === undefined) throw unknown(id);
      await audit.add(effectsOf(client), {
        ...{ ...who, at: time.now(), action: 'channel.remove', subject: `channel:${id}` },
        old: entryOf(before),
      });
      await client.query('SELECT pg_notify($1, $2)', [CHANNELS_CHANGED, id]);
    });
  }

  /**
   * Sends a real, signed message that says it is a test: to a person's own address where one is named and has one.
   * @param browser the one browser of theirs that is tried, of a channel of the kind push
   * @returns what the receiver answered, in a line; null where it took it
   * @throws {InputError} CHANNEL_UNKNOWN @throws {UnavailableError} SECRET_SEALED
   */
  async test(
    id: string,
    who: Origination,
    person: string | null = null,
    browser: string | null = null,
  ): Promise<string | null> {
    const { audit, configured, database, outgoing, push, recipients, time } = this.#options;
    const own = configured.channels.find((channel) => channel.id === id);
    const channel = own ?? (await this.#withSecret(id));
    const one =
      browser === null || push === undefined ? push : { send: (pushed: Pushed) => push.send({ ...pushed, browser }) };
    const sender = senderOf(channel, {
      ...{ time, links: NO_LINKS, recipients, push: one },
      outgoing: own === undefined ? outgoing : null,
    });
    // A test of nobody's address would wake everybody who has a browser: whoever tries it is told.
    const whom = person ?? (channel.kind === 'push' ? who.actor.name : null);
    const notice = whom === null ? {} : { notice: { step: 'test', people: [whom] } };
    const timestamped = new Date(time.now()).toISOString();
    const body = JSON.stringify({ type: 'channel.test', timestamp: timestamped, data: { channel: id, ...notice } });
    const failure = await sender.send({ event: `test_${randomUUID()}`, body }, new AbortController().signal).then(
      (note) => note,
      (error: Error) => error.message,
    );
    await database.transaction(async (client) => {
      await audit.add(effectsOf(client), {
        ...{ ...who, at: time.now(), action: 'channel.test', subject: `channel:${id}` },
        new: { failure, ...(person !== null && { person }) },
      });
    });
    return failure;
  }

  /**
   * Sends a code to an address that somebody says is theirs.
   * @returns what the receiver answered, in a line; null where it took it
   * @throws {InputError} CHANNEL_UNKNOWN @throws {UnavailableError} SECRET_SEALED
   */
  async sendCode({ channel: id, address, code, person, language }: SentCode): Promise<string | null> {
    const { configured, outgoing, time } = this.#options;
    const own = configured.channels.find((channel) => channel.id === id);
    const channel = own ?? (await this.#withSecret(id));
    const whom = { people: [person], own: [address], whose: new Map(), isShared: false };
    const sender = senderOf(channel, {
      ...{ time, links: NO_LINKS, outgoing: own === undefined ? outgoing : null },
      recipients: async () => ({ ...whom, wording: { language, zone: 'UTC' } }),
    });
    const timestamped = new Date(time.now()).toISOString();
    const body = JSON.stringify({ type: 'address.code', timestamp: timestamped, data: { channel: id, code } });
    return sender.send({ event: `code_${randomUUID()}`, body }, new AbortController().signal).then(
      (note) => note,
      (error: Error) => error.message,
    );
  }

  async #withSecret(id: string): Promise<Channel> {
    const { rows } = await this.#options.database.query<Row>(`SELECT ${COLUMNS} FROM channels WHERE id = $1`, [id]);
    const [row] = rows;
    if (row === undefined) throw unknown(id);
    return this.#open(row);
  }

  async #rows(): Promise<readonly Row[]> {
    const { rows } = await this.#options.database.query<Row>(`SELECT ${COLUMNS} FROM channels ORDER BY id`);
    return rows;
  }

  #opened(row: Row): Channel | null {
    try {
      return this.#open(row);
    } catch (error) {
      if (error instanceof UnavailableError) return null;
      throw error;
    }
  }

  /** @throws {UnavailableError} SECRET_SEALED */
  #open({ id, kind, url, secret, settings }: Row): Channel {
    const opened = this.#options.key.open(placeOf(id), secret);
    return channelSchema.parse({
      id,
      kind,
      ...settings,
      ...(isSecretAddress(kind) ? { url: opened } : { url, ...(kind !== 'push' && { secret: opened }) }),
    });
  }

  /** @throws {InputError} OUTGOING_FORBIDDEN */
  #judge({ kind, url }: Channel): void {
    const { outgoing } = this.#options;
    // Its push services are judged one by one, when a browser asks and when it is told.
    if (kind === 'push') return;
    if (kind !== 'email') {
      outgoing.check(kind === 'http' ? url.replace(/\{\{\s*\w+\s*\}\}/g, 'x') : url);
      return;
    }
    outgoing.check(`http://${new URL(url).host}/`);
  }

  #requireOwn(id: string): void {
    if (!this.#options.configured.channels.some((channel) => channel.id === id)) return;
    throw new ConflictError('CHANNEL_CONFIGURED', `${id} stands in the configuration file; it is changed there`, {
      id,
    });
  }
}

function placeOf(id: string): string {
  return `channels.secret/${id}`;
}

/** A test is of no alert. */
const NO_LINKS = () => ({ page: '', acknowledge: null });

const COLUMNS = 'id, kind, url, secret, settings, is_told, version';

/**
 * @param before the channel as it is, with its secret; null: it is new
 * @throws {InputError} CHANNEL_BAD, with the fields that are wrong
 */
function checked(id: string, kind: ChannelKind, change: ChannelChange, before: () => Channel | null): Channel {
  const kept = before();
  // An address that is shown without its secret part comes back as it was shown.
  const isShown = kept !== null && change.url === shownUrl(kept);
  const url = change.url === undefined || isShown ? kept?.url : change.url;
  const secret =
    change.secret ?? (kept === null || isSecretAddress(kind) || kind === 'push' ? undefined : secretOf(kept));
  const given = {
    ...{ id, kind, ...(change.settings ?? (kept === null ? {} : settingsOf(kept))) },
    ...(url !== undefined && { url }),
    ...(secret !== undefined && { secret }),
  };
  const result = channelSchema.safeParse(given);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const [first] = errors;
  throw new InputError('CHANNEL_BAD', `${first?.path || 'channel'}: ${first?.message ?? 'not as expected'}`, {
    errors,
  });
}

/** Who has the address of such a receiver may post there: it is the secret. */
function isSecretAddress(kind: ChannelKind): boolean {
  return kind === 'slack' || kind === 'teams';
}

function shownUrl({ kind, url }: Channel): string {
  return isSecretAddress(kind) ? new URL(url).origin : url;
}

function secretOf(channel: Channel): string {
  return 'secret' in channel ? channel.secret : channel.url;
}

function settingsOf({ id: _id, kind: _kind, url: _url, ...rest }: Channel): ChannelSettings {
  const { secret: _, ...settings } = { secret: '', ...rest };
  return settings;
}

/** As the audit trail keeps it. */
function entryOf({ kind, url, settings, is_told }: Pick<Row, 'kind' | 'url' | 'settings' | 'is_told'>) {
  return { kind, url: bareAddress(url), settings, isTold: is_told };
}

/** As Standard Webhooks writes it. */
function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

function unknown(id: string): InputError {
  return new InputError('CHANNEL_UNKNOWN', `there is no channel ${id}`, { id });
}

/** Ids of the channels that people made, on the page or by the API. */
export async function madeChannels(database: Database): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>('SELECT id FROM channels ORDER BY id');
  return rows.map(({ id }) => id);
}
