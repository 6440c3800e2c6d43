import { createHash, randomBytes } from 'node:crypto';
import type { Actor, AuditTrail, Origination, TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { exceptionId } from './exception.ts';

/** A link by which a partner sees and answers one exception without an account. Times are epoch ms UTC. */
export interface ExceptionLink {
  readonly id: number;
  readonly exception: number;
  readonly recipient: string;
  readonly madeAt: number;
  readonly madeBy: string;
  readonly endsAt: number;
  readonly revokedAt: number | null;
  readonly viewedAt: number | null;
  readonly views: number;
}

/** A page that is opened again within this time goes on with its visit. */
const VISIT_MS = 30 * 60_000;
const TOKEN_BYTES = 32;
const COLUMNS = `id, exception, recipient, made_at AS "madeAt", made_by AS "madeBy", ends_at AS "endsAt",
  revoked_at AS "revokedAt", viewed_at AS "viewedAt", views`;

/** Links to exceptions: made, shown once, withdrawn, and each visit in the audit trail. */
export class ExceptionLinks {
  readonly #options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource };

  constructor(options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource }) {
    this.#options = options;
  }

  /** @returns the secret of the link, which is kept nowhere: 256 random bits */
  async make(
    exception: number,
    { recipient, endsAt }: { readonly recipient: string; readonly endsAt: number },
    by: Origination,
  ): Promise<{ readonly link: ExceptionLink; readonly token: string }> {
    const { database, time } = this.#options;
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    return database.transaction(async (client) => {
      const { rows } = await client.query<ExceptionLink>(
        `INSERT INTO exception_links (token, exception, recipient, made_at, made_by, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
        [hashed(token), exception, recipient, timestamp(time.now()), by.actor.name, timestamp(endsAt)],
      );
      const link = rows[0] as ExceptionLink;
      const said = { link: link.id, recipient, endsAt: new Date(endsAt).toISOString() };
      await this.#record(client, exception, by, 'exception.share', said);
      return { link, token };
    });
  }

  /** Latest first. */
  async of(exception: number): Promise<readonly ExceptionLink[]> {
    const { rows } = await this.#options.database.query<ExceptionLink>(
      `SELECT ${COLUMNS} FROM exception_links WHERE exception = $1 ORDER BY id DESC`,
      [exception],
    );
    return rows;
  }

  /** One that holds now; null: it leads nowhere. */
  async find(token: string): Promise<ExceptionLink | null> {
    const { rows } = await this.#options.database.query<ExceptionLink>(
      `SELECT ${COLUMNS} FROM exception_links WHERE token = $1 AND revoked_at IS NULL AND ends_at > $2`,
      [hashed(token), timestamp(this.#options.time.now())],
    );
    return rows[0] ?? null;
  }

  /** @returns whether there was one to withdraw */
  async revoke(exception: number, id: number, by: Origination): Promise<boolean> {
    const { database, time } = this.#options;
    return database.transaction(async (client) => {
      const { rowCount } = await client.query(
        `UPDATE exception_links SET revoked_at = $3, revoked_by = $4
         WHERE id = $1 AND exception = $2 AND revoked_at IS NULL`,
        [id, exception, timestamp(time.now()), by.actor.name],
      );
      if (rowCount === 0) return false;
      await this.#record(client, exception, by, 'exception.unshare', { link: id });
      return true;
    });
  }

  /** Somebody has the page of the link before them: one entry a visit. */
  async visit(link: ExceptionLink, address: string): Promise<void> {
    const { database, time } = this.#options;
    const now = time.now();
    await database.transaction(async (client) => {
      const { rowCount } = await client.query(
        `UPDATE exception_links SET viewed_at = $2, views = views + 1
         WHERE id = $1 AND (viewed_at IS NULL OR viewed_at < $3)`,
        [link.id, timestamp(now), timestamp(now - VISIT_MS)],
      );
      if (rowCount === 0) return;
      await this.#record(client, link.exception, originationOfLink(link, address), 'exception.view', { link: link.id });
    });
  }

  async #record(
    client: Parameters<typeof effectsOf>[0],
    exception: number,
    by: Origination,
    action: string,
    said: object,
  ): Promise<void> {
    const { audit, time } = this.#options;
    const subject = `exception:${exceptionId(exception)}` as const;
    await audit.add(effectsOf(client), { ...by, at: time.now(), action, subject, new: said });
  }
}

/** Who has a link, for the audit trail. */
export function originationOfLink({ id, recipient }: ExceptionLink, address: string): Origination {
  const actor: Actor = { id: `exception-link:${id}`, name: recipient, kind: 'credential' };
  return { actor, origin: { via: 'http', address } };
}

/** It is random enough that no slow hash is needed, and a lookup by it leaks nothing. */
function hashed(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
