import { createHash, randomBytes } from 'node:crypto';
import type { TimeSource } from '../../domain/index.ts';
import { type Database, timestamp } from '../../storage/index.ts';
import type { ProviderProof } from './signature.ts';

/** The sign-in is the signature: what is left to do is to send it. */
const UNTIL_MS = 5 * 60_000;

/** A sign-in at a provider, made in a session to sign one record. */
export interface FreshSignIn {
  readonly session: number;
  readonly userId: number;
  /** SHA-256 of the record, hex. */
  readonly recordHash: string;
  readonly proof: ProviderProof;
}

interface Row {
  readonly userId: number;
  readonly recordHash: string;
  readonly issuer: string;
  readonly subject: string;
  readonly authAt: number;
  readonly nonce: string;
  readonly salt: string;
}

/** Fresh sign-ins at a provider that wait to sign: each one record, in one session, once. */
export class FreshSignIns {
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor({ database, time }: { readonly database: Database; readonly time: TimeSource }) {
    this.#database = database;
    this.#time = time;
  }

  /** @returns the ticket, which is kept nowhere else */
  async keep({ session, userId, recordHash, proof }: FreshSignIn): Promise<string> {
    const now = this.#time.now();
    const ticket = randomBytes(32).toString('base64url');
    await this.#database.query('DELETE FROM fresh_sign_ins WHERE expires_at <= $1', [timestamp(now)]);
    await this.#database.query(
      `INSERT INTO fresh_sign_ins (ticket_sha256, session, user_id, record_hash, issuer, subject, auth_at, nonce, salt, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        ...[hashOf(ticket), session, userId, recordHash, proof.issuer, proof.subject, proof.authAt, proof.nonce],
        ...[proof.salt, timestamp(now + UNTIL_MS)],
      ],
    );
    return ticket;
  }

  /** What a ticket signs, which signs nothing after this; null: not of this session, taken already, or too old. */
  async taken(session: number, ticket: string): Promise<FreshSignIn | null> {
    const { rows } = await this.#database.query<Row>(
      `DELETE FROM fresh_sign_ins WHERE ticket_sha256 = $1 AND session = $2 AND expires_at > $3
       RETURNING user_id AS "userId", record_hash AS "recordHash", issuer, subject, auth_at AS "authAt", nonce, salt`,
      [hashOf(ticket), session, timestamp(this.#time.now())],
    );
    const [row] = rows;
    if (row === undefined) return null;
    const { userId, recordHash, ...proof } = row;
    return { session, userId, recordHash, proof };
  }
}

function hashOf(ticket: string): Buffer {
  return createHash('sha256').update(ticket, 'utf8').digest();
}
