import { type AuditTrail, BY_PLATFORM, type Kept, type TimeSource } from '../domain/index.ts';
import { type Age, type Database, type Deletions, effectsOf, timestamp } from '../storage/index.ts';

export interface FileRetentionOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly deletions: Deletions;
  readonly time: TimeSource;
}

/** Files a page, each page an entry of the log of deletions. */
const PAGE = 200;

/** Whose files stand in which table, how an exchange with them is locked, and which of them are about shipments that are kept ($3). */
const TABLES = [
  {
    ...{ table: 'partner_files', owner: 'partner', lock: 'isotherm file ' },
    // A capture names serials and units; its file stays while a shipment that is kept lists one of them. Subjects are of another
    // collation than the index of captures.
    isKept: `(f.fate IN ('waiting', 'asked')
      OR f.subject LIKE 'shipment:%' AND substr(f.subject, 10) = ANY ($3::text[]) OR EXISTS (
      SELECT FROM epcis_events e CROSS JOIN LATERAL unnest(e.any_epcs) AS named (epc)
        JOIN shipment_lines l ON l.epc = named.epc
      WHERE f.subject LIKE 'capture:%' AND e.capture = substr(f.subject, 9) COLLATE "default" AND l.shipment = ANY ($3::text[])))`,
  },
  {
    ...{ table: 'erp_files', owner: 'system', lock: 'isotherm erp file ' },
    isKept: `(f.fate = 'waiting' OR EXISTS (SELECT FROM erp_documents d
      WHERE d.file = f.id AND d.subject LIKE 'shipment:%' AND substr(d.subject, 10) = ANY ($3::text[])))`,
  },
] as const;
type Table = (typeof TABLES)[number];

interface OldFile {
  readonly id: number;
  readonly owner: string;
  readonly at: number;
}

/**
 * Throws away the content of files of partners and systems that is past its retention. What stays: name, size, hash, fate, what it
 * became, and when and by which deletion its content went. Bytes that came more than once go once all of them are old; a file that
 * still waits for somebody never goes.
 */
export class FileRetention {
  readonly #options: FileRetentionOptions;

  constructor(options: FileRetentionOptions) {
    this.#options = options;
  }

  /**
   * @param kept shipments about which nothing goes
   * @param stopping ends it early: what is left goes at the next sweep
   * @returns files whose content went
   */
  async sweep(age: Age, kept: Kept, stopping: AbortSignal = new AbortController().signal): Promise<number> {
    let gone = 0;
    for (const table of TABLES) {
      const before = (await this.#now(table)) - age.ms;
      let after: Pick<OldFile, 'id' | 'at'> | null = { id: 0, at: 0 };
      while (after !== null && !stopping.aborted) {
        const page: readonly OldFile[] = await this.#page(table, before, after);
        gone += await this.#end(table, page, { before, kept, setting: `retention.files=${age.text}` });
        after = page.length < PAGE ? null : (page.at(-1) ?? null);
      }
    }
    return gone;
  }

  /** A clock that has jumped ahead must not make everything old: age is counted from the newest file at the latest. */
  async #now({ table }: Table): Promise<number> {
    const { database, time } = this.#options;
    const { rows } = await database.query<{ newest: number | null }>(
      `SELECT (extract(epoch FROM max(at)) * 1000)::double precision AS newest FROM ${table} WHERE content_gone_at IS NULL`,
    );
    return Math.min(time.now(), rows[0]?.newest ?? time.now());
  }

  /** Oldest first. */
  async #page({ table, owner }: Table, before: number, after: Pick<OldFile, 'id' | 'at'>): Promise<readonly OldFile[]> {
    const { rows } = await this.#options.database.query<OldFile>(
      `SELECT id, ${owner} AS owner, (extract(epoch FROM at) * 1000)::double precision AS at FROM ${table}
       WHERE content_gone_at IS NULL AND at < $1 AND (at, id) > ($2, $3) ORDER BY at, id LIMIT ${PAGE}`,
      [timestamp(before), timestamp(after.at), after.id],
    );
    return rows;
  }

  async #end(
    table: Table,
    page: readonly OldFile[],
    { before, kept, setting }: { readonly before: number; readonly kept: Kept; readonly setting: string },
  ): Promise<number> {
    const { deletions, time } = this.#options;
    const goes = await this.#goes(table, page, before, kept);
    if (goes.length === 0) return 0;
    const times = goes.map(({ at }) => Math.floor(at));
    const extent = goes.length === page.length ? 'all' : 'all but what is kept';
    const range = { from: Math.min(...times), to: Math.max(...times) + 1 };
    const entry = await deletions.begin({ what: 'files', ...range, setting, extent }, time.now());
    let gone = 0;
    for (const [owner, files] of Map.groupBy(goes, (one) => one.owner)) {
      gone += await this.#endOf(table, owner, files, { before, kept, entry });
    }
    await deletions.finish(entry, { deleted: gone, kept: page.length - gone }, time.now());
    return gone;
  }

  /** Those of a page that nothing keeps, nor the same bytes that came again. */
  async #goes(table: Table, page: readonly OldFile[], before: number, kept: Kept): Promise<readonly OldFile[]> {
    if (page.length === 0) return [];
    const { rows } = await this.#options.database.query<{ id: number }>(
      `SELECT o.id FROM ${table.table} o WHERE ${free(table)}`,
      values(page, before, kept),
    );
    const going = new Set(rows.map(({ id }) => id));
    return page.filter(({ id }) => going.has(id));
  }

  /** Nobody brings the same bytes meanwhile, to find that their content has just gone. */
  #endOf(
    table: Table,
    owner: string,
    files: readonly OldFile[],
    { before, kept, entry }: { readonly before: number; readonly kept: Kept; readonly entry: number },
  ): Promise<number> {
    const { audit, database, time } = this.#options;
    return database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`${table.lock}${owner}`]);
      const at = time.now();
      const { rows } = await client.query<{ id: number; sha256: string }>(
        `UPDATE ${table.table} o SET content = '', content_gone_at = $4, deletion = $5
         WHERE ${free(table)} RETURNING id, sha256`,
        [...values(files, before, kept), timestamp(at), entry],
      );
      if (rows.length === 0) return 0;
      await audit.add(effectsOf(client), {
        ...{ ...BY_PLATFORM, at, action: 'retention.files', subject: `${table.owner}:${owner}` },
        new: { deletion: entry, files: rows.map(({ id, sha256 }) => ({ file: id, sha256 })) },
      });
      return rows.length;
    });
  }
}

/** The condition that `o` is one of $1, and that of its bytes none is younger than $2, nor kept. */
function free({ table, owner, isKept }: Table): string {
  return `o.id = ANY ($1::bigint[]) AND o.content_gone_at IS NULL AND NOT EXISTS (
    SELECT FROM ${table} f WHERE f.${owner} = o.${owner} AND f.sha256 = o.sha256 AND f.content_gone_at IS NULL
      AND (f.at >= $2 OR ${isKept}))`;
}

function values(files: readonly OldFile[], before: number, { shipments }: Kept): unknown[] {
  return [files.map(({ id }) => id), timestamp(before), [...shipments]];
}
