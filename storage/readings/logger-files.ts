import { ConflictError, type Effects, InputError, type LoggerFileAnswer } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { clientOf } from '../effects.ts';
import { afterOf, type Page, pageOf } from '../page.ts';
import { timestamp } from '../types.ts';

/** A file that was taken, as it is kept beside its bytes in the archive. */
export interface KeptLoggerFile {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly device: string;
  readonly zone: string;
  readonly twice: 'first' | 'second' | null;
  readonly name: string;
  readonly shipment: string | null;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly by: string;
  readonly answer: LoggerFileAnswer;
}

export interface LoggerFilesQuery {
  readonly device?: string;
  readonly shipment?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** How a file is read that does not say it itself, under a name. */
export interface KeptMapping {
  readonly name: string;
  readonly mapping: unknown;
  readonly at: number;
  readonly by: string;
}

type Row = Omit<KeptLoggerFile, 'sha256'> & { readonly id: number; readonly sha256: Buffer };

const COLUMNS = 'id, sha256, device, zone, twice, name, shipment, at, by, answer';
/** Mappings are made by hand. */
const MOST_MAPPINGS = 500;

/** Files of loggers that were taken in, and the mappings they were read by. */
export class LoggerFileStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** What was taken of these bytes for this device, the latest first. */
  async of(sha256: string, device: string): Promise<readonly KeptLoggerFile[]> {
    const { rows } = await this.#database.query<Row>(
      `SELECT ${COLUMNS} FROM logger_files WHERE sha256 = decode($1, 'hex') AND device = $2 ORDER BY id DESC`,
      [sha256, device],
    );
    return rows.map(kept);
  }

  /** Of these devices those that nobody has registered, and of which no reading has ever come. */
  async unknownAmong(devices: readonly string[]): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ name: string }>(
      `SELECT name FROM unnest($1::text[]) AS asked (name)
       WHERE NOT EXISTS (SELECT FROM devices WHERE devices.name = asked.name)
         AND NOT EXISTS (SELECT FROM facts WHERE subject = 'device:' || asked.name AND type = 'device')`,
      [devices],
    );
    return rows.map(({ name }) => name);
  }

  /** @throws {ConflictError} LOGGER_FILE_TAKEN somebody was first, a moment ago */
  async keep(effects: Effects, file: KeptLoggerFile): Promise<void> {
    const { sha256, device, zone, twice, name, shipment, at, by, answer } = file;
    const { rowCount } = await clientOf(effects).query(
      `INSERT INTO logger_files (sha256, device, zone, twice, name, shipment, at, by, answer)
       VALUES (decode($1, 'hex'), $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
      [sha256, device, zone, twice, name, shipment, timestamp(at), by, JSON.stringify(answer)],
    );
    if (rowCount === 0)
      throw new ConflictError('LOGGER_FILE_TAKEN', 'the same file was taken a moment ago', { device });
  }

  /** Newest first. @throws {InputError} CURSOR_INVALID */
  async list({ device, shipment, limit, cursor }: LoggerFilesQuery): Promise<Page<KeptLoggerFile>> {
    const after = afterOf({ cursor }, ['time', 'bigint']);
    const { rows } = await this.#database.query<Row>(
      `SELECT ${COLUMNS} FROM logger_files
       WHERE ($1::text IS NULL OR device = $1) AND ($2::text IS NULL OR shipment = $2)
         AND ($3::timestamptz IS NULL OR (at, id) < ($3, $4::bigint))
       ORDER BY at DESC, id DESC LIMIT $5`,
      [
        device ?? null,
        shipment ?? null,
        after === null ? null : timestamp(after[0] ?? 0),
        after?.[1] ?? null,
        limit + 1,
      ],
    );
    const page = pageOf(rows, limit, ({ at, id }) => [at, id]);
    return { items: page.items.map(kept), nextCursor: page.nextCursor };
  }

  async mappings(): Promise<readonly KeptMapping[]> {
    const { rows } = await this.#database.query<KeptMapping>(
      'SELECT name, mapping, at, by FROM logger_file_mappings ORDER BY name LIMIT $1',
      [MOST_MAPPINGS],
    );
    return rows;
  }

  /** @throws {InputError} LOGGER_FILE_MAPPING_UNKNOWN */
  async mapping(name: string): Promise<unknown> {
    const { rows } = await this.#database.query<{ mapping: unknown }>(
      'SELECT mapping FROM logger_file_mappings WHERE name = $1',
      [name],
    );
    const [row] = rows;
    if (row === undefined) throw new InputError('LOGGER_FILE_MAPPING_UNKNOWN', `there is no mapping named ${name}`);
    return row.mapping;
  }

  /** @returns what stood under the name before; null for nothing */
  async keepMapping(effects: Effects, { name, mapping, at, by }: KeptMapping): Promise<unknown> {
    const client = clientOf(effects);
    const before = await client.query<{ mapping: unknown }>(
      'SELECT mapping FROM logger_file_mappings WHERE name = $1 FOR UPDATE',
      [name],
    );
    await client.query(
      `INSERT INTO logger_file_mappings (name, mapping, at, by) VALUES ($1, $2, $3, $4)
       ON CONFLICT (name) DO UPDATE SET mapping = excluded.mapping, at = excluded.at, by = excluded.by`,
      [name, JSON.stringify(mapping), timestamp(at), by],
    );
    return before.rows[0]?.mapping ?? null;
  }
}

function kept({ id: _, sha256, ...file }: Row): KeptLoggerFile {
  return { ...file, sha256: sha256.toString('hex') };
}
