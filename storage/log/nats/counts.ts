import type { NewRecord } from '../../../domain/index.ts';
import type { StreamFamily } from './frame.ts';
import { endOf, nextSequence, PLACES } from './positions.ts';

/** Messages of a partition whose records are remembered. */
const REMEMBERED = 65_536;

/** How many records messages hold, of those that this process wrote or read; of the others their mean. */
export class MessageCounts {
  readonly #partitions = new Map<number, Map<number, Readonly<Record<StreamFamily, number>>>>();

  learn(partition: number, sequence: number, records: readonly Pick<NewRecord, 'family'>[]): void {
    const readings = records.filter(({ family }) => family === 'readings').length;
    const counts = this.#of(partition);
    counts.set(sequence, { readings, originals: records.length - readings });
    if (counts.size <= REMEMBERED) return;
    const [oldest] = counts.keys();
    if (oldest !== undefined) counts.delete(oldest);
  }

  /** Records of a family behind a position, up to the message `last`. */
  after(partition: number, family: StreamFamily, position: number, last: number): number {
    const counts = this.#of(partition);
    const first = nextSequence(position);
    if (first > last) return 0;
    let [records, known] = [0, 0];
    for (const [sequence, count] of counts) {
      if (sequence < first || sequence > last) continue;
      known++;
      records += sequence === first ? Math.min(count[family], endOf(sequence) - position) : count[family];
    }
    const unknown = last - first + 1 - known;
    return records + (unknown === 0 ? 0 : Math.round(unknown * this.#mean(counts, family)));
  }

  #mean(counts: ReadonlyMap<number, Readonly<Record<StreamFamily, number>>>, family: StreamFamily): number {
    if (counts.size === 0) return 1;
    let sum = 0;
    for (const count of counts.values()) sum += count[family];
    return Math.min(sum / counts.size, PLACES);
  }

  #of(partition: number) {
    let counts = this.#partitions.get(partition);
    if (counts === undefined) {
      counts = new Map();
      this.#partitions.set(partition, counts);
    }
    return counts;
  }
}
