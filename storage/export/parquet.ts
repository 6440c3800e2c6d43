import { chmod, open, stat } from 'node:fs/promises';
import { constants, zstdCompressSync } from 'node:zlib';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import type pg from 'pg';
import { hashOfFile, type WrittenFile } from '../backup/table-file.ts';

/** Rows that are in memory at once, and of a row group. */
const ROWS_AT_ONCE = 65_536;
const TELL_EVERY_ROWS = 16 * ROWS_AT_ONCE;

const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/**
 * Readings as Parquet: device and metric (strings, dictionary encoded), time (INT64, TIMESTAMP_MILLIS, UTC) and value
 * (DOUBLE), compressed with zstd; one row group at a time.
 *
 * @param given.select gives those four columns, in that order
 */
export async function readingsToParquet(
  client: pg.ClientBase,
  { select, path, onRows }: { readonly select: string; readonly path: string; readonly onRows: (rows: number) => void },
): Promise<WrittenFile> {
  const file = fileWriter(path);
  const writer = new ParquetWriter({
    writer: file,
    codec: 'ZSTD',
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes, LEVEL) },
    createdBy: 'isotherm',
    schema: [
      { name: 'readings', num_children: 4 },
      { name: 'device', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'metric', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'time', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
      { name: 'value', type: 'DOUBLE', repetition_type: 'REQUIRED' },
    ],
  });
  let rows = 0;
  await client.query(`DECLARE export_readings NO SCROLL CURSOR FOR ${select}`);
  for (;;) {
    const fetched = await client.query<[string, string, number, number]>({
      text: `FETCH ${ROWS_AT_ONCE} FROM export_readings`,
      rowMode: 'array',
    });
    const batch = fetched.rows;
    if (batch.length === 0) break;
    rows += batch.length;
    if (rows % TELL_EVERY_ROWS === 0) onRows(rows);
    await writer.write({
      rowGroupSize: ROWS_AT_ONCE,
      columnData: [
        { name: 'device', data: batch.map(([device]) => device) },
        { name: 'metric', data: batch.map(([, metric]) => metric) },
        { name: 'time', data: BigInt64Array.from(batch, ([, , time]) => BigInt(time)) },
        { name: 'value', data: Float64Array.from(batch, ([, , , value]) => value) },
      ],
    });
  }
  await client.query('CLOSE export_readings');
  await writer.finish();
  await chmod(path, 0o600);
  const whole = await open(path, 'r');
  await whole.sync().finally(() => whole.close());
  return { rows, bytes: (await stat(path)).size, sha256: await hashOfFile(path) };
}
