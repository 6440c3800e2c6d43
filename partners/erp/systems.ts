import { createHash } from 'node:crypto';
import type pg from 'pg';
import {
  type AuditTrail,
  bareAddress,
  InputError,
  type Origination,
  type Outgoing,
  type TimeSource,
  WEBHOOK_SECRET,
} from '../../domain/index.ts';
import { type Database, effectsOf, type InstallationKey, timestamp } from '../../storage/index.ts';
import { parseSystemFile, type SystemFile } from './system-file.ts';

/** 1 to 32 of a-z 0-9 - */
export const SYSTEM_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** An ERP or WMS beside us. Times are epoch ms UTC. */
export interface System {
  readonly id: string;
  /** Its mapping file as it was written. */
  readonly mapping: string;
  readonly file: SystemFile;
  /** The beginning of the SHA-256 of what its webhook is signed with; null: not signed. */
  readonly secretPrint: string | null;
  readonly revision: number;
  readonly changedAt: number;
  readonly changedBy: string;
}

export interface SystemChange {
  readonly mapping: string;
  /** Absent: the one there is, as long as the address of the webhook stays; null: none any more. */
  readonly secret?: string | null | undefined;
}

export interface SystemsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly key: InstallationKey;
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
}

interface Row extends Omit<System, 'file'> {
  readonly secret: string | null;
}

const MOST = 100;
const COLUMNS = `id, mapping, webhook_secret AS secret, secret_print AS "secretPrint", revision,
  changed_at AS "changedAt", changed_by AS "changedBy"`;

/** The systems beside us and their mapping files. Secrets are sealed and never shown again. */
export class Systems {
  readonly #options: SystemsOptions;

  constructor(options: SystemsOptions) {
    this.#options = options;
  }

  /** By id. */
  async list(): Promise<readonly System[]> {
    const { rows } = await this.#options.database.query<Row>(
      `SELECT ${COLUMNS} FROM erp_systems ORDER BY id LIMIT $1`,
      [MOST],
    );
    return rows.map(systemOf);
  }

  /** @throws {InputError} SYSTEM_UNKNOWN */
  async get(id: string): Promise<System> {
    const row = await rowOf(this.#options.database.pool, id);
    if (row === null) throw unknown(id);
    return systemOf(row);
  }

  /** What messages to its webhook are signed with; null: they are not. @throws {UnavailableError} SECRET_SEALED */
  async secret(id: string): Promise<string | null> {
    const row = await rowOf(this.#options.database.pool, id);
    return row?.secret == null ? null : this.#options.key.open(placeOf(id), row.secret);
  }

  /**
   * Makes a system or replaces its mapping file. The secret of a webhook stays only while its address does: to another one it
   * was never agreed to be told.
   * @throws {InputError} SYSTEM_BAD, ERP_MAPPING_BAD, OUTGOING_FORBIDDEN
   */
  async put(id: string, { mapping, secret }: SystemChange, by: Origination): Promise<System> {
    const { audit, database, key, outgoing, time } = this.#options;
    if (!SYSTEM_ID.test(id)) throw bad(`id: ${JSON.stringify(id.slice(0, 60))} given; allowed: 1 to 32 of a-z 0-9 -`);
    const file = parseSystemFile(mapping, id);
    if (file.webhook !== null) outgoing.check(file.webhook);
    if (typeof secret === 'string' && !WEBHOOK_SECRET.test(secret)) {
      throw bad('secret: allowed: whsec_ and the key in base64, as Standard Webhooks writes it');
    }
    return database.transaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm erp systems'))");
      const before = await rowOf(client, id);
      if (before === null) await requireRoom(client);
      const stays = before !== null && systemOf(before).file.webhook === file.webhook;
      const sealed =
        secret === undefined ? (stays ? before.secret : null) : secret === null ? null : key.seal(placeOf(id), secret);
      const print =
        secret === undefined ? (stays ? before.secretPrint : null) : secret === null ? null : printOf(secret);
      await client.query(
        `INSERT INTO erp_systems AS s (id, mapping, webhook_secret, secret_print, changed_at, changed_by)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET mapping = excluded.mapping, webhook_secret = excluded.webhook_secret,
           secret_print = excluded.secret_print, changed_at = excluded.changed_at, changed_by = excluded.changed_by,
           revision = s.revision + 1`,
        [id, mapping, sealed, print, timestamp(time.now()), by.actor.name],
      );
      const after = await rowOf(client, id);
      if (after === null) throw unknown(id);
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'system.change', subject: `system:${id}` },
        ...{ old: before === null ? null : entryOf(before), new: entryOf(after) },
      });
      return systemOf(after);
    });
  }

  /** What came from it stays. @throws {InputError} SYSTEM_UNKNOWN */
  async remove(id: string, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const before = await rowOf(client, id);
      if (before === null) throw unknown(id);
      await client.query('DELETE FROM erp_systems WHERE id = $1', [id]);
      await client.query(
        `UPDATE erp_messages SET given_up_at = $2, last_error = 'the system was removed'
         WHERE system = $1 AND delivered_at IS NULL AND given_up_at IS NULL`,
        [id, timestamp(time.now())],
      );
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'system.remove', subject: `system:${id}`, old: entryOf(before) },
      });
    });
  }

  /** The control number of our next interchange to it. @throws {InputError} SYSTEM_UNKNOWN */
  async nextControl(id: string): Promise<number> {
    const { rows } = await this.#options.database.query<{ control: number }>(
      'UPDATE erp_systems SET last_control = last_control % 999999999 + 1 WHERE id = $1 RETURNING last_control AS control',
      [id],
    );
    const [row] = rows;
    if (row === undefined) throw unknown(id);
    return row.control;
  }
}

async function rowOf(client: pg.Pool | pg.ClientBase, id: string): Promise<Row | null> {
  const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM erp_systems WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

async function requireRoom(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM erp_systems');
  if ((rows[0]?.count ?? 0) >= MOST) throw bad(`${MOST} systems are kept; remove one first`);
}

function systemOf({ secret: _, ...row }: Row): System {
  return { ...row, file: parseSystemFile(row.mapping, row.id) };
}

/** For the audit trail: the text itself stays with its hash, secrets with their prints. */
function entryOf({ mapping, secretPrint, revision }: Row) {
  const { webhook } = parseSystemFile(mapping, 'mapping');
  const sha256 = createHash('sha256').update(mapping).digest('hex');
  return { mapping: sha256, webhook: webhook === null ? null : bareAddress(webhook), secret: secretPrint, revision };
}

function placeOf(id: string): string {
  return `erp_systems.webhook_secret/${id}`;
}

function printOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 8);
}

function unknown(id: string): InputError {
  return new InputError('SYSTEM_UNKNOWN', `there is no system ${id.slice(0, 60)}`, { system: id });
}

function bad(message: string): InputError {
  return new InputError('SYSTEM_BAD', message);
}
