import { createHash } from 'node:crypto';
import type { Database } from '../database.ts';
import { timestamp } from '../types.ts';

/** A certificate as it was uploaded. */
export interface CalibrationFile {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/** Certificates of calibrations, by their hash: the same file is kept once, whatever devices it is of. */
export class CalibrationFiles {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** @returns its SHA-256, lower-case hex */
  async keep({ name, bytes }: Omit<CalibrationFile, 'sha256'>, by: string, at: number): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.#database.query(
      `INSERT INTO calibration_files (sha256, name, bytes, at, by)
       VALUES (decode($1, 'hex'), $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [sha256, name, bytes, timestamp(at), by],
    );
    return sha256;
  }

  async find(sha256: string): Promise<CalibrationFile | null> {
    const { rows } = await this.#database.query<{ name: string; bytes: Buffer }>(
      `SELECT name, bytes FROM calibration_files WHERE sha256 = decode($1, 'hex')`,
      [sha256],
    );
    return rows[0] === undefined ? null : { sha256, ...rows[0] };
  }
}
