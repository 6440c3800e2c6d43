import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { FileForm } from '../../codecs/edi/index.ts';
import {
  type AuditTrail,
  type Counter,
  InputError,
  type Meter,
  type Origination,
  type TimeSource,
} from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { PARTNERS_METRICS } from '../metrics.ts';
import type { DocumentKind, SystemDocument } from './document.ts';
import type { SystemQuotas } from './system-quotas.ts';
import type { System } from './systems.ts';

/**
 * What became of a file. `unchanged`: all of it is in force already; `older`: later revisions of all of it are in force;
 * `waiting`: we stopped in the middle, and it is taken when it comes again.
 */
export const SYSTEM_FILE_FATES = ['waiting', 'taken', 'unchanged', 'older', 'refused', 'repeated'] as const;
export type SystemFileFate = (typeof SYSTEM_FILE_FATES)[number];

/** A file of a system. Times are epoch ms UTC. */
export interface FileOfSystem {
  readonly id: number;
  readonly system: string;
  readonly via: 'https' | 'folder';
  readonly name: string;
  readonly form: FileForm | null;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly at: number;
  readonly by: string;
  readonly fate: SystemFileFate;
  readonly reason: string | null;
  /** What acknowledges it; null: nothing is asked for. */
  readonly acknowledgement: string | null;
  readonly mappingRevision: number | null;
  /** The file that it is again. */
  readonly repeats: number | null;
  /** When its content was thrown away, past its retention; null: it is there. */
  readonly contentGoneAt: number | null;
}

export interface ArrivedFile extends Pick<FileOfSystem, 'via' | 'name'> {
  readonly content: Buffer;
}

/** What a document would become, or became. */
export const BECOMES = ['new', 'changed', 'unchanged', 'older'] as const;
export type Becomes = (typeof BECOMES)[number];

/** A document as it is to be kept. */
export interface DecidedDocument {
  readonly document: SystemDocument;
  readonly becomes: Becomes;
  readonly subject: string | null;
  readonly note: string | null;
}

/** A document in force. */
export interface KeptDocument {
  readonly id: number;
  readonly kind: DocumentKind;
  readonly number: string;
  readonly rank: number | null;
  readonly at: number;
  readonly file: number;
  readonly place: string | null;
  readonly subject: string | null;
  readonly note: string | null;
  readonly revisions: number;
  readonly lines: number;
  readonly quantity: number;
}

/** What the latest stock that a system states of a site holds. */
export interface StatedStock {
  readonly gtin: string;
  readonly lot: string | null;
  readonly quantity: number;
}

export interface Settled {
  readonly fate: Exclude<SystemFileFate, 'waiting' | 'repeated'>;
  readonly form: FileForm | null;
  readonly reason: string | null;
  readonly interchanges: readonly string[];
  readonly acknowledgement: string | null;
  readonly mappingRevision: number;
  readonly documents: readonly DecidedDocument[];
}

const COLUMNS = `id, system, via, name, form, bytes, sha256, at, by, fate, reason, acknowledgement,
  mapping_revision AS "mappingRevision", repeats, content_gone_at AS "contentGoneAt"`;
/** The same, of the file itself: a repetition keeps none. Null where it was thrown away. */
const CONTENT = `(SELECT first.content FROM erp_files first
  WHERE first.system = f.system AND first.sha256 = f.sha256 AND first.content_gone_at IS NULL ORDER BY first.id LIMIT 1) AS content`;

export interface SystemFilesOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly meter: Meter;
  readonly quotas: SystemQuotas;
  readonly time: TimeSource;
}

/** Files of systems, kept to the byte before anything is made of them, and the documents that were made of them. */
export class SystemFiles {
  readonly #options: SystemFilesOptions;
  readonly #files: Counter;

  constructor(options: SystemFilesOptions) {
    this.#options = options;
    this.#files = options.meter.counter(PARTNERS_METRICS.systemFiles);
  }

