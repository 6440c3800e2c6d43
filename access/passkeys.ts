import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  type VerifiedAuthenticationResponse,
  type VerifiedRegistrationResponse,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { type AuditTrail, InputError, type Origination, type TimeSource } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { record } from './recorded.ts';
import type { FactorOwner } from './second-factor.ts';
import { newSecret } from './secret.ts';
import type { User } from './users.ts';

/** Whom passkeys are made for: a host name, and the address that pages come from (WebAuthn, 4: Relying Party). */
export interface RelyingParty {
  /** `isotherm.example`; `localhost` on this machine. Never a network address. */
  readonly id: string;
  /** `https://isotherm.example` */
  readonly origin: string;
}

/** A passkey as its user sees it. Times are epoch ms UTC. */
export interface PasskeyRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /** It is kept in an account of a vendor, and outlives the device. */
  readonly isBackedUp: boolean;
}

/** Who alone may answer a challenge. */
export interface ChallengeHolder {
  /** `session:12`, or the hash of a cookie. */
  readonly holder: string;
  readonly address: string;
}

export interface PasskeysOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
}

/** As long as people take to find their key. */
const CHALLENGE_MS = 5 * 60_000;
/** Challenges that one network holds at once; the oldest give way. */
const MOST_OF_ADDRESS = 200;
const MOST_OF_USER = 20;

interface Kept {
  readonly id: string;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: string[];
  readonly userId: number;
}

/** Passkeys: registered, listed, renamed, removed, and signed in with. The authenticator always verifies the person. */
export class Passkeys {
  readonly #options: PasskeysOptions;
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor(options: PasskeysOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#time = options.time;
  }

