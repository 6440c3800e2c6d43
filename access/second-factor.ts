import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type pg from 'pg';
import {
  type AuditTrail,
  BY_PLATFORM,
  ConflictError,
  DefectError,
  InputError,
  type Origination,
  type TimeSource,
} from '../domain/index.ts';
import { type Database, type InstallationKey, timestamp } from '../storage/index.ts';
import { record } from './recorded.ts';
import type { Revocations } from './revocations.ts';
import { sha256 } from './secret.ts';

/** Whom a factor belongs to. */
export interface FactorOwner {
  readonly id: number;
  readonly name: string;
}

/** What a user has set up. */
export interface FactorState {
  /** Since when codes of an app are asked for, epoch ms UTC; null = they are not. */
  readonly appSince: number | null;
  /** Recovery codes that are left. */
  readonly recoveryCodes: number;
}

/** What became of a code that somebody showed. */
export type CodeVerdict =
  | { readonly isRight: true; readonly by: 'app' | 'recovery' }
  /** `waitMs`: too many were wrong; no code of the app is looked at before. */
  | { readonly isRight: false; readonly waitMs: number | null };

export interface SecondFactorsOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
  readonly revocations: Revocations;
  /** Seals the secrets of apps. Administration that only takes factors away needs none. */
  readonly key?: InstallationKey;
}

/** RFC 6238, and what every authenticator app knows. */
const STEP_S = 30;
const DIGITS = 6;
/** Steps before and after: RFC 6238, 5.2 recommends one for clocks that are a little off. */
const WINDOW = 1;
/** RFC 4226, 4, R6: 160 bits. */
const SECRET_BYTES = 20;
const CODES = 10;
const CODE_BYTES = 10;

/** Wrong codes in a row that cost nothing: people mistype, and clocks are off. */
const FREE_FAILURES = 10;
const WAIT_MS = 30_000;
/** NIST SP 800-63B, 3.2.2: no more in a row, ever; then a recovery code, a passkey or an administrator helps. */
const MOST_FAILURES = 100;

interface Row {
  readonly secret: string;
  readonly confirmedAt: number | null;
  readonly lastStep: number | null;
  readonly failures: number;
  readonly nextTryAt: number | null;
}

/** Second factors: codes of an authenticator app, each taken once, and ten recovery codes. */
export class SecondFactors {
  readonly #options: SecondFactorsOptions;
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor(options: SecondFactorsOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#time = options.time;
  }

