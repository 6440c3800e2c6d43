import type { ConsumerHandler, Effects, LogBatch, Meter } from '../../domain/index.ts';
import { clientOf } from '../effects.ts';
import { ARCHIVE_METRICS } from './metrics.ts';
import { CHAIN_START, chainHash, gather, pack, type SegmentStatement } from './segment.ts';
import type { ArchiveHead } from './verify.ts';

/**
 * The consumer that keeps what was received: each batch of the `originals` family becomes one compressed segment,
 * hashed together with the one before it. It takes its time, so that segments are worth compressing
 * ({@link ARCHIVE_PACE}); until then a message is found in the log.
 *
 * Mandatory: the record period is a promise to authorities, so the log keeps what the archive has not taken, and says
 * so in `/readyz`. A record that cannot be read throws; the log sets it aside whole.
 */
export class Archiver implements ConsumerHandler {
  readonly #messages;
  readonly #bytes;
  readonly #packed;

  readonly #onHead: (head: ArchiveHead) => void;
  #head: ArchiveHead | null = null;

  /** @param options.onHead told how far the archive has come, after each commit */
  constructor(options: { readonly meter: Meter; readonly onHead?: (head: ArchiveHead) => void }) {
    this.#onHead = options.onHead ?? (() => {});
    this.#messages = options.meter.counter(ARCHIVE_METRICS.messages);
    this.#bytes = options.meter.counter(ARCHIVE_METRICS.bytes);
    this.#packed = options.meter.counter(ARCHIVE_METRICS.packed);
  }

  async handle({ records }: LogBatch, effects: Effects): Promise<void> {
    const client = clientOf(effects);
    // Other consumers' commits do not wait for the disk. How far this one has come is told outside the database: a power loss may not take
    // a segment whose hash is kept there, since the next one of that number would not be it.
    await client.query('SET LOCAL synchronous_commit = on');
    const { content, sha256, messages, arrivals, subjects } = await gather(records);
    const packed = await pack(content);
    // The consumer's lock is held by one process, so the last one stays the last.
    const { rows } = await client.query<{ number: number; sha256: Buffer }>(
      'SELECT number, sha256 FROM archive_segments ORDER BY number DESC LIMIT 1',
    );
    const previous = rows[0] ?? { number: 0, sha256: CHAIN_START };
    const statement: SegmentStatement = {
      number: previous.number + 1,
      firstPosition: records[0]?.position ?? 0,
      lastPosition: records.at(-1)?.position ?? 0,
      arrivedFrom: arrivals.from,
      arrivedTo: arrivals.to,
      messages,
      bytes: content.length,
      contentSha256: sha256,
    };
    const { number, firstPosition, lastPosition, arrivedFrom, arrivedTo, bytes } = statement;
    const chain = chainHash(previous.sha256, statement);
    await client.query(
      `INSERT INTO archive_segments (number, first_position, last_position, arrived_from, arrived_to, messages, bytes,
         content_sha256, sha256, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        ...[number, firstPosition, lastPosition, arrivedFrom, arrivedTo, messages, bytes],
        ...[statement.contentSha256, chain, packed],
      ],
    );
    const index = [...subjects];
    await client.query(
      `INSERT INTO archive_index (segment, subject, from_at, to_at)
       SELECT $1, subject, from_at, to_at
       FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS entry (subject, from_at, to_at)`,
      [number, index.map(([id]) => id), index.map(([, { from }]) => from), index.map(([, { to }]) => to)],
    );
    this.#messages.add(messages);
    this.#bytes.add(bytes);
    this.#packed.add(packed.length);
    this.#head = { segments: number, sha256: chain.toString('hex') };
  }

  committed(): void {
    if (this.#head !== null) this.#onHead(this.#head);
  }
}

/**
 * A segment at least every ten minutes, and at every MiB of the log, which is some 10 MiB of messages: at a reading each
 * half minute its index takes a twentieth of the rows the readings take.
 */
export const ARCHIVE_PACE = { lingerMs: 600_000, lingerBytes: 1_048_576, batchBytes: 2_097_152 } as const;
