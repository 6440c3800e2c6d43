import { createECDH, createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type AuditTrail,
  ConflictError,
  InputError,
  type Origination,
  type Outgoing,
  type TimeSource,
  UnavailableError,
} from '../../domain/index.ts';
import { type Database, effectsOf, type InstallationKey, timestamp } from '../../storage/index.ts';
import { type VapidKeys, vapidKeysOf } from './vapid.ts';

/** As a browser gives it: `PushSubscription.toJSON()` (W3C Push API). */
export interface PushAddress {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** A browser as its person sees it: without its address. */
export interface PushRecord {
  readonly id: string;
  /** Host of its push service. */
  readonly service: string;
  /** What it said of itself. */
  readonly browser: string;
  /** Epoch ms UTC. */
  readonly createdAt: number;
  /** When a message was last taken for it; null: never. */
  readonly toldAt: number | null;
}

/** A browser of somebody who is to be told. */
export interface ToldBrowser {
  readonly id: string;
  readonly person: string;
  readonly address: PushAddress;
}

export interface PushSubscriptionsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly key: InstallationKey;
  /** Judges where push services are: their addresses come from browsers. */
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
}

interface Person {
  readonly id: number;
  readonly name: string;
}

interface Kept {
  readonly id: string;
  readonly person: string;
  readonly sealed: string;
}

const addressSchema = z.object({ endpoint: z.string(), keys: z.object({ p256dh: z.string(), auth: z.string() }) });
/** A person's phone, tablet and desk, and some that were forgotten. */
const MOST_OF_PERSON = 10;
const MOST_AT_ONCE = 1_000;
const COLUMNS = 'id, service, browser, created_at AS "createdAt", told_at AS "toldAt"';

/** The browsers that people want to be told of alerts on. */
export class PushSubscriptions {
  readonly #options: PushSubscriptionsOptions;
  readonly vapid: VapidKeys;

  constructor(options: PushSubscriptionsOptions) {
    this.#options = options;
    this.vapid = vapidKeysOf(options.key);
  }

