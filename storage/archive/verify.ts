import { Span } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import {
  type ArchivedOriginal,
  CHAIN_START,
  chainHash,
  originalsIn,
  type SegmentStatement,
  sha256,
  unpack,
} from './segment.ts';

/** How far the archive had come, as it was kept where SQL does not reach. */
export interface ArchiveHead {
  readonly segments: number;
  /** Chain hash of the last segment, hex. */
  readonly sha256: string;
}

/** Something of the archive that is not as it was written. */
export interface ArchiveFault {
  /** Null where it is of none, or of one that is not archived yet. */
  readonly segment: number | null;
  readonly reason: string;
}

/** What {@link verifyArchive} found. */
export interface ArchiveCheck {
  readonly segments: number;
  readonly messages: number;
  /** Before compression. */
  readonly bytes: number;
  /** Segments whose content was deleted after its record period; their hashes still hold the chain together. */
  readonly ended: number;
  /** Hash of the last segment, hex: written down elsewhere it proves later that nothing before it was changed. */
  readonly head: string;
  readonly broken: readonly ArchiveFault[];
}

export interface VerifyOptions {
  readonly database: Database;
  /** Null where none was kept: segments cut off the end are not missed then. */
  readonly kept: ArchiveHead | null;
  /** The messages of each segment whose content is there and whole, in order. */
  readonly onOriginals?: (segment: number, originals: readonly ArchivedOriginal[]) => Promise<void>;
}

/**
 * Reads every segment and recomputes every hash; compares the index with what the messages speak of, segments that have
 * ended with the log of deletions and the audit trail, and the number of segments with the one that was kept outside.
 */
export async function verifyArchive({ database, kept, onOriginals }: VerifyOptions): Promise<ArchiveCheck> {
  const broken: ArchiveFault[] = [];
  let previous: Buffer = CHAIN_START;
  let [segments, messages, bytes, ended] = [0, 0, 0, 0];
  for (let after = 0; ; ) {
    const row = await segmentAfter(database, after);
    if (row === undefined) break;
    const fault = (reason: string) => broken.push({ segment: row.number, reason });
    if (row.number !== after + 1) {
      fault(
        row.number === after + 2
          ? `segment ${after + 1} is missing`
          : `segments ${after + 1} to ${row.number - 1} are missing`,
      );
    }
    if (!chainHash(previous, row).equals(row.sha256)) fault('it or the one before it does not fit its chain hash');
    if (kept?.segments === row.number && kept.sha256 !== row.sha256.toString('hex')) {
      fault('it is not the one that was last when its hash was kept');
    }
    if (row.content === null) {
      ended++;
      const reason = await faultOfEnd(database, row);
      if (reason !== null) fault(reason);
    } else {
      const { originals, reason } = await originalsOf(row, row.content);
      if (reason !== null) fault(reason);
      else {
        const indexFault = await faultOfIndex(database, row.number, originals);
        if (indexFault !== null) fault(indexFault);
        await onOriginals?.(row.number, originals);
      }
    }
    segments++;
    messages += row.messages;
    bytes += row.bytes;
    previous = row.sha256;
    after = row.number;
  }
  if (kept !== null && kept.segments > segments) {
    broken.push({ segment: null, reason: `the archive ends at segment ${segments}, it had come to ${kept.segments}` });
  }
  return { segments, messages, bytes, ended, head: previous.toString('hex'), broken };
}

interface SegmentRow extends SegmentStatement {
  readonly sha256: Buffer;
  readonly content: Buffer | null;
}

async function segmentAfter(database: Database, after: number): Promise<SegmentRow | undefined> {
  const { rows } = await database.query<SegmentRow>(
    `SELECT number, first_position AS "firstPosition", last_position AS "lastPosition", arrived_from AS "arrivedFrom",
       arrived_to AS "arrivedTo", messages, bytes, content_sha256 AS "contentSha256", sha256, content
     FROM archive_segments WHERE number > $1 ORDER BY number LIMIT 1`,
    [after],
  );
  return rows[0];
}

async function originalsOf(
  { contentSha256 }: SegmentRow,
  packed: Buffer,
): Promise<{ readonly originals: readonly ArchivedOriginal[]; readonly reason: string | null }> {
  let content: Buffer;
  try {
    content = await unpack(packed);
  } catch (error) {
    const reason = `its content cannot be decompressed (${error instanceof Error ? error.message : error})`;
    return { originals: [], reason };
  }
  if (!sha256(content).equals(contentSha256)) return { originals: [], reason: 'its content is not what was archived' };
  return { originals: originalsIn(content), reason: null };
}

/** A segment ends by one function only, which leaves its trace in three tables. */
async function faultOfEnd(database: Database, { number, arrivedFrom, arrivedTo }: SegmentRow): Promise<string | null> {
  const { rows } = await database.query<{ isDeletion: boolean; isAudited: boolean }>(
    `SELECT d.id IS NOT NULL AS "isDeletion", a.id IS NOT NULL AS "isAudited"
     FROM archive_ended e
       LEFT JOIN deletions d ON d.id = e.deletion AND d.what = 'originals' AND d.from_at <= $2 AND d.to_at > $3
       LEFT JOIN audit_entries a ON a.id = e.audit_entry AND a.action = 'archive.end'
         AND a.subject = 'archive-segment:' || e.segment
     WHERE e.segment = $1`,
    [number, arrivedFrom, arrivedTo],
  );
  const [end] = rows;
  if (end === undefined) return 'its content is gone, and it has not been ended';
  if (!end.isDeletion) return 'its content is gone, and the log of deletions has no entry that it lies in';
  return end.isAudited ? null : 'its content is gone, and the audit trail does not have the end of it';
}

async function faultOfIndex(
  database: Database,
  segment: number,
  originals: readonly ArchivedOriginal[],
): Promise<string | null> {
  const spans = new Map<string, Span>();
  for (const { subjects } of originals) {
    for (const { id, from, to } of subjects) {
      const span = spans.get(id) ?? new Span();
      span.add(from, to);
      spans.set(id, span);
    }
  }
  const { rows } = await database.query<{ subject: string; from: number; to: number }>(
    'SELECT subject, from_at AS "from", to_at AS "to" FROM archive_index WHERE segment = $1',
    [segment],
  );
  for (const { subject, from, to } of rows) {
    const span = spans.get(subject);
    if (span === undefined) return `the index says that it speaks of ${subject}; it does not`;
    if (span.from !== from || span.to !== to) return `the index has other times for ${subject}`;
    spans.delete(subject);
  }
  const [missing] = spans.keys();
  return missing === undefined ? null : `the index does not say that it speaks of ${missing}`;
}
