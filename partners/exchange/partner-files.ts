import { createHash } from 'node:crypto';
import {
  type AuditTrail,
  type Effects,
  type Origination,
  type Partner,
  storableText,
  type TimeSource,
} from '../../domain/index.ts';
import { clientOf, type Database, effectsOf, timestamp } from '../../storage/index.ts';
import type { PartnerQuotas } from './partner-quotas.ts';

/**
 * What became of a file: `given` went out; `waiting` was kept when we stopped in the middle, and is taken when it comes again;
 * `asked` says something of goods in our hands, and is taken when a person grants it.
 */
export const FILE_FATES = ['waiting', 'taken', 'asked', 'refused', 'repeated', 'given'] as const;
export type FileFate = (typeof FILE_FATES)[number];

/** A file to or from a partner. Times are epoch ms UTC. */
export interface PartnerFile {
  readonly id: number;
  readonly partner: string;
  readonly direction: 'in' | 'out';
  readonly via: 'https' | 'folder';
  readonly name: string;
  readonly format: string | null;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly at: number;
  readonly by: string;
  readonly fate: FileFate;
  readonly reason: string | null;
  /** `capture:…`, `shipment:…` */
  readonly subject: string | null;
  readonly events: number;
  /** The file that it is again. */
  readonly repeats: number | null;
  /** When its content was thrown away, past its retention; null: it is there. */
  readonly contentGoneAt: number | null;
}

export interface CameIn extends Pick<PartnerFile, 'via' | 'name'> {
  readonly content: Buffer;
}

/** What was made of a file. */
export type Outcome = Pick<PartnerFile, 'format' | 'reason' | 'subject' | 'events'> & {
  readonly fate: 'taken' | 'asked' | 'refused' | 'repeated';
  /** The file that it is again. */
  readonly repeats?: number;
};

/** Which files are looked for; what is absent leaves all. */
export interface FileSearch {
  readonly fate?: FileFate | undefined;
  /** What stands in its name, in any case, or what its hash begins with. */
  readonly text?: string | undefined;
}

export interface PartnerFilesOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly quotas: PartnerQuotas;
  readonly time: TimeSource;
}

const COLUMNS =
  'id, partner, direction, via, name, format, bytes, sha256, at, by, fate, reason, subject, events, repeats, content_gone_at AS "contentGoneAt"';

/** Characters. A table of a million columns is refused by naming them all, zeros among them. */
const MOST_REASON = 1_000;
const MOST_NAME = 300;

/** Files in either direction: kept to the byte before anything is made of them, hashed, each with its fate. */
export class PartnerFiles {
  readonly #options: PartnerFilesOptions;

  constructor(options: PartnerFilesOptions) {
    this.#options = options;
  }