  /** Those of a user, the newest first. */
  async of(user: number): Promise<PasskeyRecord[]> {
    const { rows } = await this.#database.query<PasskeyRecord>(
      `SELECT id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt", is_backed_up AS "isBackedUp"
       FROM passkeys WHERE user_id = $1 ORDER BY created_at DESC, id`,
      [user],
    );
    return rows;
  }

  /** What a browser makes a passkey from. @throws {InputError} PASSKEYS_TOO_MANY */
  async registration(
    user: FactorOwner,
    party: RelyingParty,
    holder: ChallengeHolder,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const known = await this.of(user.id);
    if (known.length >= MOST_OF_USER) {
      throw new InputError(
        'PASSKEYS_TOO_MANY',
        `you have ${known.length} passkeys, allowed: ${MOST_OF_USER}; remove one`,
      );
    }
    const { rows } = await this.#database.query<{ handle: string }>('SELECT handle FROM users WHERE id = $1', [
      user.id,
    ]);
    return generateRegistrationOptions({
      ...{ rpName: 'Isotherm', rpID: party.id, userName: user.name, userDisplayName: user.name },
      userID: Uint8Array.from(Buffer.from((rows[0]?.handle ?? '').replaceAll('-', ''), 'hex')),
      challenge: bytesOf(await this.#challenge(holder)),
      attestationType: 'none',
      excludeCredentials: known.map(({ id }) => ({ id })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      timeout: CHALLENGE_MS,
    });
  }

  /** @throws {InputError} PASSKEY_REFUSED, PASSKEY_CHALLENGE_VOID */
  async register(
    user: FactorOwner,
    party: RelyingParty,
    holder: ChallengeHolder,
    { name, response, by }: { readonly name: string; readonly response: unknown; readonly by: Origination },
  ): Promise<PasskeyRecord> {
    const given = response as RegistrationResponseJSON;
    const expectedChallenge = await this.#spent(holder, given.response.clientDataJSON);
    const verified = await refusing<VerifiedRegistrationResponse>(
      verifyRegistrationResponse({
        ...{ response: given, expectedChallenge, expectedOrigin: party.origin, expectedRPID: party.id },
        requireUserVerification: true,
      }),
    );
    if (!verified.verified) throw refused('it does not fit what was asked for');
    const { credential, credentialBackedUp } = verified.registrationInfo;
    return this.#database.transaction(async (client) => {
      const { rows } = await client.query<PasskeyRecord>(
        `INSERT INTO passkeys (id, user_id, name, public_key, counter, transports, is_backed_up, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
         RETURNING id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt", is_backed_up AS "isBackedUp"`,
        [
          ...[credential.id, user.id, name, Buffer.from(credential.publicKey), credential.counter],
          ...[credential.transports ?? [], credentialBackedUp, timestamp(this.#time.now())],
        ],
      );
      if (rows[0] === undefined) throw refused('it is registered already');
      const subject = `user:${user.name}` as const;
      await record(this.#options, client, by, {
        action: 'passkey.register',
        subject,
        new: { id: credential.id, name },
      });
      return rows[0];
    });
  }

  /** @throws {InputError} PASSKEY_UNKNOWN */
  async rename(user: FactorOwner, id: string, name: string, by: Origination): Promise<PasskeyRecord> {
    return this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ name: string }>(
        'SELECT name FROM passkeys WHERE id = $1 AND user_id = $2 FOR UPDATE',
        [id, user.id],
      );
      const before = rows[0];
      if (before === undefined) throw unknown(id);
      const { rows: after } = await client.query<PasskeyRecord>(
        `UPDATE passkeys SET name = $2 WHERE id = $1
         RETURNING id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt", is_backed_up AS "isBackedUp"`,
        [id, name],
      );
      if (after[0] === undefined) throw unknown(id);
      const subject = `user:${user.name}` as const;
      const names = { old: { id, name: before.name }, new: { id, name } };
      await record(this.#options, client, by, { action: 'passkey.rename', subject, ...names });
      return after[0];
    });
  }

  /** @throws {InputError} PASSKEY_UNKNOWN */
  async remove(user: FactorOwner, id: string, by: Origination): Promise<void> {
    await this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ name: string }>(
        'DELETE FROM passkeys WHERE id = $1 AND user_id = $2 RETURNING name',
        [id, user.id],
      );
      if (rows[0] === undefined) throw unknown(id);
      const subject = `user:${user.name}` as const;
      await record(this.#options, client, by, { action: 'passkey.remove', subject, old: { id, name: rows[0].name } });
    });
  }

  /** What a browser asks its passkeys with; which one answers is not known before. */
  async signIn(party: RelyingParty, holder: ChallengeHolder): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return generateAuthenticationOptions({
      ...{ rpID: party.id, userVerification: 'required', timeout: CHALLENGE_MS },
      challenge: bytesOf(await this.#challenge(holder)),
    });
  }

  /**
   * Whose passkey answered; null for one that nobody has, or whose user may not sign in.
   * @throws {InputError} PASSKEY_REFUSED, PASSKEY_CHALLENGE_VOID
   */
  async signedIn(party: RelyingParty, holder: ChallengeHolder, response: unknown): Promise<User | null> {
    const given = response as AuthenticationResponseJSON;
    const challenge = await this.#spent(holder, given.response.clientDataJSON);
    const userId = await this.verifyAssertion(party, challenge, given);
    if (userId === null) return null;
    const { rows } = await this.#database.query<User>(
      'SELECT id, name, role FROM users WHERE id = $1 AND disabled_at IS NULL',
      [userId],
    );
    return rows[0] ?? null;
  }

  /**
   * Whether a passkey has signed this very challenge, with the person verified; for signatures it is made of what is
   * signed. It is for the caller to see that a challenge is taken once.
   * @param challenge base64url
   * @returns the user whose passkey it is; null for one that nobody has
   * @throws {InputError} PASSKEY_REFUSED
   */
  async verifyAssertion(party: RelyingParty, challenge: string, response: unknown): Promise<number | null> {
    const given = response as AuthenticationResponseJSON;
    const { rows } = await this.#database.query<Kept>(
      'SELECT id, public_key AS "publicKey", counter, transports, user_id AS "userId" FROM passkeys WHERE id = $1',
      [given.id],
    );
    const kept = rows[0];
    if (kept === undefined) return null;
    const { id, counter, transports } = kept;
    const verified = await refusing<VerifiedAuthenticationResponse>(
      verifyAuthenticationResponse({
        ...{ response: given, expectedChallenge: challenge, expectedOrigin: party.origin, expectedRPID: party.id },
        credential: { id, publicKey: Uint8Array.from(kept.publicKey), counter: Number(counter), transports },
        requireUserVerification: true,
      }),
    );
    if (!verified.verified) throw refused('its signature is wrong');
    const { newCounter, credentialBackedUp } = verified.authenticationInfo;
    // Two answers at once cannot both carry the next number.
    const { rowCount } = await this.#database.query(
      `UPDATE passkeys SET counter = $2, last_used_at = $3, is_backed_up = $4
       WHERE id = $1 AND (counter < $2 OR $2 = 0 AND counter = 0)`,
      [id, newCounter, timestamp(this.#time.now()), credentialBackedUp],
    );
    if (rowCount === 0) throw refused('its counter has fallen back: there may be a copy of it');
    return kept.userId;
  }

  async #challenge({ holder, address }: ChallengeHolder): Promise<string> {
    const challenge = newSecret();
    const now = this.#time.now();
    await this.#database.query('DELETE FROM passkey_challenges WHERE expires_at <= $1', [timestamp(now)]);
    await this.#database.query(
      `DELETE FROM passkey_challenges WHERE challenge IN
         (SELECT challenge FROM passkey_challenges WHERE address = $1 ORDER BY expires_at DESC OFFSET $2)`,
      [address, MOST_OF_ADDRESS - 1],
    );
    await this.#database.query(
      'INSERT INTO passkey_challenges (challenge, holder, address, expires_at) VALUES ($1, $2, $3, $4)',
      [challenge, holder, address, timestamp(now + CHALLENGE_MS)],
    );
    return challenge;
  }

  /** The challenge that an answer says it answers, which is void from here on. @throws {InputError} PASSKEY_CHALLENGE_VOID */
  async #spent({ holder }: ChallengeHolder, clientDataJson: string): Promise<string> {
    const challenge = challengeIn(clientDataJson);
    const { rowCount } = await this.#database.query(
      'DELETE FROM passkey_challenges WHERE challenge = $1 AND holder = $2 AND expires_at > $3',
      [challenge, holder, timestamp(this.#time.now())],
    );
    if (rowCount === 1) return challenge;
    const message = 'what the passkey answered was not asked for here, was answered already, or is too old; try again';
    throw new InputError('PASSKEY_CHALLENGE_VOID', message);
  }
}

/** The text of a challenge as the bytes it stands for, so that it comes back as the same text. */
function bytesOf(challenge: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(challenge, 'base64url'));
}

function challengeIn(clientDataJson: string): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString('utf8')) as {
      challenge: unknown;
    };
    return typeof challenge === 'string' ? challenge : '';
  } catch {
    throw refused('its client data cannot be read');
  }
}

/** The library says what does not fit by throwing. */
async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function refused(why: string, cause?: unknown): InputError {
  return new InputError('PASSKEY_REFUSED', `the passkey was not taken: ${why}`, {}, cause);
}

function unknown(id: string): InputError {
  return new InputError('PASSKEY_UNKNOWN', `you have no passkey ${id}`, { id });
}
