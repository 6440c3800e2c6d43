import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Actor, AuditTrail, Origination, TimeSource } from '../domain/index.ts';
import type { Database } from './database.ts';
import { effectsOf } from './effects.ts';
import { timestamp } from './types.ts';

/** A link by which a customer sees one shipment. Times are epoch ms UTC. */
export interface ShipmentShare {
  readonly id: number;
  readonly shipment: string;
  readonly recipient: string;
  readonly contents: readonly string[];
  readonly madeBy: string;
  readonly madeAt: number;
  readonly endsAt: number;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
  readonly views: number;
  readonly viewedAt: number | null;
}

export interface NewShipmentShare extends Pick<ShipmentShare, 'shipment' | 'recipient' | 'contents' | 'endsAt'> {
  readonly madeBy: { readonly id: number; readonly name: string };
}

export interface ShipmentSharesOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
}

/** A page that is opened again from the same address within this time goes on with its visit. */
const VISIT_MS = 30 * 60_000;
const TOKEN_BYTES = 32;
const COLUMNS = `s.id, s.shipment, s.recipient, s.contents, u.name AS "madeBy", s.made_at AS "madeAt", s.ends_at AS "endsAt",
  s.revoked_at AS "revokedAt", s.revoked_by AS "revokedBy", s.views, s.viewed_at AS "viewedAt"`;
const FROM = 'FROM shipment_shares s JOIN users u ON u.id = s.made_by';

/** Links that were made, whom for, and how often they were looked at. */
export class ShipmentShares {
  readonly #options: ShipmentSharesOptions;

  constructor(options: ShipmentSharesOptions) {
    this.#options = options;
  }

  /** @returns the secret of the link, which is kept nowhere and shown once: 256 random bits */
  async make(share: NewShipmentShare, by: Origination): Promise<{ readonly id: number; readonly token: string }> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const { database, time } = this.#options;
    const { shipment, recipient, contents, endsAt, madeBy } = share;
    return database.transaction(async (client) => {
      const { rows } = await client.query<{ id: number }>(
        `INSERT INTO shipment_shares (token, shipment, recipient, contents, made_by, made_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
        [...[hashed(token), shipment, recipient, contents, madeBy.id], ...[timestamp(time.now()), timestamp(endsAt)]],
      );
      const id = rows[0]?.id ?? 0;
      const said = { share: id, recipient, contents: [...contents], endsAt: new Date(endsAt).toISOString() };
      await this.#record(client, by, { action: 'share.make', shipment, old: null, new: said });
      return { id, token };
    });
  }

  /** Latest first. */
  async of(shipment: string): Promise<readonly ShipmentShare[]> {
    const { rows } = await this.#options.database.query<ShipmentShare>(
      `SELECT ${COLUMNS} ${FROM} WHERE s.shipment = $1 ORDER BY s.id DESC`,
      [shipment],
    );
    return rows;
  }

  /** By the secret of its link, whatever became of it; null where it is none. */
  async find(token: string): Promise<ShipmentShare | null> {
    const { rows } = await this.#options.database.query<ShipmentShare>(`SELECT ${COLUMNS} ${FROM} WHERE s.token = $1`, [
      hashed(token),
    ]);
    return rows[0] ?? null;
  }

  /** @returns whether there was one to withdraw */
  async revoke(shipment: string, id: number, by: Origination): Promise<boolean> {
    const { database, time } = this.#options;
    return database.transaction(async (client) => {
      const { rows } = await client.query<{ recipient: string }>(
        `UPDATE shipment_shares SET revoked_at = $3, revoked_by = $4
         WHERE id = $1 AND shipment = $2 AND revoked_at IS NULL RETURNING recipient`,
        [id, shipment, timestamp(time.now()), by.actor.name],
      );
      const [row] = rows;
      if (row === undefined) return false;
      const said = { share: id, recipient: row.recipient };
      await this.#record(client, by, { action: 'share.revoke', shipment, old: said, new: null });
      return true;
    });
  }

  /** Another end, for a reason. @returns whether there is such a link that was not withdrawn */
  async extend(
    shipment: string,
    id: number,
    { endsAt, reason }: { readonly endsAt: number; readonly reason: string },
    by: Origination,
  ): Promise<boolean> {
    return this.#options.database.transaction(async (client) => {
      const { rows } = await client.query<{ endsAt: number }>(
        `SELECT ends_at AS "endsAt" FROM shipment_shares
         WHERE id = $1 AND shipment = $2 AND revoked_at IS NULL FOR UPDATE`,
        [id, shipment],
      );
      const [before] = rows;
      if (before === undefined) return false;
      await client.query('UPDATE shipment_shares SET ends_at = $2 WHERE id = $1', [id, timestamp(endsAt)]);
      const iso = (at: number) => new Date(at).toISOString();
      await this.#record(client, by, {
        ...{ action: 'share.extend', shipment, reason },
        ...{ old: { share: id, endsAt: iso(before.endsAt) }, new: { share: id, endsAt: iso(endsAt) } },
      });
      return true;
    });
  }

  /** A person opened the page: one entry a visit, however often the page asks. */
  async visit(
    { id, shipment, recipient }: ShipmentShare,
    from: { address: string; agent: string | null },
  ): Promise<void> {
    const { database, time } = this.#options;
    const now = time.now();
    const { address, agent } = from;
    await database.transaction(async (client) => {
      const { rowCount } = await client.query(
        `INSERT INTO shipment_share_visits AS known (share, address, at) VALUES ($1, $2, $3)
         ON CONFLICT (share, address) DO UPDATE SET at = excluded.at WHERE known.at < $4`,
        [id, address, timestamp(now), timestamp(now - VISIT_MS)],
      );
      if (rowCount === 0) return;
      await client.query('UPDATE shipment_shares SET views = views + 1, viewed_at = $2 WHERE id = $1', [
        id,
        timestamp(now),
      ]);
      const actor: Actor = { id: `share:${id}`, name: recipient, kind: 'credential' };
      const by: Origination = { actor, origin: { via: 'http', address } };
      await this.#record(client, by, { action: 'share.view', shipment, old: null, new: { share: id, agent } });
    });
  }

  async #record(
    client: pg.ClientBase,
    by: Origination,
    {
      shipment,
      ...said
    }: { action: string; shipment: string; reason?: string; old: object | null; new: object | null },
  ): Promise<void> {
    const { audit, time } = this.#options;
    const { old, new: fresh, ...rest } = said;
    await audit.add(effectsOf(client), {
      ...{ ...by, ...rest, at: time.now(), subject: `shipment:${shipment}` },
      ...{ old: old === null ? null : { ...old }, new: fresh === null ? null : { ...fresh } },
    });
  }
}

/** It is random enough that no slow hash is needed, and a lookup by it leaks nothing. */
function hashed(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
