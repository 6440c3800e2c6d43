import { createHash, randomUUID } from 'node:crypto';
import { type AuditTrail, InputError, type Origination, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';

/** What a system is told by its webhook. Times are epoch ms UTC. */
export interface SystemMessage {
  readonly id: string;
  readonly system: string;
  readonly entry: string;
  readonly subject: string;
  readonly revision: number;
  readonly createdAt: number;
  readonly deliveredAt: number | null;
  readonly givenUpAt: number | null;
  readonly nextAttemptAt: number | null;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** One that is due. */
export interface DueMessage extends Pick<SystemMessage, 'id' | 'system' | 'entry' | 'attempts' | 'createdAt'> {
  readonly mediaType: string;
  readonly body: string;
}

export interface NewSystemMessage extends Pick<SystemMessage, 'system' | 'entry' | 'subject'> {
  /** What is said, whatever its form: equal for two messages that say the same. */
  readonly said: string;
  readonly mediaType: string;
  /** @param revision of what is said of this subject */
  readonly body: (revision: number) => string;
}

const COLUMNS = `id, system, entry, subject, revision, created_at AS "createdAt", delivered_at AS "deliveredAt",
  given_up_at AS "givenUpAt", attempts, last_error AS "lastError",
  CASE WHEN delivered_at IS NULL AND given_up_at IS NULL THEN next_attempt_at END AS "nextAttemptAt"`;
const MOST_SHOWN = 200;
/** Longer than an attempt takes. A process that died is followed up after it. */
const CLAIM_MS = 30_000;

/** Messages to systems: kept before they are sent, under one id, a later revision in place of an earlier one that waits. */
export class SystemMessages {
  readonly #options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource };

  constructor(options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource }) {
    this.#options = options;
  }

  /** Latest first. */
  async of(system: string): Promise<readonly SystemMessage[]> {
    const { rows } = await this.#options.database.query<SystemMessage>(
      `SELECT ${COLUMNS} FROM erp_messages WHERE system = $1 ORDER BY created_at DESC, id LIMIT $2`,
      [system, MOST_SHOWN],
    );
    return rows;
  }

  /** Keeps a message where there is something else to say of its subject; what waits of it is replaced. */
  async put({ system, entry, subject, said, mediaType, body }: NewSystemMessage): Promise<boolean> {
    const { database, time } = this.#options;
    const now = timestamp(time.now());
    const hash = createHash('sha256').update(said).digest('base64url');
    return database.transaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended('isotherm erp message ' || $1, 0))", [
        `${system}/${entry}/${subject}`,
      ]);
      const { rows } = await client.query<{ revision: number; hash: string }>(
        `SELECT revision, content_hash AS hash FROM erp_messages WHERE system = $1 AND entry = $2 AND subject = $3
         ORDER BY revision DESC LIMIT 1`,
        [system, entry, subject],
      );
      const [before] = rows;
      if (before?.hash === hash) return false;
      const revision = (before?.revision ?? 0) + 1;
      await client.query(
        `UPDATE erp_messages SET given_up_at = $4, last_error = 'a later revision replaced it'
         WHERE system = $1 AND entry = $2 AND subject = $3 AND delivered_at IS NULL AND given_up_at IS NULL`,
        [system, entry, subject, now],
      );
      await client.query(
        `INSERT INTO erp_messages (id, system, entry, subject, revision, content_hash, media_type, body, created_at, next_attempt_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
        [`msg_${randomUUID()}`, system, entry, subject, revision, hash, mediaType, body(revision), now],
      );
      return true;
    });
  }

  /** Takes what is due, for this process alone for a while. */
  async claim(most: number): Promise<readonly DueMessage[]> {
    const { database, time } = this.#options;
    const now = time.now();
    const { rows } = await database.query<DueMessage>(
      `UPDATE erp_messages m SET claimed_until = $2 FROM (
         SELECT id FROM erp_messages WHERE delivered_at IS NULL AND given_up_at IS NULL AND next_attempt_at <= $1
           AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED) due
       WHERE m.id = due.id
       RETURNING m.id, m.system, m.entry, m.attempts, m.created_at AS "createdAt", m.media_type AS "mediaType", m.body`,
      [timestamp(now), timestamp(now + CLAIM_MS), most],
    );
    return rows;
  }

  async delivered(id: string): Promise<void> {
    await this.#options.database.query(
      `UPDATE erp_messages SET delivered_at = $2, given_up_at = NULL, attempts = attempts + 1, last_error = NULL, claimed_until = NULL
       WHERE id = $1`,
      [id, timestamp(this.#options.time.now())],
    );
  }

  /** @param waitMs until the next attempt; null: it is given up */
  async failed(id: string, why: string, waitMs: number | null): Promise<void> {
    const now = this.#options.time.now();
    await this.#options.database.query(
      `UPDATE erp_messages SET attempts = attempts + 1, last_error = $2, claimed_until = NULL,
         next_attempt_at = coalesce($3, next_attempt_at), given_up_at = coalesce(given_up_at, $4) WHERE id = $1`,
      [
        id,
        why.slice(0, 500),
        waitMs === null ? null : timestamp(now + waitMs),
        waitMs === null ? timestamp(now) : null,
      ],
    );
  }

  /** @throws {InputError} SYSTEM_MESSAGE_UNKNOWN where no such one was given up */
  async again(system: string, id: string, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const { rowCount } = await client.query(
        `UPDATE erp_messages SET given_up_at = NULL, next_attempt_at = $3, created_at = $3 WHERE system = $1 AND id = $2
           AND given_up_at IS NOT NULL AND delivered_at IS NULL AND NOT EXISTS (SELECT FROM erp_messages later
             WHERE later.system = erp_messages.system AND later.entry = erp_messages.entry
               AND later.subject = erp_messages.subject AND later.revision > erp_messages.revision)`,
        [system, id, timestamp(time.now())],
      );
      if (rowCount === 0) {
        const message = `${system} was told no message ${id.slice(0, 60)} that was given up and not replaced`;
        throw new InputError('SYSTEM_MESSAGE_UNKNOWN', message);
      }
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'system.tell-again', subject: `system:${system}`, new: { message: id } },
      });
    });
  }
}
