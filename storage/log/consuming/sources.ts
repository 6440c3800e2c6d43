import {
  type Checkpoints,
  checkpointKey,
  type Family,
  type LogHome,
  type LogPartition,
} from '../../../domain/index.ts';

/** A partition that a reader reads, and the key of how far it is. */
export interface Source extends LogPartition {
  readonly key: string;
}

/** All partitions of some families, as many as there are now. */
export function sourcesOf(families: readonly Family[], { partitions }: Pick<LogHome, 'partitions'>): readonly Source[] {
  return families.flatMap((family) =>
    Array.from({ length: partitions[family] }, (_, partition) => ({
      ...{ family, partition },
      key: checkpointKey(family, partition),
    })),
  );
}

/** Whether a reader that stands at `positions` may begin with a partition, or go on: what precedes it has been read. */
export function isOpen(home: Pick<LogHome, 'precedes'>, at: LogPartition, positions: Checkpoints): boolean {
  const before = home.precedes(at);
  if (before === null) return true;
  return (positions[checkpointKey(before.family, before.partition)] ?? 0) >= before.position;
}
