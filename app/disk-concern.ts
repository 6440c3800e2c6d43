import type { Concern } from './health-watch.ts';

const PART = 'disk';
const GIB = 2 ** 30;

/** What a disk has, in bytes: free for us, and in all. */
export interface Room {
  readonly free: number;
  readonly total: number;
}

export interface DiskConcernOptions {
  /** Of the data directory; null where it is not on this machine. */
  readonly room: () => Promise<Room | null>;
  /** Per cent of the disk that are to be free; 0: it is never told. */
  readonly least: number;
}

/**
 * The disk of the data directory filling up, as a concern about health: told while there is time to make room. A full one
 * stops the embedded database, and with it every acknowledgement.
 */
export class DiskConcern {
  readonly #options: DiskConcernOptions;
  /** Since when it is told, epoch ms UTC. */
  #since: number | null = null;

  constructor(options: DiskConcernOptions) {
    this.#options = options;
  }

  async at(now: number): Promise<readonly Concern[]> {
    const { room, least } = this.#options;
    if (least === 0) return [];
    const found = await room();
    if (found === null) return [];
    const { free, total } = found;
    // One free per cent more ends it: what wavers at the limit is told once.
    const limit = (this.#since === null ? least : least + 1) / 100;
    if (free >= total * limit) {
      this.#since = null;
      return [];
    }
    this.#since ??= now;
    const percent = Math.floor((free / total) * 100);
    const text = `${(free / GIB).toFixed(1)} GiB of the data directory’s disk are free, ${percent} per cent; make room, or shorten retention (docs/storage.md)`;
    return [{ part: PART, since: this.#since, text }];
  }
}
