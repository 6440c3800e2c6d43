import type { Actor, Effects, GuidelineVersion, VerificationData } from '../../domain/index.ts';
import { afterOf, type Database, effectsOf, type Page, pageOf, timestamp } from '../../storage/index.ts';
import type { PackIdentifier } from './message.ts';

/** An ATP credential: who holds it and who vouches for him, as DIDs. */
export interface PresentedCredential {
  readonly holder: string;
  readonly issuer: string;
}

/** Who asks, as the door let him in. */
export interface VerificationAsker {
  readonly actor: Actor;
  /** From where. */
  readonly address: string | null;
  /** What he presented, where it held; null: nothing. */
  readonly credential: PresentedCredential | null;
}

/** Written with what was told, in its transaction: the entries of the audit trail. */
export type Also = (effects: Effects, answered: readonly NewAnswered[]) => Promise<unknown>;

/** What somebody was told of a pack. */
export interface NewAnswered {
  /** Epoch ms UTC. */
  readonly at: number;
  readonly asker: VerificationAsker;
  /** GLN that the request names. */
  readonly requester: string;
  readonly corrUUID: string;
  readonly version: GuidelineVersion;
  readonly pack: PackIdentifier;
  /** Of HTTP: 200, or 404 for a product that is none of ours. */
  readonly status: number;
  readonly data: VerificationData | null;
  /** What was known and not told in so many words. */
  readonly findings: readonly { readonly finding: string; readonly reason: string }[];
}

export interface AnsweredVerification extends Omit<NewAnswered, 'asker'> {
  readonly credential: PresentedCredential | null;
  readonly id: number;
  readonly by: string;
}

/** Everything must match; what is absent matches all. */
export interface AnsweredVerificationsQuery {
  readonly requester?: string | undefined;
  readonly gtin?: string | undefined;
  readonly serial?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface Row {
  readonly id: number;
  readonly at: number;
  readonly asked_by: string;
  readonly requester: string;
  readonly corr_uuid: string;
  readonly version: GuidelineVersion;
  readonly gtin: string;
  readonly serial: string;
  readonly lot: string;
  readonly expiry: string;
  readonly status: number;
  readonly data: VerificationData | null;
  readonly findings: NewAnswered['findings'];
  readonly credential: PresentedCredential | null;
}

/** What other companies asked and were told. Nothing deletes it: DSCSA asks for six years (FD&C Act 582(c)(4)(A)(ii)). */
export class AnsweredVerifications {
  readonly #database: Database;
  readonly #also: Also;

  constructor({ database, also }: { readonly database: Database; readonly also: Also }) {
    this.#database = database;
    this.#also = also;
  }

  async keep(answered: readonly NewAnswered[]): Promise<void> {
    const rows = answered.map(({ at, asker, corrUUID, pack, data, ...one }) => ({
      ...{
        ...one,
        ...pack,
        at: timestamp(at),
        asked_by: asker.actor.name,
        credential: asker.credential,
        corr_uuid: corrUUID,
      },
      data,
    }));
    await this.#database.transaction(async (client) => {
      await client.query(
        `INSERT INTO verification_answers (at, asked_by, requester, corr_uuid, version, gtin, serial, lot, expiry, status,
           data, findings, credential)
         SELECT at, asked_by, requester, corr_uuid, version, gtin, serial, lot, expiry, status, data, findings, credential
         FROM json_populate_recordset(NULL::verification_answers, $1)`,
        [JSON.stringify(rows)],
      );
      await this.#also(effectsOf(client), answered);
    });
  }

  /** Latest first. @throws {InputError} CURSOR_INVALID */
  async list(query: AnsweredVerificationsQuery): Promise<Page<AnsweredVerification>> {
    const { limit, requester = null, gtin = null, serial = null } = query;
    const { rows } = await this.#database.query<Row>(
      `SELECT id, at, asked_by, requester, corr_uuid, version, gtin, serial, lot, expiry,
         status, data, findings, credential
       FROM verification_answers WHERE ($1::bigint IS NULL OR id < $1) AND ($3::text IS NULL OR requester = $3)
         AND ($4::text IS NULL OR gtin = $4) AND ($5::text IS NULL OR serial = $5)
       ORDER BY id DESC LIMIT $2`,
      [afterOf(query, ['bigint'])?.[0] ?? null, limit + 1, requester, gtin, serial],
    );
    return pageOf(rows.map(answeredOf), limit, ({ id }) => [id]);
  }
}

function answeredOf({ id, at, asked_by: by, corr_uuid: corrUUID, ...row }: Row): AnsweredVerification {
  const { gtin, serial, lot, expiry, ...rest } = row;
  return { ...rest, id, at, by, corrUUID, pack: { gtin, serial, lot, expiry } };
}