  /** Those of a person, the newest first. */
  async of(person: Person): Promise<readonly PushRecord[]> {
    const { rows } = await this.#options.database.query<PushRecord>(
      `SELECT ${COLUMNS} FROM push_subscriptions WHERE user_id = $1 ORDER BY created_at DESC, id`,
      [person.id],
    );
    return rows;
  }

  /**
   * A browser belongs to whoever asked last: it is one device, however many have signed in on it.
   * @throws {InputError} PUSH_SUBSCRIPTION_BAD, OUTGOING_FORBIDDEN
   * @throws {ConflictError} PUSH_SUBSCRIPTIONS_TOO_MANY
   */
  async add(person: Person, address: PushAddress, browser: string, by: Origination): Promise<PushRecord> {
    const { audit, database, key, outgoing, time } = this.#options;
    const service = outgoing.check(address.endpoint).host;
    requireKeys(address);
    const id = idOf(address);
    const { endpoint, keys } = address;
    const sealed = key.seal(placeOf(id), JSON.stringify({ endpoint, keys }));
    return database.transaction(async (client) => {
      await client.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [person.id]);
      const { rows: others } = await client.query<{ id: string }>(
        'SELECT id FROM push_subscriptions WHERE user_id = $1 AND id <> $2',
        [person.id, id],
      );
      if (others.length >= MOST_OF_PERSON) {
        const message = `you are told on ${others.length} browsers already, allowed: ${MOST_OF_PERSON}; remove one first`;
        throw new ConflictError('PUSH_SUBSCRIPTIONS_TOO_MANY', message);
      }
      const { rows } = await client.query<PushRecord>(
        `INSERT INTO push_subscriptions (id, user_id, service, browser, sealed, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, browser = excluded.browser, sealed = excluded.sealed,
           created_at = excluded.created_at, told_at = NULL
         RETURNING ${COLUMNS}`,
        [id, person.id, service, browser, sealed, timestamp(time.now())],
      );
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'push.subscribe', subject: `user:${person.name}` },
        new: { id, service, browser },
      });
      const [made] = rows;
      if (made === undefined) throw unknown(id);
      return made;
    });
  }

  /** @throws {InputError} PUSH_SUBSCRIPTION_UNKNOWN */
  async remove(person: Person, id: string, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const { rows } = await client.query<PushRecord>(
        `DELETE FROM push_subscriptions WHERE id = $1 AND user_id = $2 RETURNING ${COLUMNS}`,
        [id, person.id],
      );
      const [before] = rows;
      if (before === undefined) throw unknown(id);
      const { service, browser } = before;
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'push.unsubscribe', subject: `user:${person.name}` },
        old: { id, service, browser },
      });
    });
  }

  /**
   * Browsers of people who may sign in. One whose address cannot be opened any more is left out.
   * @param people names; empty: nobody in particular, so all who see every site
   */
  async told(people: readonly string[]): Promise<readonly ToldBrowser[]> {
    const { database, key } = this.#options;
    const { rows } = await database.query<Kept>(
      people.length === 0
        ? `SELECT s.id, u.name AS person, s.sealed FROM push_subscriptions s JOIN users u ON u.id = s.user_id
           WHERE u.disabled_at IS NULL AND u.sites IS NULL LIMIT $1`
        : `SELECT s.id, u.name AS person, s.sealed FROM push_subscriptions s JOIN users u ON u.id = s.user_id
           WHERE u.name = ANY($2) AND u.disabled_at IS NULL LIMIT $1`,
      people.length === 0 ? [MOST_AT_ONCE] : [MOST_AT_ONCE, people],
    );
    return rows.flatMap(({ id, person, sealed }) => {
      const address = openedBy(key, id, sealed);
      return address === null ? [] : [{ id, person, address }];
    });
  }

  /** Its push service has taken a message. */
  async wasTold(id: string): Promise<void> {
    const { database, time } = this.#options;
    await database.query('UPDATE push_subscriptions SET told_at = $2 WHERE id = $1', [id, timestamp(time.now())]);
  }

  /** Its push service knows it no more: the person has taken back the permission, or the browser is gone. */
  async isGone(id: string): Promise<void> {
    await this.#options.database.query('DELETE FROM push_subscriptions WHERE id = $1', [id]);
  }
}

function idOf({ endpoint }: PushAddress): string {
  return createHash('sha256').update(endpoint).digest('base64url');
}

function placeOf(id: string): string {
  return `push_subscriptions.sealed/${id}`;
}

function openedBy(key: InstallationKey, id: string, sealed: string): PushAddress | null {
  try {
    return addressSchema.parse(JSON.parse(key.open(placeOf(id), sealed)));
  } catch (error) {
    if (error instanceof UnavailableError) return null;
    throw error;
  }
}

/** What nothing can be encrypted for is refused now, not when an alert is to be told (RFC 8291, 3.1 and 3.2). */
function requireKeys({ keys: { p256dh, auth } }: PushAddress): void {
  if (Buffer.from(auth, 'base64url').length !== 16) throw bad('keys.auth', '16 bytes in base64url');
  try {
    const curve = createECDH('prime256v1');
    curve.generateKeys();
    curve.computeSecret(Buffer.from(p256dh, 'base64url'));
  } catch (cause) {
    throw bad('keys.p256dh', 'a point on P-256 in base64url', cause);
  }
}

function bad(path: string, allowed: string, cause?: unknown): InputError {
  const message = `${path}: allowed: ${allowed}, as the browser gives it`;
  return new InputError('PUSH_SUBSCRIPTION_BAD', message, { errors: [{ path, message }] }, cause);
}

function unknown(id: string): InputError {
  return new InputError('PUSH_SUBSCRIPTION_UNKNOWN', `none of your browsers is ${id}`, { id });
}
