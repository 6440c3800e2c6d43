import type { Kept, Logger, Timer, TimeSource, Troubles } from '../../domain/index.ts';
import type { Archive } from '../archive/index.ts';
import type { SoleOwner } from '../sole-owner.ts';
import type { Deletions } from './deletions.ts';
import type { Sweeper } from './sweeper.ts';

/** One setting of the installation: its age in ms, and how it was written. */
export interface Age {
  readonly ms: number;
  /** `400d` */
  readonly text: string;
}

/** @returns files whose content went */
export type FileSweep = (age: Age, kept: Kept, stopping: AbortSignal) => Promise<number>;

export interface RetentionOptions {
  readonly sweeper: Sweeper;
  readonly archive: Archive;
  readonly deletions: Deletions;
  /** Readings, and originals, older than this go; null: nothing is ever deleted. */
  readonly readings: Age | null;
  readonly originals: Age | null;
  /** Files of others: their age, and what throws them away. */
  readonly files?: { readonly age: Age; readonly sweep: FileSweep } | null;
  /** What may not go, asked anew at every sweep. */
  readonly kept: () => Promise<Kept>;
  /** Of several processes one deletes; absent: there is but this one. */
  readonly owner?: SoleOwner;
  readonly time: TimeSource;
  readonly logger: Logger;
  /** Where a sweep that only fails is seen. */
  readonly troubles?: Troubles;
}

export interface RetentionResult {
  readonly readings: number;
  readonly originals: number;
  readonly files: number;
  readonly postponed: number;
}

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;

/**
 * Deletes what is past its retention and not kept for another reason, a minute after the start and once an hour; each
 * deletion is logged.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #stopping = new AbortController();
  #timers: Timer[] = [];
  #running: Promise<unknown> | null = null;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    const { readings, originals, files = null, time } = this.#options;
    if (readings === null && originals === null && files === null) return;
    const sweep = () => {
      this.#running ??= this.#attempt().finally(() => {
        this.#running = null;
      });
    };
    this.#timers = [time.after('first retention', FIRST_AFTER_MS, sweep), time.every('retention', EVERY_MS, sweep)];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#stopping.abort();
    await this.#running;
  }

  /** One round now, of who may. */
  async run(): Promise<RetentionResult> {
    const { sweeper, readings, originals, files = null, kept: askKept, owner } = this.#options;
    const { signal } = this.#stopping;
    const stopping = owner === undefined ? signal : AbortSignal.any([signal, owner.lost]);
    if (readings === null && originals === null && files === null)
      return { readings: 0, originals: 0, files: 0, postponed: 0 };
    const kept = await askKept();
    const now = await this.#now();
    const swept =
      readings === null
        ? { deleted: 0, postponed: 0 }
        : await sweeper.sweep(now - readings.ms, kept.ranges, `retention.readings=${readings.text}`, stopping);
    return {
      readings: swept.deleted,
      postponed: swept.postponed,
      originals: originals === null ? 0 : await this.#endOriginals(now - originals.ms, kept, originals, stopping),
      files: files === null ? 0 : await files.sweep(files.age, kept, stopping),
    };
  }

  /** A clock that has jumped ahead must not make everything old: age is counted from the newest reading at the latest. */
  async #now(): Promise<number> {
    const { sweeper, time } = this.#options;
    const newest = await sweeper.newest();
    return newest === Number.NEGATIVE_INFINITY ? time.now() : Math.min(time.now(), newest);
  }

  async #endOriginals(before: number, kept: Kept, { text }: Age, stopping: AbortSignal): Promise<number> {
    const { archive, deletions, time } = this.#options;
    let ended = 0;
    for await (const segment of archive.endable(before, kept)) {
      if (stopping.aborted) break;
      const { number, arrivedFrom: from, arrivedTo, messages } = segment;
      const setting = `retention.originals=${text}`;
      const entry = await deletions.begin(
        { what: 'originals', from, to: arrivedTo + 1, setting, extent: 'all' },
        time.now(),
      );
      await archive.end(number, entry, time.now());
      await deletions.finish(entry, { deleted: messages, kept: 0 }, time.now());
      ended += messages;
    }
    return ended;
  }

  async #attempt(): Promise<void> {
    const { logger, owner, time, troubles } = this.#options;
    try {
      // What another does now it says itself.
      if (owner === undefined || (await owner.isOurs())) await this.run();
      troubles?.passed('retention');
    } catch (error) {
      troubles?.failed('retention', error, time.now());
      logger.error({ error }, 'a sweep of what is past its retention failed; it is tried again');
    }
  }
}
