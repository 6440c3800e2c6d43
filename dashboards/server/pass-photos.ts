import { type AuditTrail, InputError, type Origination, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import type { Photo } from './photo.ts';

/** Of one pass; a pallet that needs more needs a case. */
const MOST_PHOTOS = 20;

export interface PassPhotosOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
}

/** Pass $1 and those that became part of it. */
const ITS_OWN = 'ANY(ARRAY(SELECT $1::bigint UNION ALL SELECT pass FROM pass_successors WHERE successor = $1))';

/** Photos of what went through doors, by their hash. */
export class PassPhotos {
  readonly #options: PassPhotosOptions;

  constructor(options: PassPhotosOptions) {
    this.#options = options;
  }

  /** The same photo once more is the one that is there. @param pass its number. @throws {InputError} PHOTOS_MANY */
  keep(pass: number, { sha256, mediaType, bytes }: Photo, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    return database.transaction(async (client) => {
      const at = time.now();
      await client.query('SELECT pg_advisory_xact_lock($1, $2::integer)', [PHOTOS_LOCK, pass % 2_147_483_647]);
      const { rows } = await client.query<{ sha256: string }>('SELECT sha256 FROM pass_photos WHERE pass = $1', [pass]);
      if (rows.some((kept) => kept.sha256 === sha256)) return;
      if (rows.length >= MOST_PHOTOS) {
        throw new InputError('PHOTOS_MANY', `this pass has ${MOST_PHOTOS} photos, the most it can have`);
      }
      await client.query(
        'INSERT INTO pass_photos (pass, sha256, media_type, bytes, at, by_name) VALUES ($1, $2, $3, $4, $5, $6)',
        [pass, sha256, mediaType, bytes, timestamp(at), by.actor.name],
      );
      await audit.add(effectsOf(client), {
        ...{ ...by, at, action: 'pass.photograph', subject: `pass:pass-${pass}` },
        new: { sha256, mediaType, bytes: bytes.length },
      });
    });
  }

  async of(pass: number, sha256: string): Promise<Pick<Photo, 'mediaType' | 'bytes'> | null> {
    const { rows } = await this.#options.database.query<Pick<Photo, 'mediaType' | 'bytes'>>(
      `SELECT media_type AS "mediaType", bytes FROM pass_photos WHERE pass = ${ITS_OWN} AND sha256 = $2 LIMIT 1`,
      [pass, sha256],
    );
    return rows[0] ?? null;
  }

  async hashesOf(pass: number): Promise<ReadonlySet<string>> {
    const { rows } = await this.#options.database.query<{ sha256: string }>(
      `SELECT sha256 FROM pass_photos WHERE pass = ${ITS_OWN}`,
      [pass],
    );
    return new Set(rows.map(({ sha256 }) => sha256));
  }
}

const PHOTOS_LOCK = 0x70_68_6f_74;
