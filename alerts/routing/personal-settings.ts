import { createHmac, randomInt } from 'node:crypto';
import type pg from 'pg';
import {
  type AuditTrail,
  ConflictError,
  InputError,
  type MessageLanguage,
  type Origination,
  type TimeSource,
} from '../../domain/index.ts';
import { type Database, effectsOf, type InstallationKey, timestamp } from '../../storage/index.ts';
import { ADDRESS_FORMS, type ChannelKind } from '../config.ts';
import type { WindowGiven } from './routing-file.ts';
import { ROUTING_CHANGED } from './routing-versions.ts';

/** What somebody set for themselves; null: as the routing says. */
export interface PersonalSettings {
  readonly language: MessageLanguage | null;
  readonly zone: string | null;
  /** As a routing writes it. */
  readonly quiet: readonly WindowGiven[] | null;
}

export interface PersonalAddress {
  readonly channel: string;
  /** At which they are told; null: none of their own yet. */
  readonly address: string | null;
  /** Whose code is awaited. */
  readonly wanted: string | null;
  /** Epoch ms UTC. */
  readonly codeExpiresAt: number | null;
}

/** How somebody is told by their own word, as the routing in force asks for it. */
export interface Personal extends PersonalSettings {
  readonly addresses: Readonly<Record<string, string>>;
}

export interface PersonalSettingsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly key: InstallationKey;
  readonly time: TimeSource;
  /** Sends a code by a channel to an address; the line in which it was refused, or null. */
  readonly sendCode: (code: SentCode) => Promise<string | null>;
}

export interface SentCode {
  readonly channel: string;
  readonly address: string;
  readonly code: string;
  readonly person: string;
  readonly language: MessageLanguage;
}

interface Person {
  readonly id: number;
  readonly name: string;
}

const CODE_LASTS_MS = 15 * 60_000;
const MOST_TRIES = 5;
/** A code costs money, and lands on the phone of whoever has the number. */
const MOST_SENT = 5;
const SENT_WINDOW_MS = 3_600_000;
const NOTHING: PersonalSettings = { language: null, zone: null, quiet: null };

/** How people are told by their own word. Each change is in force at once, in every process. */
export class PersonalSettingsBook {
  readonly #options: PersonalSettingsOptions;
  readonly #secret: Buffer;

  constructor(options: PersonalSettingsOptions) {
    this.#options = options;
    this.#secret = options.key.derived('address code', 32);
  }

