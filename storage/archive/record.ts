import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DefectError, type LogRecord, type NewRecord, type OriginalsBuilder } from '../../domain/index.ts';

/** Version of the `originals` payload: zstd of the layout in domain/original.ts. */
const VERSION = 1;

/**
 * The fastest level: on a group of messages 1.5 GB a second and a fifteenth of the size, so that what the log writes
 * grows by a third instead of fivefold.
 */
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** What a builder has collected, as a record for the log; the builder is empty afterwards. */
export function originalsRecord(
  originals: OriginalsBuilder,
  { source, arrival }: Pick<NewRecord, 'source' | 'arrival'>,
): NewRecord {
  return {
    ...{ family: 'originals', kind: 'originals', version: VERSION, source, sequence: null, arrival },
    payload: zstdCompressSync(originals.take(), FASTEST),
  };
}

/**
 * The payload of such a record as the builder gave it.
 * @throws {DefectError} RECORD_UNKNOWN where it is none
 */
export function originalsPayload({ kind, version, position, payload }: LogRecord): Buffer {
  if (kind === 'originals' && version === VERSION) return zstdDecompressSync(payload);
  throw new DefectError('RECORD_UNKNOWN', `record ${position}: kind ${kind}, version ${version}`, { position });
}
