import { EPOCH_2000 } from '../types.ts';
import type { PackedStretch } from './stretches.ts';

/** Field count, then each field's length and value: int4, int2, timestamptz, and the length of bytea. */
const FIELDS_BYTES = 2 + (4 + 4) + (4 + 2) + (4 + 8) + 4;
/** Signature, flags, length of the header extension (PostgreSQL manual: COPY, "Binary Format"). */
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([255, 255]);

/** Rows of `packed_readings (device_id, metric, since, packed)` for `COPY ... FROM STDIN (FORMAT binary)`. */
export function copyOfStretches(stretches: readonly PackedStretch[]): Buffer {
  const rows = stretches.flatMap(({ key, packed }) => {
    const fields = Buffer.alloc(FIELDS_BYTES);
    fields.writeInt16BE(4, 0);
    fields.writeInt32BE(4, 2);
    fields.writeInt32BE(key.deviceId, 6);
    fields.writeInt32BE(2, 10);
    fields.writeInt16BE(key.metric, 14);
    fields.writeInt32BE(8, 16);
    fields.writeBigInt64BE(BigInt(key.since - EPOCH_2000) * 1_000n, 20);
    fields.writeInt32BE(packed.length, 28);
    return [fields, packed];
  });
  return Buffer.concat([HEADER, ...rows, TRAILER]);
}
