import { createHash } from 'node:crypto';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import {
  DefectError,
  decodeOriginals,
  type LogRecord,
  type Original,
  Span,
  spansOfOriginals,
} from '../../domain/index.ts';
import { originalsPayload } from './record.ts';

/** What the archive says of a segment; {@link chainHash} is over all of it. Times epoch ms UTC, both inclusive. */
export interface SegmentStatement {
  /** From 1, without holes. */
  readonly number: number;
  /** Positions in the log. */
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly arrivedFrom: number;
  readonly arrivedTo: number;
  readonly messages: number;
  /** Of the content before compression. */
  readonly bytes: number;
  readonly contentSha256: Buffer;
}

/** An original with the position of the log record that carried it. */
export interface ArchivedOriginal extends Original {
  readonly position: number;
}

/** What stands before the first segment's statement. */
export const CHAIN_START: Buffer = Buffer.alloc(32);

/** zstd's own default: level 1 to 6 differ by a tenth in size here, and this one keeps up with every load measured. */
const LEVEL = 3;
const FRAME_BYTES = 12;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** What log records carry, and what a segment has to say of it. */
export interface SegmentContent {
  /** Each record's originals behind `f64 position, u32 bytes`, little endian. */
  readonly content: Buffer;
  readonly sha256: Buffer;
  readonly messages: number;
  readonly arrivals: Span;
  /** Which subjects they speak of, and when. */
  readonly subjects: ReadonlyMap<string, Span>;
}

/**
 * A record a turn of the event loop: a segment may carry a hundred thousand messages, and PUBACKs and alerts go on
 * meanwhile.
 * @throws {DefectError} RECORD_UNKNOWN, ORIGINALS_PAYLOAD_BAD
 */
export async function gather(records: readonly LogRecord[]): Promise<SegmentContent> {
  const parts: Buffer[] = [];
  const hash = createHash('sha256');
  const arrivals = new Span();
  const subjects = new Map<string, Span>();
  let messages = 0;
  for (const record of records) {
    const { frame, payload } = framed(record);
    parts.push(frame, payload);
    hash.update(frame).update(payload);
    const spans = spansOfOriginals(payload);
    messages += spans.messages;
    arrivals.add(spans.arrivals.from, spans.arrivals.to);
    for (const [id, { from, to }] of spans.subjects) {
      const span = subjects.get(id) ?? new Span();
      span.add(from, to);
      subjects.set(id, span);
    }
    await endOfTurn();
  }
  return { content: Buffer.concat(parts), sha256: hash.digest(), messages, arrivals, subjects };
}

/**
 * The content alone.
 * @throws {DefectError} RECORD_UNKNOWN
 */
export function contentOf(records: readonly LogRecord[]): Buffer {
  return Buffer.concat(
    records.flatMap((record) => {
      const { frame, payload } = framed(record);
      return [frame, payload];
    }),
  );
}

function framed(record: LogRecord): { readonly frame: Buffer; readonly payload: Buffer } {
  const payload = originalsPayload(record);
  const frame = Buffer.allocUnsafe(FRAME_BYTES);
  frame.writeDoubleLE(record.position, 0);
  frame.writeUInt32LE(payload.length, 8);
  return { frame, payload };
}

/** @throws {DefectError} ORIGINALS_PAYLOAD_BAD */
export function originalsIn(content: Buffer): ArchivedOriginal[] {
  const originals: ArchivedOriginal[] = [];
  for (let at = 0; at < content.length; ) {
    if (at + FRAME_BYTES > content.length) throw damaged(content.length);
    const position = content.readDoubleLE(at);
    const end = at + FRAME_BYTES + content.readUInt32LE(at + 8);
    if (end > content.length) throw damaged(content.length);
    for (const original of decodeOriginals(content.subarray(at + FRAME_BYTES, end))) {
      originals.push({ ...original, position });
    }
    at = end;
  }
  return originals;
}

export function pack(content: Buffer): Promise<Buffer> {
  return compress(content, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
}

/** @throws whatever zstd finds wrong with it */
export function unpack(packed: Buffer): Promise<Buffer> {
  return decompress(packed);
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** SHA-256 of the previous segment's hash, 32 bytes, and the statement as JSON, keys as in {@link SegmentStatement}. */
export function chainHash(previous: Buffer, statement: SegmentStatement): Buffer {
  const { number, firstPosition, lastPosition, arrivedFrom, arrivedTo, messages, bytes, contentSha256 } = statement;
  const text = JSON.stringify({
    ...{ number, firstPosition, lastPosition, arrivedFrom, arrivedTo, messages, bytes },
    contentSha256: contentSha256.toString('hex'),
  });
  return createHash('sha256').update(previous).update(text).digest();
}

function damaged(length: number): DefectError {
  return new DefectError('ORIGINALS_PAYLOAD_BAD', `an archive segment of ${length} bytes is cut`);
}
