import {
  type Checkpoints,
  type ConsumerHandler,
  checkpointKey,
  decodeReadings,
  type Effects,
  type LogBatch,
  type LogGap,
  type TimeSource,
} from '../../domain/index.ts';
import { clientOf } from '../../storage/index.ts';
import { markGoods } from './goods-desk.ts';

/**
 * The consumer of readings that marks the shipments around whose goods they were measured: once the writer has stored them,
 * rules on goods judge these again.
 */
export class GoodsReadings implements ConsumerHandler {
  readonly #stored: (positions: Checkpoints) => Promise<void>;
  readonly #time: TimeSource;

  /** @param stored resolves once the writer has passed these positions */
  constructor({
    stored,
    time,
  }: { readonly stored: (positions: Checkpoints) => Promise<void>; readonly time: TimeSource }) {
    this.#stored = stored;
    this.#time = time;
  }

  async handle(batch: LogBatch, effects: Effects): Promise<void> {
    const devices = new Set<string>();
    for (const record of batch.records) {
      if (record.kind !== 'readings') continue;
      const { devices: names } = decodeReadings(record.payload);
      for (const name of names) devices.add(name);
    }
    const last = batch.records.at(-1);
    if (last === undefined || devices.size === 0) return;
    await this.#stored({ [checkpointKey(batch.family, batch.partition)]: last.position });
    await markGoods(clientOf(effects), { shipments: [], devices, isRules: false, reason: null }, last.arrival);
  }

  /** Which devices measured meanwhile is not known: every shipment is judged again. */
  async skipped({ family, partition, through }: LogGap, effects: Effects): Promise<void> {
    await this.#stored({ [checkpointKey(family, partition)]: through });
    await markGoods(clientOf(effects), { shipments: [], devices: [], isRules: true, reason: null }, this.#time.now());
  }
}
