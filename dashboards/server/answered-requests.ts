import { createHash } from 'node:crypto';
import { ConflictError, type Effects, InputError, type KeyedAct, type TimeSource } from '../../domain/index.ts';
import { clientOf, type Database, timestamp } from '../../storage/index.ts';

/** How long a screen may be away and still send the same again. */
const KEPT_MS = 30 * 86_400_000;
const KEY = /^[\x21-\x7e]{1,128}$/;

export interface KeyedRequest {
  /** `user:3`, `token:7`. */
  readonly who: string;
  readonly key: string;
  /** `POST /api/v1/passes/pass-7/reconciliation/settle` */
  readonly door: string;
  readonly payload: Uint8Array;
}

export interface KeptAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly location?: string;
}

/**
 * Applies a request with an `Idempotency-Key` once, and answers the same again to whoever repeats it. A refusal is not kept:
 * it changed nothing, and may be tried again (draft-ietf-httpapi-idempotency-key-header-07, 2.6). What applies it
 * marks what it makes: it is made once even where this process is killed before it has answered, and an attempt that was cut off
 * needs not be waited for (docs/decisions/0161, 0206).
 */
export class AnsweredRequests {
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor({ database, time }: { readonly database: Database; readonly time: TimeSource }) {
    this.#database = database;
    this.#time = time;
  }

  /**
   * @throws {InputError} IDEMPOTENCY_KEY_BAD, IDEMPOTENCY_KEY_REUSED the key was that of another request
   * @throws {ConflictError} REQUEST_UNDER_WAY the same request is being applied just now
   */
  async once(request: KeyedRequest, apply: (act: KeyedAct) => Promise<KeptAnswer>): Promise<KeptAnswer> {
    const { who, key } = request;
    if (!KEY.test(key)) {
      throw new InputError(
        'IDEMPOTENCY_KEY_BAD',
        'Idempotency-Key: expected 1 to 128 visible ASCII characters, such as a UUID',
      );
    }
    const { kept, made } = await this.#begin(request);
    if (kept !== null) return kept;
    try {
      const answer = await apply({ made, mark: (effects, what) => this.#mark(effects, request, what) });
      await this.#database.query(
        'UPDATE answered_requests SET status = $3, answer = $4, location = $5 WHERE who = $1 AND key = $2',
        [who, key, answer.status, JSON.stringify(answer.body), answer.location ?? null],
      );
      return answer;
    } catch (error) {
      const { rowCount } = await this.#database.query(
        'DELETE FROM answered_requests WHERE who = $1 AND key = $2 AND status IS NULL AND made IS NULL',
        [who, key],
      );
      // Refused because another attempt was first: that is no refusal of this request.
      if (rowCount === 0 && made === null && error instanceof ConflictError) throw underWay(key);
      throw error;
    }
  }

  /** Of two attempts that are under way the second waits here for the first, and is told so once that is through. */
  async #mark(effects: Effects, { who, key }: KeyedRequest, made: string): Promise<void> {
    const { rowCount } = await clientOf(effects).query(
      'UPDATE answered_requests SET made = $3 WHERE who = $1 AND key = $2 AND made IS NULL',
      [who, key, made],
    );
    if (rowCount === 0) throw underWay(key);
  }

  /** @returns the answer that was given before; null where the request is to be applied now, with what was made of it */
  async #begin({
    who,
    key,
    door,
    payload,
  }: KeyedRequest): Promise<{ readonly kept: KeptAnswer | null; readonly made: string | null }> {
    const now = this.#time.now();
    const sha256 = createHash('sha256').update(payload).digest();
    await this.#database.query('DELETE FROM answered_requests WHERE began_at < $1', [timestamp(now - KEPT_MS)]);
    const { rows: begun } = await this.#database.query<{ made: string | null }>(
      `INSERT INTO answered_requests AS a (who, key, door, sha256, began_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (who, key) DO UPDATE SET began_at = excluded.began_at
         WHERE a.status IS NULL AND a.door = excluded.door AND a.sha256 = excluded.sha256
       RETURNING made`,
      [who, key, door, sha256, timestamp(now)],
    );
    if (begun[0] !== undefined) return { kept: null, made: begun[0].made };
    const { rows } = await this.#database.query<KeptRow>(
      'SELECT door, sha256, status, answer, location FROM answered_requests WHERE who = $1 AND key = $2',
      [who, key],
    );
    const [kept] = rows;
    if (kept !== undefined && (kept.door !== door || !sha256.equals(kept.sha256))) {
      throw new InputError(
        'IDEMPOTENCY_KEY_REUSED',
        `Idempotency-Key ${key} was that of another request; a new request needs a new key`,
        { key },
      );
    }
    if (kept === undefined || kept.status === null) throw underWay(key);
    const { status, answer, location } = kept;
    return { kept: { status, body: answer, ...(location !== null && { location }) }, made: null };
  }
}

function underWay(key: string): ConflictError {
  const message = 'the same request is being applied just now; ask again in a moment';
  return new ConflictError('REQUEST_UNDER_WAY', message, { key });
}

interface KeptRow {
  readonly door: string;
  readonly sha256: Buffer;
  readonly status: number | null;
  readonly answer: unknown;
  readonly location: string | null;
}
