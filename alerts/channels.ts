import { randomBytes, randomUUID } from 'node:crypto';
import {
  type AuditTrail,
  ConflictError,
  InputError,
  type Origination,
  type Outgoing,
  type TimeSource,
  UnavailableError,
} from '../domain/index.ts';
import { type Database, effectsOf, type InstallationKey, timestamp } from '../storage/index.ts';
import { CHANNEL_ID, type Channel, type Route } from './config.ts';
import { webhookSender } from './delivery/webhook.ts';

/** A channel as people see it: without its secret. */
export interface ChannelRecord {
  readonly id: string;
  readonly url: string;
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

export interface ChannelChange {
  readonly url: string;
  readonly isTold: boolean;
  /** Absent: the one there is, or for a new channel a random one. */
  readonly secret?: string | undefined;
}

export interface ChannelsOptions {
  readonly audit: AuditTrail;
  readonly configured: { readonly channels: readonly Channel[]; readonly route: Route | null };
  readonly database: Database;
  readonly key: InstallationKey;
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
}

interface Row {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
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
    const own = channels.map(({ id, url }) => ({ id, url, isTold: route?.channel === id, isConfigured: true }));
    const kept = (await this.#rows()).map(({ id, url, is_told }) => ({
      id,
      url,
      isTold: is_told,
      isConfigured: false,
    }));
    return [...own, ...kept];
  }

  /** Those of the database. One whose secret cannot be opened any more is left out: its messages wait. */
  async kept(): Promise<readonly KeptChannel[]> {
    return (await this.#rows()).flatMap(({ id, url, secret, version }) => {
      const opened = this.#opened(id, secret);
      return opened === null
        ? []
        : [{ channel: { id, kind: 'webhook', url, secret: opened }, version: `${version} ${url}` }];
    });
  }

  /**
   * Makes a channel, or changes it.
   * @returns the secret where it was made just now: it is shown this once
   * @throws {InputError} CHANNEL_BAD, OUTGOING_FORBIDDEN @throws {ConflictError} CHANNEL_CONFIGURED, CHANNELS_TOO_MANY
   */
  async put(id: string, change: ChannelChange, who: Origination): Promise<{ readonly secret: string | null }> {
    const { audit, database, key, outgoing, time } = this.#options;
    if (!CHANNEL_ID.test(id)) throw new InputError('CHANNEL_BAD', `id: given "${id}", allowed: 1 to 64 of a-z 0-9 -`);
    this.#requireOwn(id);
    outgoing.check(change.url);
    return database.transaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm channels'))");
      const { rows } = await client.query<Row>('SELECT id, url, secret, is_told, version FROM channels WHERE id = $1', [
        id,
      ]);
      const [before] = rows;
      if (before === undefined) {
        const { rowCount } = await client.query('SELECT FROM (SELECT id FROM channels ORDER BY id LIMIT $1) AS kept', [
          MOST,
        ]);
        if (rowCount === MOST) {
          throw new ConflictError('CHANNELS_TOO_MANY', `there are ${MOST} channels already; remove one first`);
        }
      }
      const fresh = before === undefined && change.secret === undefined ? newSecret() : null;
      const secret = change.secret ?? fresh;
      const sealed = secret === null ? (before?.secret ?? '') : key.seal(placeOf(id), secret);
      await client.query(
        `INSERT INTO channels AS c (id, url, secret, is_told, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, is_told = excluded.is_told,
           version = c.version + 1`,
        [id, change.url, sealed, change.isTold, timestamp(time.now()), who.actor.name],
      );
      await audit.add(effectsOf(client), {
        ...{ ...who, at: time.now(), action: 'channel.change', subject: `channel:${id}` },
        old: before === undefined ? null : { url: withoutQuery(before.url), isTold: before.is_told },
        new: { url: withoutQuery(change.url), isTold: change.isTold, hasNewSecret: secret !== null },
      });
      await client.query('SELECT pg_notify($1, $2)', [CHANNELS_CHANGED, id]);
      return { secret: fresh };
    });
  }

  /** What it was to be told and was not is given up after three days. @throws {InputError} CHANNEL_UNKNOWN @throws {ConflictError} CHANNEL_CONFIGURED */
  async remove(id: string, who: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    this.#requireOwn(id);
    await database.transaction(async (client) => {
      const { rows } = await client.query<Row>('DELETE FROM channels WHERE id = $1 RETURNING url, is_told', [id]);
      const [before] = rows;
      if (before === undefined) throw unknown(id);
      await audit.add(effectsOf(client), {
        ...{ ...who, at: time.now(), action: 'channel.remove', subject: `channel:${id}` },
        old: { url: withoutQuery(before.url), isTold: before.is_told },
      });
      await client.query('SELECT pg_notify($1, $2)', [CHANNELS_CHANGED, id]);
    });
  }

  /**
   * Sends a real, signed message that says it is a test.
   * @returns what the receiver answered, in a line; null where it took it
   * @throws {InputError} CHANNEL_UNKNOWN @throws {UnavailableError} SECRET_SEALED
   */
  async test(id: string, who: Origination): Promise<string | null> {
    const { audit, configured, database, outgoing, time } = this.#options;
    const own = configured.channels.find((channel) => channel.id === id);
    const channel = own ?? (await this.#withSecret(id));
    const sender = webhookSender(channel, time, own === undefined ? outgoing : null);
    const timestamped = new Date(time.now()).toISOString();
    const body = JSON.stringify({ type: 'channel.test', timestamp: timestamped, data: { channel: id } });
    const failure = await sender.send({ event: `test_${randomUUID()}`, body }, new AbortController().signal).then(
      () => null,
      (error: Error) => error.message,
    );
    await database.transaction(async (client) => {
      await audit.add(effectsOf(client), {
        ...{ ...who, at: time.now(), action: 'channel.test', subject: `channel:${id}` },
        new: { failure },
      });
    });
    return failure;
  }

  async #withSecret(id: string): Promise<Channel> {
    const { rows } = await this.#options.database.query<Row>('SELECT url, secret FROM channels WHERE id = $1', [id]);
    const [row] = rows;
    if (row === undefined) throw unknown(id);
    return { id, kind: 'webhook', url: row.url, secret: this.#options.key.open(placeOf(id), row.secret) };
  }

  async #rows(): Promise<readonly Row[]> {
    const { rows } = await this.#options.database.query<Row>(
      'SELECT id, url, secret, is_told, version FROM channels ORDER BY id',
    );
    return rows;
  }

  #opened(id: string, sealed: string): string | null {
    try {
      return this.#options.key.open(placeOf(id), sealed);
    } catch (error) {
      if (error instanceof UnavailableError) return null;
      throw error;
    }
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

/** A token of the receiver may stand in the query: it is not for the audit trail, which nobody can change. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
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