  async stateOf(user: number): Promise<FactorState> {
    const { rows } = await this.#database.query<FactorState>(
      `SELECT (SELECT confirmed_at FROM user_factors WHERE user_id = $1) AS "appSince",
         (SELECT count(*)::integer FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL) AS "recoveryCodes"`,
      [user],
    );
    return rows[0] ?? { appSince: null, recoveryCodes: 0 };
  }

  /**
   * A secret for an authenticator app. Nothing is asked for before {@link confirm}; another call makes another secret.
   * @returns in base32, and as the URI that apps read from a QR code
   * @throws {ConflictError} SECOND_FACTOR_EXISTS
   */
  async begin(user: FactorOwner): Promise<{ secret: string; uri: string }> {
    const secret = new Secret({ size: SECRET_BYTES });
    const { rowCount } = await this.#database.query(
      `INSERT INTO user_factors (user_id, secret, created_at) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE SET secret = $2, created_at = $3, failures = 0, next_try_at = NULL, last_step = NULL
       WHERE user_factors.confirmed_at IS NULL`,
      [user.id, this.#key.seal(placeOf(user.id), secret.base32), timestamp(this.#time.now())],
    );
    if (rowCount === 0) {
      const message = 'an authenticator app is set up already; remove it first';
      throw new ConflictError('SECOND_FACTOR_EXISTS', message, { name: user.name });
    }
    return { secret: secret.base32, uri: totpOf(secret, user.name).toString() };
  }

  /**
   * From here on signing in takes a code. The session in which it was shown counts as signed in with it; all others of
   * the user end.
   * @returns the recovery codes, shown this once; null where the code is not the app's
   * @throws {InputError} SECOND_FACTOR_UNKNOWN: nothing was begun
   */
  async confirm(user: FactorOwner, code: string, session: number, by: Origination): Promise<string[] | null> {
    return this.#database.transaction(async (client) => {
      const row = await this.#locked(client, user.id);
      if (row === null) throw unknown(user);
      if (row.confirmedAt !== null) throw new ConflictError('SECOND_FACTOR_EXISTS', 'it is confirmed already');
      if ((await this.#judge(client, user, row, normalized(code))) !== 'right') return null;
      const now = timestamp(this.#time.now());
      await client.query('UPDATE user_factors SET confirmed_at = $2 WHERE user_id = $1', [user.id, now]);
      await client.query("UPDATE sessions SET method = 'password+code' WHERE id = $1 AND user_id = $2", [
        session,
        user.id,
      ]);
      const ended = await client.query<{ id: number }>(
        'DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING id',
        [user.id, session],
      );
      await this.#options.revocations.revoke(client, ...ended.rows.map(({ id }) => `session:${id}` as const));
      await record(this.#options, client, by, { action: 'factor.set-up', subject: `user:${user.name}` });
      return this.#freshCodes(client, user.id);
    });
  }

  /** Ten new recovery codes, shown this once; those from before are void. */
  async renewCodes(user: FactorOwner, by: Origination): Promise<string[]> {
    return this.#database.transaction(async (client) => {
      const row = await this.#locked(client, user.id);
      if (row === null || row.confirmedAt === null) throw unknown(user);
      await record(this.#options, client, by, { action: 'factor.recovery-codes', subject: `user:${user.name}` });
      return this.#freshCodes(client, user.id);
    });
  }

  /**
   * Whether this is a code of the app, or a recovery code; either is taken once.
   * @throws {UnavailableError} SECRET_SEALED: the installation has lost its key
   */
  async verify(user: FactorOwner, given: string, by: Origination = BY_PLATFORM): Promise<CodeVerdict> {
    const code = normalized(given);
    return this.#database.transaction(async (client): Promise<CodeVerdict> => {
      const row = await this.#locked(client, user.id);
      if (row === null || row.confirmedAt === null) return { isRight: false, waitMs: null };
      if (!/^\d{6}$/.test(code)) {
        const isRecovery = await this.#spendRecoveryCode(client, user, code, by);
        return isRecovery ? { isRight: true, by: 'recovery' } : { isRight: false, waitMs: null };
      }
      const now = this.#time.now();
      if (row.failures >= MOST_FAILURES) return { isRight: false, waitMs: Number.POSITIVE_INFINITY };
      if (row.nextTryAt !== null && row.nextTryAt > now) return { isRight: false, waitMs: row.nextTryAt - now };
      return (await this.#judge(client, user, row, code)) === 'right'
        ? { isRight: true, by: 'app' }
        : { isRight: false, waitMs: null };
    });
  }

  /** Codes are asked for no more. Nothing happens where none were. */
  async remove(user: FactorOwner, by: Origination): Promise<void> {
    await this.#database.transaction(async (client) => {
      await takeAway(client, user.id);
      await record(this.#options, client, by, { action: 'factor.remove', subject: `user:${user.name}` });
    });
  }

  /**
   * Everything beside the password is taken away, for somebody who has lost it; whoever is signed in as this user is out.
   * @throws {InputError} USER_UNKNOWN
   */
  async reset(name: string, by: Origination = BY_PLATFORM): Promise<void> {
    await this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ id: number }>('SELECT id FROM users WHERE name = $1 FOR UPDATE', [name]);
      const id = rows[0]?.id;
      if (id === undefined) throw new InputError('USER_UNKNOWN', `there is no user ${name}`, { name });
      await takeAway(client, id);
      await client.query('DELETE FROM passkeys WHERE user_id = $1', [id]);
      await client.query('DELETE FROM sessions WHERE user_id = $1', [id]);
      await this.#options.revocations.revoke(client, `user:${id}`);
      await record(this.#options, client, by, { action: 'factor.reset', subject: `user:${name}` });
    });
  }

  get #key(): InstallationKey {
    if (this.#options.key !== undefined) return this.#options.key;
    throw new DefectError('INSTALLATION_KEY_ABSENT', 'second factors need the key of the installation');
  }

  async #locked(client: pg.ClientBase, user: number): Promise<Row | null> {
    const { rows } = await client.query<Row>(
      `SELECT secret, confirmed_at AS "confirmedAt", last_step AS "lastStep", failures, next_try_at AS "nextTryAt"
       FROM user_factors WHERE user_id = $1 FOR UPDATE`,
      [user],
    );
    return rows[0] ?? null;
  }

  async #judge(client: pg.ClientBase, user: FactorOwner, row: Row, code: string): Promise<'right' | 'wrong'> {
    const secret = Secret.fromBase32(this.#key.open(placeOf(user.id), row.secret));
    const now = this.#time.now();
    const delta = totpOf(secret, user.name).validate({ token: code, timestamp: now, window: WINDOW });
    const step = delta === null ? null : Math.floor(now / (STEP_S * 1_000)) + delta;
    if (step !== null && (row.lastStep === null || step > Number(row.lastStep))) {
      await client.query(
        'UPDATE user_factors SET last_step = $2, failures = 0, next_try_at = NULL WHERE user_id = $1',
        [user.id, step],
      );
      return 'right';
    }
    const failures = row.failures + 1;
    await client.query('UPDATE user_factors SET failures = $2, next_try_at = $3 WHERE user_id = $1', [
      user.id,
      failures,
      failures < FREE_FAILURES ? null : timestamp(now + WAIT_MS),
    ]);
    return 'wrong';
  }

  async #spendRecoveryCode(client: pg.ClientBase, user: FactorOwner, code: string, by: Origination): Promise<boolean> {
    const { rowCount } = await client.query(
      'UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND sha256 = $2 AND used_at IS NULL',
      [user.id, sha256(code), timestamp(this.#time.now())],
    );
    if (rowCount === 0) return false;
    // Whoever has one may set the app up anew, and is let in by its next code.
    await client.query('UPDATE user_factors SET failures = 0, next_try_at = NULL WHERE user_id = $1', [user.id]);
    const { rows } = await client.query<{ left: number }>(
      'SELECT count(*)::integer AS left FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL',
      [user.id],
    );
    const left = rows[0]?.left ?? 0;
    await record(this.#options, client, by, { action: 'factor.recover', subject: `user:${user.name}`, new: { left } });
    return true;
  }

  async #freshCodes(client: pg.ClientBase, user: number): Promise<string[]> {
    const codes = Array.from({ length: CODES }, () => {
      const text = new Secret({ buffer: new Uint8Array(randomBytes(CODE_BYTES)).buffer }).base32;
      return text.match(/.{4}/g)?.join('-') ?? text;
    });
    await client.query('DELETE FROM recovery_codes WHERE user_id = $1', [user]);
    await client.query('INSERT INTO recovery_codes (user_id, sha256) SELECT $1, * FROM unnest($2::bytea[])', [
      user,
      codes.map((code) => sha256(normalized(code))),
    ]);
    return codes;
  }
}

async function takeAway(client: pg.ClientBase, user: number): Promise<void> {
  await client.query('DELETE FROM recovery_codes WHERE user_id = $1', [user]);
  await client.query('DELETE FROM user_factors WHERE user_id = $1', [user]);
}

function placeOf(user: number): string {
  return `user_factors.secret/${user}`;
}

function totpOf(secret: Secret, label: string): TOTP {
  return new TOTP({ issuer: 'Isotherm', label, secret, algorithm: 'SHA1', digits: DIGITS, period: STEP_S });
}

/** As people type it: with blanks and hyphens, in lower case, with full-width digits, with 0 and 1 for what base32 has not. */
function normalized(code: string): string {
  const plain = code
    .normalize('NFKC')
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase();
  return /^\d{6}$/.test(plain) ? plain : plain.replaceAll('0', 'O').replaceAll('1', 'I').replaceAll('8', 'B');
}

function unknown({ name }: FactorOwner): InputError {
  return new InputError('SECOND_FACTOR_UNKNOWN', 'no authenticator app was set up; begin with that', { name });
}
