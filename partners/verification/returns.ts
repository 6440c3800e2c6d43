import { randomUUID } from 'node:crypto';
import {
  type AuditTrail,
  bareAddress,
  InputError,
  type Origination,
  type Outgoing,
  type TimeSource,
} from '../../domain/index.ts';
import { afterOf, type Database, effectsOf, type Page, pageOf, timestamp } from '../../storage/index.ts';
import type { VerificationDirectory } from './directory.ts';
import type { PackIdentifier } from './message.ts';
import type { PackFinding, PackStates } from './pack-state.ts';
import { type Answered, type AnsweredData, askResponder } from './question.ts';

/** What came of a question: `asked` has no answer yet, or we were stopped before it came. */
export type ReturnOutcome = 'asked' | 'verified' | 'not verified' | 'unanswered';

/** A returned pack, and what its maker said of it. */
export interface ReturnVerification {
  readonly id: number;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly by: string;
  readonly batch: string | null;
  readonly pack: PackIdentifier;
  readonly corrUUID: string;
  readonly partner: string | null;
  readonly responder: string | null;
  readonly responderGLN: string | null;
  readonly outcome: ReturnOutcome;
  readonly data: AnsweredData | null;
  /** Why there is no answer, in one line. */
  readonly fault: string | null;
  readonly tookMs: number | null;
  /** What speaks against it here. */
  readonly findings: readonly PackFinding[];
}

export interface ReturnsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly directory: VerificationDirectory;
  /** GLN in whose name is asked; null: nobody has set it. */
  readonly gln: () => Promise<string | null>;
  readonly outgoing: Outgoing;
  readonly packs: PackStates;
  /** What is sent to a partner as `Authorization`. */
  readonly authorization: (partner: string) => Promise<string | null>;
  readonly time: TimeSource;
}

interface Row extends Omit<ReturnVerification, 'pack' | 'data'>, PackIdentifier {
  /** JSON as it was kept. */
  readonly data: AnsweredData | null;
}

const COLUMNS = `id, at, asked_by AS "by", batch, gtin, serial, lot, expiry, corr_uuid AS "corrUUID", partner, responder,
  responder_gln AS "responderGLN", outcome, data, fault, took_ms AS "tookMs", findings`;

/** Asks the makers of returned packs whether these are what they say, and keeps what they answer. */
export class Returns {
  readonly #options: ReturnsOptions;

  constructor(options: ReturnsOptions) {
    this.#options = options;
  }

  /**
   * Asks who answers for the product. The question is kept before it is sent: one that no answer came to is on record.
   * @param batch the delivery of returns it belongs to
   * @throws {InputError} ORGANISATION_GLN_MISSING
   */
  async verify(pack: PackIdentifier, batch: string | null, by: Origination): Promise<ReturnVerification> {
    const { audit, authorization, database, directory, gln, outgoing, packs, time } = this.#options;
    const requester = await gln();
    if (requester === null) {
      throw new InputError(
        'ORGANISATION_GLN_MISSING',
        'the organisation has no GLN to ask with; set it under Administration, Organisation',
      );
    }
    const at = time.now();
    const [found, states] = await Promise.all([directory.responderOf(pack.gtin), packs([pack], at)]);
    const isKnown = states[0]?.known != null;
    // That a pack of somebody else is not known here says nothing.
    const findings = isKnown ? (states[0]?.findings ?? []) : [];
    const responder = typeof found === 'string' ? null : found;
    // As it is kept and shown: a query may hide a key.
    const asked = responder === null ? null : bareAddress(responder.url);
    const corrUUID = randomUUID();
    const { rows } = await database.query<{ id: number }>(
      `INSERT INTO return_verifications (at, asked_by, batch, gtin, serial, lot, expiry, corr_uuid, partner, responder, outcome,
         findings)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'asked', $11) RETURNING id`,
      [
        ...[timestamp(at), by.actor.name, batch, pack.gtin, pack.serial, pack.lot, pack.expiry, corrUUID],
        ...[responder?.partner ?? null, asked, JSON.stringify(findings)],
      ],
    );
    const id = rows[0]?.id ?? 0;
    const began = time.monotonic();
    const answered: Answered =
      responder === null
        ? { responderGLN: null, data: null, fault: typeof found === 'string' ? found : '' }
        : await askResponder(
            {
              ...{ pack, corrUUID, requester, responder },
              authorization: responder.partner === null ? null : await authorization(responder.partner),
            },
            { outgoing, time },
          );
    const tookMs = responder === null ? null : Math.round(time.monotonic() - began);
    const { responderGLN, data, fault } = answered;
    const outcome = data === null ? 'unanswered' : data.verified ? 'verified' : 'not verified';
    await database.transaction(async (client) => {
      await client.query(
        `UPDATE return_verifications SET responder_gln = $2, outcome = $3, data = $4, fault = $5, took_ms = $6 WHERE id = $1`,
        [id, responderGLN, outcome, data === null ? null : JSON.stringify(data), fault, tookMs],
      );
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'return.verify', subject: `pack:${pack.gtin}.${pack.serial}` as const },
        new: { pack, corrUUID, responder: asked, responderGLN, outcome, data, fault },
      });
    });
    return {
      ...{ id, at, by: by.actor.name, batch, pack, corrUUID, outcome, data, fault, tookMs, findings, responderGLN },
      ...{ partner: responder?.partner ?? null, responder: asked },
    };
  }

  /** Latest first. @throws {InputError} CURSOR_INVALID */
  async list(query: { limit: number; cursor?: string | undefined; batch?: string | undefined }) {
    const { limit, batch = null } = query;
    const { rows } = await this.#options.database.query<Row>(
      `SELECT ${COLUMNS} FROM return_verifications
       WHERE ($1::bigint IS NULL OR id < $1) AND ($3::text IS NULL OR batch = $3) ORDER BY id DESC LIMIT $2`,
      [afterOf(query, ['bigint'])?.[0] ?? null, limit + 1, batch],
    );
    const page: Page<ReturnVerification> = pageOf(rows.map(verificationOf), limit, ({ id }) => [id]);
    return page;
  }

  /** How many of each outcome in a stretch of time, half-open, epoch ms UTC. */
  async outcomes(from: number, to: number): Promise<ReadonlyMap<ReturnOutcome, number>> {
    const { rows } = await this.#options.database.query<{ outcome: ReturnOutcome; n: number }>(
      `SELECT outcome, count(*) AS n FROM return_verifications WHERE at >= $1 AND at < $2 GROUP BY outcome`,
      [timestamp(from), timestamp(to)],
    );
    return new Map(rows.map(({ outcome, n }) => [outcome, n]));
  }
}

/**
 * Whether a returned pack may be sold again: its maker says that it is what it says and adds nothing that speaks against it,
 * and nothing that is known here does.
 */
export function isSaleable({
  outcome,
  data,
  findings,
}: Pick<ReturnVerification, 'outcome' | 'data' | 'findings'>): boolean {
  const info = data?.additionalInfo ?? null;
  // Of the words of release 1.3 this one alone is good news.
  const isPlain = info === null || info === 'ExpirationExtended';
  return outcome === 'verified' && isPlain && !findings.some(({ stops }) => stops);
}

function verificationOf({ gtin, serial, lot, expiry, ...row }: Row): ReturnVerification {
  return { ...row, pack: { gtin, serial, lot, expiry } };
}
