import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { DefectError, decodeOriginals, type LogRecord, type Original, Span } from '../../domain/index.ts';
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

/**
 * What the log records carry, each behind `f64 position, u32 bytes`, little endian.
 * @throws {DefectError} RECORD_UNKNOWN
 */
export function contentOf(records: readonly LogRecord[]): Buffer {
  return Buffer.concat(
    records.flatMap((record) => {
      const payload = originalsPayload(record);
      const frame = Buffer.allocUnsafe(FRAME_BYTES);
      frame.writeDoubleLE(record.position, 0);
      frame.writeUInt32LE(payload.length, 8);
      return [frame, payload];
    }),
  );
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

/** Which subjects the originals speak of, and when. */
export function indexOf(originals: readonly Original[]): Map<string, Span> {
  const spans = new Map<string, Span>();
  for (const { subjects } of originals) {
    for (const { id, from, to } of subjects) {
      let span = spans.get(id);
      if (span === undefined) {
        span = new Span();
        spans.set(id, span);
      }
      span.add(from, to);
    }
  }
  return spans;
}

function damaged(length: number): DefectError {
  return new DefectError('ORIGINALS_PAYLOAD_BAD', `an archive segment of ${length} bytes is cut`);
}
