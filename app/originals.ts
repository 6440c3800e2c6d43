import { readingsIn } from '../ingest/index.ts';
import type { Archive, FoundOriginal } from '../storage/index.ts';

/** A message that brought a reading, and the value it gave. */
export interface BroughtReading {
  readonly original: FoundOriginal;
  readonly value: number;
}

/** From a reading or a subject back to the messages: the archive's bytes, read by the code that took them in. */
export class Originals {
  readonly #archive: Archive;

  constructor(options: { readonly archive: Archive }) {
    this.#archive = options.archive;
  }

  /** Messages that speak of a device, reader, shipment... in [from, to], epoch ms UTC; oldest first. */
  of(subject: string, from: number, to: number): AsyncGenerator<FoundOriginal> {
    return this.#archive.find(subject, from, to);
  }

  /**
   * Messages that bring the reading of a device and metric (code) at exactly this time; oldest first, so the first one
   * is what it was stored from. A message without times of its own brings its readings at its arrival.
   */
  async *ofReading(device: string, metric: number, time: number): AsyncGenerator<BroughtReading> {
    for await (const original of this.#archive.find(device, time, time)) {
      for (const { count, devices, ...columns } of await readingsIn(original)) {
        for (let row = 0; row < count; row++) {
          const isIt =
            columns.time[row] === time &&
            columns.metric[row] === metric &&
            devices[columns.device[row] ?? -1] === device;
          const value = columns.value[row];
          if (isIt && value !== undefined) yield { original, value };
        }
      }
    }
  }
}