  /** Latest first. */
  async of(
    partner: string,
    { limit, before, fate, text = '' }: FileSearch & { readonly limit: number; readonly before?: number },
  ): Promise<readonly PartnerFile[]> {
    const values: unknown[] = [partner, limit];
    const asked = (value: unknown) => `$${values.push(value)}`;
    // Each word of its own, not `$n IS NULL OR …`: the plan for the one that is asked is found by its index.
    const wanted = ['partner = $1'];
    if (before !== undefined) wanted.push(`id < ${asked(before)}`);
    if (fate !== undefined) wanted.push(`fate = ${asked(fate)}`);
    if (/^[0-9a-f]{8,64}$/i.test(text)) wanted.push(`sha256 LIKE ${asked(`${text.toLowerCase()}%`)}`);
    else if (text !== '') wanted.push(`strpos(lower(name), lower(${asked(text)})) > 0`);
    const { rows } = await this.#options.database.query<PartnerFile>(
      `SELECT ${COLUMNS} FROM partner_files WHERE ${wanted.join(' AND ')} ORDER BY id DESC LIMIT $2`,
      values,
    );
    return rows;
  }

  /**
   * With its content, which stands with the first of the same bytes that has any still; null where that was thrown away. Null where
   * the partner has no such file.
   */
  async find(partner: string, id: number): Promise<(PartnerFile & { readonly content: Buffer | null }) | null> {
    const { rows } = await this.#options.database.query<PartnerFile & { content: Buffer | null }>(
      `SELECT ${COLUMNS}, (SELECT first.content FROM partner_files first WHERE first.partner = f.partner
           AND first.sha256 = f.sha256 AND first.content_gone_at IS NULL ORDER BY first.id LIMIT 1) AS content
       FROM partner_files f WHERE partner = $1 AND id = $2`,
      [partner, id],
    );
    return rows[0] ?? null;
  }

  /** The first of the same bytes that was taken of this partner, or is asked about; null: none. @param file is none of them itself */
  async taken({ id, partner, sha256 }: PartnerFile): Promise<number | null> {
    const { rows } = await this.#options.database.query<{ id: number }>(
      `SELECT id FROM partner_files
       WHERE partner = $1 AND sha256 = $2 AND direction = 'in' AND fate IN ('taken', 'asked') AND id <> $3 ORDER BY id LIMIT 1`,
      [partner, sha256, id],
    );
    return rows[0]?.id ?? null;
  }

  /**
   * Keeps a file before it is looked at: `repeated` where the same bytes were taken of this partner before. Bytes that are
   * there stay there once: a sender that tries again and again fills no disk.
   * @throws {InputError} PARTNER_QUOTA, PARTNER_FILE_TOO_LARGE
   */
  async keep({ id, name }: Pick<Partner, 'id' | 'name'>, file: CameIn, by: Origination): Promise<PartnerFile> {
    const { quotas, time } = this.#options;
    const sha256 = createHash('sha256').update(file.content).digest('hex');
    return quotas.within(id, async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm file ' || $1))", [id]);
      await quotas.count(client, id, file.content.length);
      const { rows: same } = await client.query<{ id: number; isTaken: boolean }>(
        `(SELECT id, true AS "isTaken" FROM partner_files
           WHERE partner = $1 AND sha256 = $2 AND direction = 'in' AND fate IN ('taken', 'asked') ORDER BY id LIMIT 1)
         UNION ALL
         (SELECT id, false FROM partner_files
           WHERE partner = $1 AND sha256 = $2 AND content_gone_at IS NULL ORDER BY id LIMIT 1)`,
        [id, sha256],
      );
      const repeats = same.find(({ isTaken }) => isTaken)?.id ?? null;
      const content = same.some(({ isTaken }) => !isTaken) ? Buffer.alloc(0) : file.content;
      const { rows } = await client.query<PartnerFile>(
        `INSERT INTO partner_files (partner, partner_name, direction, via, name, bytes, sha256, content, at, by, fate, repeats)
         VALUES ($1, $2, 'in', $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ${COLUMNS}`,
        [
          ...[id, name, file.via, storableText(file.name, MOST_NAME), file.content.length, sha256, content],
          ...[timestamp(time.now()), by.actor.name, repeats === null ? 'waiting' : 'repeated', repeats],
        ],
      );
      return rows[0] as PartnerFile;
    });
  }

  /** Writes down what became of it, in the audit trail too. */
  settle(file: PartnerFile, outcome: Outcome, by: Origination): Promise<PartnerFile> {
    return this.#options.database.transaction((client) => this.settleIn(effectsOf(client), file, outcome, by));
  }

  /** The same within a transaction that is open. */
  async settleIn(effects: Effects, file: PartnerFile, outcome: Outcome, by: Origination): Promise<PartnerFile> {
    const { audit, time } = this.#options;
    const { fate, subject, events, format, repeats = null } = outcome;
    const reason = outcome.reason === null ? null : storableText(outcome.reason, MOST_REASON);
    const { rows } = await clientOf(effects).query<PartnerFile>(
      `UPDATE partner_files SET fate = $2, reason = $3, subject = $4, events = $5, format = $6, repeats = $7 WHERE id = $1
       RETURNING ${COLUMNS}`,
      [file.id, fate, reason, subject, events, format, repeats],
    );
    await audit.add(effects, {
      ...{ ...by, at: time.now(), action: 'partner.file', subject: `partner:${file.partner}` },
      ...(file.fate !== 'waiting' && { old: { fate: file.fate, reason: file.reason } }),
      new: { file: file.id, name: file.name, sha256: file.sha256, fate, reason, subject },
    });
    return rows[0] as PartnerFile;
  }

  /** Keeps what was given to a partner. @throws {InputError} PARTNER_QUOTA, PARTNER_FILE_TOO_LARGE */
  async given(
    { id, name }: Pick<Partner, 'id' | 'name'>,
    file: { readonly name: string; readonly format: string; readonly content: Buffer; readonly subject: string },
    by: Origination,
  ): Promise<void> {
    const { quotas, time } = this.#options;
    const sha256 = createHash('sha256').update(file.content).digest('hex');
    await quotas.within(id, async (client) => {
      await quotas.count(client, id, file.content.length);
      await client.query(
        `INSERT INTO partner_files (partner, partner_name, direction, via, name, format, bytes, sha256, content, at, by, fate, subject)
         VALUES ($1, $2, 'out', 'https', $3, $4, $5, $6, $7, $8, $9, 'given', $10)`,
        [
          ...[id, name, file.name, file.format, file.content.length, sha256, file.content, timestamp(time.now())],
          ...[by.actor.name, file.subject],
        ],
      );
    });
  }
}