  /** Latest first. */
  async of(
    system: string,
    { limit, before = null }: { readonly limit: number; readonly before?: number | null },
  ): Promise<readonly FileOfSystem[]> {
    const { rows } = await this.#options.database.query<FileOfSystem>(
      `SELECT ${COLUMNS} FROM erp_files WHERE system = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [system, before, limit],
    );
    return rows;
  }

  /** @throws {InputError} SYSTEM_FILE_UNKNOWN */
  async get(system: string, id: number): Promise<FileOfSystem & { readonly content: Buffer | null }> {
    const { rows } = await this.#options.database.query<FileOfSystem & { content: Buffer | null }>(
      `SELECT ${COLUMNS}, ${CONTENT} FROM erp_files f WHERE system = $1 AND id = $2`,
      [system, id],
    );
    const [row] = rows;
    if (row === undefined) throw new InputError('SYSTEM_FILE_UNKNOWN', `${system} has no file ${id}`, { system, id });
    return row;
  }

  /** Documents in force, latest first. */
  async documents(
    system: string,
    { limit, before = null }: { readonly limit: number; readonly before?: number | null },
  ): Promise<readonly KeptDocument[]> {
    const { rows } = await this.#options.database.query<KeptDocument>(
      `SELECT id, kind, number, rank, at, file, place, subject, note,
         (SELECT count(*)::int FROM erp_documents r WHERE r.system = d.system AND r.kind = d.kind AND r.number = d.number) AS revisions,
         (SELECT count(*)::int FROM erp_lines l WHERE l.document = d.id) AS lines,
         (SELECT coalesce(sum(quantity), 0)::bigint FROM erp_lines l WHERE l.document = d.id) AS quantity
       FROM erp_documents d WHERE system = $1 AND is_current AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [system, before, limit],
    );
    return rows;
  }

  /** By GTIN and lot, of the latest stock that any system states of a site. */
  async statedStock(site: string): Promise<readonly StatedStock[]> {
    const { rows } = await this.#options.database.query<StatedStock>(
      `SELECT gtin, lot, sum(quantity)::bigint AS quantity FROM erp_lines WHERE document = (
         SELECT id FROM erp_documents WHERE kind = 'stock' AND is_current AND place = $1 ORDER BY id DESC LIMIT 1)
       GROUP BY gtin, lot ORDER BY gtin, lot`,
      [site],
    );
    return rows;
  }

  /**
   * Keeps a file before it is looked at: `repeated` where the same bytes were taken of this system before.
   * @throws {InputError} SYSTEM_QUOTA, SYSTEM_FILE_TOO_LARGE
   */
  async keep(owner: System, file: ArrivedFile, by: Origination): Promise<FileOfSystem> {
    const { quotas, time } = this.#options;
    const system = owner.id;
    const sha256 = createHash('sha256').update(file.content).digest('hex');
    const kept = await quotas.within(owner, file.content.length, async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm erp file ' || $1))", [system]);
      const { rows: same } = await client.query<{
        id: number;
        fate: SystemFileFate;
        acknowledgement: string | null;
        isThere: boolean;
      }>(
        `SELECT id, fate, acknowledgement, EXISTS (SELECT FROM erp_files h
           WHERE h.system = $1 AND h.sha256 = $2 AND h.content_gone_at IS NULL) AS "isThere" FROM erp_files WHERE system = $1 AND sha256 = $2
         ORDER BY fate IN ('taken', 'unchanged', 'older') DESC, id LIMIT 1`,
        [system, sha256],
      );
      const [before] = same;
      const isTaken = before !== undefined && ['taken', 'unchanged', 'older'].includes(before.fate);
      const { rows } = await client.query<FileOfSystem>(
        `INSERT INTO erp_files (system, via, name, bytes, sha256, content, at, by, fate, repeats, acknowledgement)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ${COLUMNS}`,
        [
          ...[
            system,
            file.via,
            file.name,
            file.content.length,
            sha256,
            before?.isThere === true ? Buffer.alloc(0) : file.content,
          ],
          ...[timestamp(time.now()), by.actor.name, isTaken ? 'repeated' : 'waiting', isTaken ? before.id : null],
          isTaken ? before.acknowledgement : null,
        ],
      );
      return rows[0] as FileOfSystem;
    });
    if (kept.fate === 'repeated') this.#files.add(1, { system, fate: kept.fate });
    return kept;
  }

  /**
   * What documents would become, by what is in force: the same says nothing new, and an older revision never stands over a
   * newer one.
   * @throws {InputError} ERP_DOCUMENT_BAD one revision says two things, or does not say which it is
   */
  async decide(system: string, documents: readonly SystemDocument[]): Promise<readonly Becomes[]> {
    const { rows } = await this.#options.database.query<{
      kind: DocumentKind;
      number: string;
      rank: number | null;
      hash: string;
    }>(
      `SELECT d.kind, d.number, d.rank, d.content_hash AS hash
       FROM unnest($2::text[], $3::text[]) AS a (kind, number)
         JOIN erp_documents d ON d.system = $1 AND d.kind = a.kind AND d.number = a.number AND d.is_current`,
      [system, documents.map(({ kind }) => kind), documents.map(({ number }) => number)],
    );
    const current = new Map(rows.map((row) => [`${row.kind} ${row.number}`, row]));
    return documents.map((document) => becomes(document, current.get(`${document.kind} ${document.number}`) ?? null));
  }

  /** A file that was taken, with this interchange in it; null: there is none. */
  async ofInterchange(system: string, interchange: string, otherThan: string): Promise<FileOfSystem | null> {
    const { rows } = await this.#options.database.query<FileOfSystem>(
      `SELECT ${COLUMNS} FROM erp_files WHERE system = $1 AND interchanges @> ARRAY[$2::text] AND sha256 <> $3
         AND fate IN ('taken', 'older', 'unchanged') ORDER BY id LIMIT 1`,
      [system, interchange, otherThan],
    );
    return rows[0] ?? null;
  }

  /** Writes down what became of it and of what is in it, in the audit trail too. */
  async settle(file: FileOfSystem, settled: Settled, by: Origination): Promise<FileOfSystem> {
    const { audit, database, time } = this.#options;
    const { fate, form, reason, interchanges, acknowledgement, mappingRevision, documents } = settled;
    const written = await database.transaction(async (client) => {
      const { rows } = await client.query<FileOfSystem>(
        `UPDATE erp_files SET fate = $2, form = $3, reason = $4, interchanges = $5, acknowledgement = $6, mapping_revision = $7
         WHERE id = $1 RETURNING ${COLUMNS}`,
        [file.id, fate, form, reason, interchanges, acknowledgement, mappingRevision],
      );
      if (fate !== 'refused') {
        // The same bytes came before and we stopped in the middle of them: nothing of those is left to do.
        await client.query(
          `UPDATE erp_files SET fate = 'repeated', repeats = $3, acknowledgement = $4
           WHERE system = $1 AND sha256 = $2 AND id < $3 AND fate = 'waiting'`,
          [file.system, file.sha256, file.id, acknowledgement],
        );
      }
      for (const one of documents) if (one.becomes !== 'unchanged') await this.#keepDocument(client, file, one);
      const counts = Map.groupBy(documents, ({ becomes: become }) => become);
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'system.file', subject: `system:${file.system}` },
        new: {
          ...{ file: file.id, name: file.name, sha256: file.sha256, fate, reason },
          ...Object.fromEntries([...counts].map(([become, list]) => [become, list.length])),
        },
      });
      return rows[0] as FileOfSystem;
    });
    this.#files.add(1, { system: file.system, fate });
    return written;
  }

  async #keepDocument(
    client: pg.ClientBase,
    file: FileOfSystem,
    { document, becomes: become, subject, note }: DecidedDocument,
  ): Promise<void> {
    const { kind, number, rank, hash, said, place, lines } = document;
    const isCurrent = become !== 'older';
    if (isCurrent) {
      await client.query(
        'UPDATE erp_documents SET is_current = false WHERE system = $1 AND kind = $2 AND number = $3 AND is_current',
        [file.system, kind, number],
      );
    }
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO erp_documents (system, kind, number, rank, content_hash, said, file, at, is_current, place, subject, note)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`,
      [
        ...[file.system, kind, number, rank, hash, JSON.stringify(said), file.id],
        ...[timestamp(this.#options.time.now()), isCurrent, place, subject, note],
      ],
    );
    await client.query(
      `INSERT INTO erp_lines (document, line, gtin, lot, quantity, unit, order_number)
       SELECT $1, ord, gtin, lot, quantity, unit, order_number
       FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
         WITH ORDINALITY AS l (gtin, lot, quantity, unit, order_number, ord)`,
      [
        rows[0]?.id,
        ...[lines.map(({ gtin }) => gtin), lines.map(({ lot }) => lot), lines.map(({ quantity }) => quantity)],
        ...[lines.map(({ sscc }) => sscc), lines.map(({ order }) => order)],
      ],
    );
  }
}

/** @throws {InputError} ERP_DOCUMENT_BAD */
export function becomes(
  { kind, number, rank, hash }: Pick<SystemDocument, 'kind' | 'number' | 'rank' | 'hash'>,
  current: { readonly rank: number | null; readonly hash: string } | null,
): Becomes {
  if (current === null) return 'new';
  if (rank !== null && current.rank !== null && rank !== current.rank) return rank > current.rank ? 'changed' : 'older';
  if (hash === current.hash) return 'unchanged';
  if (rank === null && current.rank === null) return 'changed';
  if (current.rank === null) return 'changed';
  const given = rank === null ? 'no revision' : `revision ${rank} once more with other content`;
  throw new InputError(
    'ERP_DOCUMENT_BAD',
    `${kind} ${number}: ${given} given; allowed: a later one than ${current.rank}, which is in force`,
  );
}
