import { crc32 } from 'node:zlib';
import type { Family, NewRecord, RecordKind } from '../../../domain/index.ts';

/** What of the log a stream holds: readings, and the messages they were made of. */
export const STREAM_FAMILIES = ['readings', 'originals'] as const satisfies readonly Family[];
export type StreamFamily = (typeof STREAM_FAMILIES)[number];

interface HeadRecord {
  readonly f: StreamFamily;
  readonly k: RecordKind;
  readonly v: number;
  readonly s: string;
  readonly n: number | null;
  readonly a: number;
  /** Payload bytes. */
  readonly b: number;
}

const MAGIC = 0x314f_5349;
const HEAD = 12;
/** What a record takes besides its payload and its source, at most. */
export const RECORD_OVERHEAD_BYTES = 160;

/**
 * A message of a stream, little endian: `u32 magic, u32 checksum, u32 headBytes`, the head (JSON: what each record is), and
 * the payloads one after the other. The checksum is the CRC-32 of everything behind it, begun with the stream's name, so
 * that a message of another stream is none of ours; it is ours from end to end, whatever servers and their disks do.
 */
export function encodeFrame(stream: string, records: readonly NewRecord[]): Uint8Array {
  const head = Buffer.from(
    JSON.stringify(
      records.map(({ family: f, kind: k, version: v, source: s, sequence: n, arrival: a, payload }) => ({
        ...{ f, k, v, s, n, a },
        b: payload.length,
      })),
    ),
  );
  const frame = Buffer.allocUnsafe(records.reduce((sum, { payload }) => sum + payload.length, HEAD + head.length));
  frame.writeUInt32LE(MAGIC, 0);
  frame.writeUInt32LE(head.length, 8);
  frame.set(head, HEAD);
  let at = HEAD + head.length;
  for (const { payload } of records) {
    frame.set(payload, at);
    at += payload.length;
  }
  frame.writeUInt32LE(checksumOf(stream, frame), 4);
  return frame;
}

/** Its records, payloads as views; null where it is not what was sent. */
export function decodeFrame(stream: string, bytes: Uint8Array): NewRecord[] | null {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (frame.length < HEAD || frame.readUInt32LE(0) !== MAGIC) return null;
  if (frame.readUInt32LE(4) !== checksumOf(stream, frame)) return null;
  const end = HEAD + frame.readUInt32LE(8);
  const head: readonly HeadRecord[] = JSON.parse(frame.toString('utf8', HEAD, end));
  let at = end;
  return head.map(({ f, k, v, s, n, a, b }) => {
    const payload = new Uint8Array(bytes.buffer, bytes.byteOffset + at, b);
    at += b;
    return { family: f, kind: k, version: v, source: s, sequence: n, arrival: a, payload };
  });
}

function checksumOf(stream: string, frame: Buffer): number {
  return crc32(frame.subarray(8), crc32(stream));
}