  async of({ id }: Person): Promise<PersonalSettings> {
    const { rows } = await this.#options.database.query<PersonalSettings>(
      'SELECT language, zone, quiet FROM personal_settings WHERE user_id = $1',
      [id],
    );
    return rows[0] ?? NOTHING;
  }

  /** By channel. */
  async addressesOf({ id }: Person): Promise<readonly PersonalAddress[]> {
    const { rows } = await this.#options.database.query<PersonalAddress>(
      `SELECT channel, address, wanted, code_expires_at AS "codeExpiresAt" FROM personal_addresses
       WHERE user_id = $1 ORDER BY channel`,
      [id],
    );
    return rows;
  }

  async set(person: Person, { language, zone, quiet }: PersonalSettings, by: Origination): Promise<void> {
    const before = await this.of(person);
    await this.#change(person, by, 'notice.change', before, { language, zone, quiet }, (client) =>
      client.query(
        `INSERT INTO personal_settings (user_id, language, zone, quiet) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET language = excluded.language, zone = excluded.zone, quiet = excluded.quiet`,
        [person.id, language, zone, quiet === null ? null : JSON.stringify(quiet)],
      ),
    );
  }

  /**
   * Sends a code to a new address; nobody is told there before it is entered, and the one before goes on.
   * @returns the line in which the channel refused it; null: it is on its way
   * @throws {InputError} ADDRESS_BAD
   * @throws {ConflictError} CODES_TOO_MANY in an hour
   */
  async ask(person: Person, wanted: Omit<SentCode, 'code' | 'person'> & { kind: ChannelKind }, by: Origination) {
    const { database, time } = this.#options;
    const { channel, kind, address, language } = wanted;
    const form = ADDRESS_FORMS[kind];
    if (form === undefined || !form.pattern.test(address)) {
      throw new InputError(
        'ADDRESS_BAD',
        `address: given "${address}", allowed: ${form?.allowed ?? 'none for this channel'}`,
      );
    }
    await this.countSent(person);
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    await this.#change(person, by, 'notice.ask-address', null, { channel, address }, (client) =>
      client.query(
        `INSERT INTO personal_addresses (user_id, channel, wanted, code, code_expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id, channel) DO UPDATE SET wanted = excluded.wanted, code = excluded.code,
           code_expires_at = excluded.code_expires_at, tries = 0`,
        [
          ...[person.id, channel, address, this.#digest(person, channel, address, code)],
          timestamp(time.now() + CODE_LASTS_MS),
        ],
      ),
    );
    const refused = await this.#options.sendCode({ channel, address, code, person: person.name, language });
    if (refused === null) return null;
    await database.query(
      'UPDATE personal_addresses SET wanted = NULL, code = NULL, code_expires_at = NULL WHERE user_id = $1 AND channel = $2',
      [person.id, channel],
    );
    return refused;
  }

  /**
   * Takes the address whose code this is.
   * @throws {InputError} CODE_WRONG: another one, too late, or after five wrong ones
   */
  async verify(person: Person, channel: string, code: string, by: Origination): Promise<void> {
    const { database, time } = this.#options;
    const { rows } = await database.query<{ wanted: string; address: string | null }>(
      `UPDATE personal_addresses SET tries = tries + 1
       WHERE user_id = $1 AND channel = $2 AND wanted IS NOT NULL AND tries < $3 AND code_expires_at > $4
       RETURNING wanted, address`,
      [person.id, channel, MOST_TRIES, timestamp(time.now())],
    );
    const [tried] = rows;
    const wrong = new InputError('CODE_WRONG', 'the code is another one, or void; ask for a new one');
    if (tried === undefined) throw wrong;
    const digest = this.#digest(person, channel, tried.wanted, code.trim());
    const [old, fresh] = [
      { channel, address: tried.address },
      { channel, address: tried.wanted },
    ];
    await this.#change(person, by, 'notice.address', old, fresh, async (client) => {
      const { rowCount } = await client.query(
        `UPDATE personal_addresses SET address = wanted, verified_at = $4, wanted = NULL, code = NULL, code_expires_at = NULL
         WHERE user_id = $1 AND channel = $2 AND code = $3`,
        [person.id, channel, digest, timestamp(time.now())],
      );
      if (rowCount === 0) throw wrong;
    });
  }

  /** Told where the routing says again. */
  async remove(person: Person, channel: string, by: Origination): Promise<void> {
    const old = (await this.addressesOf(person)).find((one) => one.channel === channel);
    if (old === undefined) return;
    await this.#change(
      person,
      by,
      'notice.address',
      { channel, address: old.address },
      { channel, address: null },
      (client) =>
        client.query('DELETE FROM personal_addresses WHERE user_id = $1 AND channel = $2', [person.id, channel]),
    );
  }

  /** Counts what is sent to somebody at their own word. @throws {ConflictError} CODES_TOO_MANY */
  async countSent(person: Person): Promise<void> {
    const { database, time } = this.#options;
    const [now, since] = [timestamp(time.now()), timestamp(time.now() - SENT_WINDOW_MS)];
    const { rows } = await database.query<{ codes: number }>(
      `INSERT INTO personal_settings AS p (user_id, codes, codes_since) VALUES ($1, 1, $2)
       ON CONFLICT (user_id) DO UPDATE SET
         codes = CASE WHEN p.codes_since > $3 THEN p.codes + 1 ELSE 1 END,
         codes_since = CASE WHEN p.codes_since > $3 THEN p.codes_since ELSE $2 END
       RETURNING codes`,
      [person.id, now, since],
    );
    if ((rows[0]?.codes ?? 0) <= MOST_SENT) return;
    throw new ConflictError('CODES_TOO_MANY', `${MOST_SENT} codes and tests an hour are sent at most; try again later`);
  }

  async #change(
    person: Person,
    by: Origination,
    action: string,
    old: object | null,
    fresh: object,
    write: (client: pg.ClientBase) => Promise<unknown>,
  ): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      await write(client);
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action, subject: `user:${person.name}` },
        ...{ old: old === null ? null : { ...old }, new: { ...fresh } },
      });
      await client.query('SELECT pg_notify($1, $2)', [ROUTING_CHANGED, person.name]);
    });
  }

  #digest({ id }: Person, channel: string, address: string, code: string): Buffer {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([id, channel, address, code]))
      .digest();
  }
}

/** Of everybody who may sign in, by name. */
export async function personalSettings(database: Database): Promise<ReadonlyMap<string, Personal>> {
  const { rows } = await database.query<Personal & { name: string }>(
    `SELECT u.name, s.language, s.zone, s.quiet,
       coalesce((SELECT jsonb_object_agg(a.channel, a.address) FROM personal_addresses a
         WHERE a.user_id = u.id AND a.address IS NOT NULL), '{}') AS addresses
     FROM personal_settings s JOIN users u ON u.id = s.user_id WHERE u.disabled_at IS NULL`,
  );
  return new Map(rows.map(({ name, ...personal }) => [name, personal]));
}
