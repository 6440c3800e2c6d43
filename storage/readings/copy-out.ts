import { to as copyTo } from 'pg-copy-streams';
import type { ReadDatabase } from '../database.ts';

/** Signature and flags; then the length of the header's extension (PostgreSQL manual: COPY, "Binary Format"). */
const EXTENSION_AT = 15;
const EXTENSION_BYTES = 4;
/** Where a tuple's number of fields would stand, behind the last. */
const TRAILER = -1;

/**
 * The rows of a query in binary, as COPY sends them: the client's own protocol would send each byte of an array as two
 * characters, and make a string of all of them first.
 *
 * @param select without parameters: COPY takes none
 * @returns the fields of each row; null where a field is NULL
 */
export async function copyOut(database: ReadDatabase, select: string): Promise<(Buffer | null)[][]> {
  return [...rowsOf(await bytesOf(database, `COPY (${select}) TO STDOUT (FORMAT binary)`))];
}

function bytesOf(database: ReadDatabase, statement: string): Promise<Buffer> {
  return database.read(async (client) => {
    const chunks: Buffer[] = [];
    for await (const chunk of client.query(copyTo(statement))) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  });
}

function* rowsOf(bytes: Buffer): Generator<(Buffer | null)[]> {
  let at = EXTENSION_AT + EXTENSION_BYTES + bytes.readInt32BE(EXTENSION_AT);
  for (let fields = bytes.readInt16BE(at); fields !== TRAILER; fields = bytes.readInt16BE(at)) {
    at += 2;
    const row: (Buffer | null)[] = [];
    for (let field = 0; field < fields; field++) {
      const length = bytes.readInt32BE(at);
      at += 4;
      row.push(length < 0 ? null : bytes.subarray(at, at + length));
      if (length > 0) at += length;
    }
    yield row;
  }
}
