import { type Checkpoints, type Kept, type LogRecord, positionIn } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { checkpointsOf } from '../log/consuming/checkpoints.ts';
import { recordsAfter } from '../log/postgres/reader.ts';
import { rangesByDevice } from '../retention/ranges.ts';
import { MARGIN_MS } from '../retention/sweeper.ts';
import { type ArchivedOriginal, contentOf, originalsIn, unpack } from './segment.ts';

/** The archive's consumer, by whose checkpoint its messages are distinguished from those that are still in the log. */
export const ARCHIVE_CONSUMER = 'archive';

export interface FoundOriginal extends ArchivedOriginal {
  /** The archive segment that holds it; null while it is in the log only. */
  readonly segment: number | null;
}

/** A segment whose content may be deleted. */
export interface EndableSegment {
  readonly number: number;
  readonly arrivedFrom: number;
  readonly arrivedTo: number;
  readonly messages: number;
}

const SEGMENTS_A_PAGE = 500;
const SHIPMENT = 'shipment:';
const LOG_BYTES = 4_194_304;
const LOG_RECORDS = 4_096;

export interface ArchiveOptions {
  readonly database: Database;
  readonly inLog?: (checkpoints: Checkpoints) => AsyncIterable<readonly LogRecord[]>;
}

/** Messages as they were received: finds them again, and proves that they are what they were. */
export class Archive {
  readonly #database: Database;
  readonly #behind: NonNullable<ArchiveOptions['inLog']>;

  /**
   * @param options.inLog originals behind checkpoints; default those in the tables. Where readings are on NATS theirs are
   *   there too, and have to be handed in.
   */
  constructor(options: ArchiveOptions) {
    this.#database = options.database;
    const bounds = { maxBytes: LOG_BYTES, maxRecords: LOG_RECORDS };
    this.#behind =
      options.inLog ??
      ((checkpoints) => recordsAfter(this.#database, 'originals', positionIn(checkpoints, 'originals'), bounds));
  }

  /** Messages that speak of `subject` somewhere in [from, to], epoch ms UTC; in the order they were taken in. */
  async *find(subject: string, from: number, to: number): AsyncGenerator<FoundOriginal> {
    // Asked first: what is archived meanwhile is met twice, not missed. That is what later segments hold.
    const known = await this.count();
    const checkpoints = await checkpointsOf(this.#database, ARCHIVE_CONSUMER);
    const { rows } = await this.#database.query<{ segment: number }>(
      `SELECT segment FROM archive_index JOIN archive_segments ON number = segment
       WHERE subject = $1 AND to_at >= $2 AND from_at <= $3 AND content IS NOT NULL ORDER BY segment`,
      [subject, from, to],
    );
    const isMeant = ({ subjects }: ArchivedOriginal) =>
      subjects.some((spoken) => spoken.id === subject && spoken.to >= from && spoken.from <= to);
    const archived = new Set<string>();
    for (const { segment } of rows) {
      const content = await this.#content(segment);
      if (content === null) continue;
      for (const original of originalsIn(content)) {
        if (!isMeant(original)) continue;
        if (segment > known) archived.add(nameOf(original));
        yield { ...original, segment };
      }
    }
    for await (const original of this.#inLog(checkpoints)) {
      if (isMeant(original) && !archived.has(nameOf(original))) yield { ...original, segment: null };
    }
  }

  /** Number of segments. */
  async count(): Promise<number> {
    const { rows } = await this.#database.query<{ number: number | null }>(
      'SELECT max(number) AS number FROM archive_segments',
    );
    return rows[0]?.number ?? 0;
  }

  /** Whether a head that was written down earlier is still in the chain. */
  async holds(head: string): Promise<boolean> {
    const { rows } = await this.#database.query('SELECT FROM archive_segments WHERE sha256 = $1', [
      Buffer.from(head, 'hex'),
    ]);
    return rows.length > 0;
  }

  /**
   * Segments that arrived before a moment and speak of nothing that is kept, oldest first. Like the sweep of readings a
   * day around each kept range is kept as well.
   */
  async *endable(before: number, kept: Kept): AsyncGenerator<EndableSegment> {
    const byDevice = rangesByDevice(kept.ranges, MARGIN_MS);
    const isKept = ([subject, from, to]: [string, number, number]) =>
      (subject.startsWith(SHIPMENT) && kept.shipments.has(subject.slice(SHIPMENT.length))) ||
      byDevice.get(subject)?.some((range) => range.from <= to && from < range.to) === true;
    for (let after = 0; ; ) {
      const { rows } = await this.#database.query<EndableSegment & { subjects: [string, number, number][] | null }>(
        `SELECT number, arrived_from AS "arrivedFrom", arrived_to AS "arrivedTo", messages,
           (SELECT json_agg(json_build_array(subject, from_at, to_at)) FROM archive_index WHERE segment = number) AS subjects
         FROM archive_segments WHERE number > $2 AND arrived_to < $1 AND content IS NOT NULL ORDER BY number LIMIT $3`,
        [before, after, SEGMENTS_A_PAGE],
      );
      for (const { subjects, ...segment } of rows) if (!(subjects ?? []).some(isKept)) yield segment;
      after = rows.at(-1)?.number ?? after;
      if (rows.length < SEGMENTS_A_PAGE) return;
    }
  }

  /**
   * Deletes a segment's content; its hashes stay, and with them the chain. The database wants a deletion under way that
   * the segment lies in, and writes an audit entry (0155-archive-ended.sql).
   */
  async end(segment: number, deletion: number, now: number): Promise<void> {
    await this.#database.query('SELECT archive_end($1, $2, $3)', [segment, deletion, now]);
  }

  async #content(segment: number): Promise<Buffer | null> {
    const { rows } = await this.#database.query<{ content: Buffer | null }>(
      'SELECT content FROM archive_segments WHERE number = $1',
      [segment],
    );
    const packed = rows[0]?.content ?? null;
    return packed === null ? null : unpack(packed);
  }

  /** Messages that are acknowledged and in no segment yet, in the order they were taken in. */
  async *unarchived(): AsyncGenerator<ArchivedOriginal> {
    const checkpoints = await checkpointsOf(this.#database, ARCHIVE_CONSUMER);
    yield* this.#inLog(checkpoints);
  }

  async *#inLog(checkpoints: Checkpoints): AsyncGenerator<ArchivedOriginal> {
    for await (const records of this.#behind(checkpoints)) yield* originalsIn(contentOf(records));
  }
}

/** Of two partitions of the log two records may have one position, but hardly from one door in one millisecond. */
function nameOf({ position, arrival, source, door, payload }: ArchivedOriginal): string {
  return `${position} ${arrival} ${payload.length} ${door} ${source}`;
}
