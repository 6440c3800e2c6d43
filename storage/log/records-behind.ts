import { type Checkpoints, checkpointKey, type Family, type LogHome, type LogRecord } from '../../domain/index.ts';

const BOUNDS = { maxBytes: 4_194_304, maxRecords: 4_096 };

/** What follows checkpoints in every partition of a family, slice by slice, as far as the home reaches when it is asked. */
export async function* recordsBehind(
  home: LogHome,
  family: Family,
  checkpoints: Checkpoints,
): AsyncGenerator<readonly LogRecord[]> {
  const heads = await home.heads();
  for (let partition = 0; partition < home.partitions[family]; partition++) {
    const key = checkpointKey(family, partition);
    const head = heads[key] ?? 0;
    for (let after = checkpoints[key] ?? 0; after < head; ) {
      const { records, floor, through = 0 } = await home.after({ family, partition }, after, BOUNDS);
      if (records.length > 0) yield records;
      const next = Math.max(records.at(-1)?.position ?? 0, floor, through);
      if (next <= after) break;
      after = next;
    }
  }
}
