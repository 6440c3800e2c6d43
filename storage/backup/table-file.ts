import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

const MIB = 1_048_576;
const REPORT_EVERY = 64 * MIB;

/** A file of a backup or an export, and what proves that it is whole. */
export interface WrittenFile {
  readonly rows: number;
  /** As written. */
  readonly bytes: number;
  /** Of the file as written, hex. */
  readonly sha256: string;
}

/**
 * What `COPY statement TO STDOUT` gives, into a new file; streamed, so that a table of any size takes some hundred KB.
 * The file is on the disk when this resolves.
 */
export async function copyToFile(
  client: pg.ClientBase,
  { statement, path, isPacked, onBytes }: CopyToFile,
): Promise<WrittenFile> {
  const source = client.query(copyTo(statement));
  const hashing = new Hashing(onBytes);
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  if (isPacked) await pipeline(source, createZstdCompress(), hashing, file);
  else await pipeline(source, hashing, file);
  return { rows: source.rowCount, bytes: hashing.bytes, sha256: hashing.digest() };
}

export interface CopyToFile {
  readonly statement: string;
  readonly path: string;
  /** With zstd. */
  readonly isPacked: boolean;
  /** Now and then, with the bytes written so far: for a person who waits. */
  readonly onBytes?: (bytes: number) => void;
}

/** Lines into a new file, as they come. */
export async function linesToFile(lines: AsyncIterable<string>, path: string): Promise<WrittenFile> {
  let rows = 0;
  const counted = async function* () {
    for await (const line of lines) {
      rows++;
      yield line;
    }
  };
  const hashing = new Hashing();
  await pipeline(Readable.from(counted()), hashing, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  return { rows, bytes: hashing.bytes, sha256: hashing.digest() };
}

/** The file's rows, back into a table. @returns how many, and what the file was that they came from */
export async function copyFromFile(
  client: pg.ClientBase,
  { statement, path, onBytes }: Omit<CopyToFile, 'isPacked'>,
): Promise<WrittenFile> {
  const target = client.query(copyFrom(statement));
  const hashing = new Hashing(onBytes);
  await pipeline(createReadStream(path), hashing, createZstdDecompress(), target);
  return { rows: target.rowCount, bytes: hashing.bytes, sha256: hashing.digest() };
}

/** `readings: 128 MiB` */
export function progressOf(name: string, onProgress: (text: string) => void): (bytes: number) => void {
  return (bytes) => onProgress(`${name}: ${Math.round(bytes / MIB)} MiB`);
}

/** SHA-256 of a file, hex. */
export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Lets bytes through and remembers their hash. */
class Hashing extends Transform {
  bytes = 0;
  readonly #hash: Hash = createHash('sha256');
  readonly #onBytes: (bytes: number) => void;
  #reported = 0;

  constructor(onBytes: (bytes: number) => void = () => {}) {
    super();
    this.#onBytes = onBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    if (this.bytes - this.#reported >= REPORT_EVERY) {
      this.#reported = this.bytes;
      this.#onBytes(this.bytes);
    }
    done(null, chunk);
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}
