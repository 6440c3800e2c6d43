import { encodeBatch } from '../codecs/batch/index.ts';
import { doorText, type ReadGap } from '../domain/index.ts';
import type { GatewayConfig } from './config.ts';
import type { SpooledBatch } from './spool.ts';

/** A gap whose end is its start: since the platform last had everything of the reader (docs/batch.md). */
export function damagedGap(reader: string, at: number): ReadGap {
  return { reader, from: at, to: at, reason: doorText('en', 'pass.gap.damaged') };
}

/**
 * What goes up in place of a batch that came back from the disk with other bytes: its number, so that none is missing, and a gap of
 * every reader, since nobody knows whose reads were in it.
 */
export function damagedBatch({ id, readers }: GatewayConfig, { sequence, at }: SpooledBatch): Uint8Array {
  const gaps = readers.map((reader) => damagedGap(reader.id, at));
  return encodeBatch({ ...{ gateway: id, sequence, at, gaps }, sightings: [], gpi: [], complete: [] });
}
