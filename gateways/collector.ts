import { decodeBatch, encodeBatch } from '../codecs/batch/index.ts';
import { TAG, type TagColumns } from '../codecs/llrp/index.ts';
import {
  doorText,
  type GpiEvent,
  IsothermError,
  type Logger,
  type ReadGap,
  type ShownLight,
  type Sighting,
  type Timer,
  type TimeSource,
  tidOf,
} from '../domain/index.ts';
import type { ReaderClock } from './clock.ts';
import type { GatewayConfig } from './config.ts';
import { damagedGap } from './damaged-batch.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { ReadSink } from './session.ts';
import { SightingBuilder } from './sighting-builder.ts';
import type { Spool } from './spool.ts';

/** Sightings in one batch at most; a backlog makes several batches. */
const BATCH_SIGHTINGS = 2000;
/** From here on sightings that are known are not reported again until they end: the reads of least value. */
const SPARING_FILL = 0.9;
/** How often completeness alone is worth a batch: after activity, and otherwise. */
const COMPLETE_EVERY_MS = { busy: 1000, quiet: 10_000, busyFor: 30_000 } as const;

/** What an Impinj reader puts where it has no RSSI, hundredths of a dBm. */
const NO_RSSI = -32_768;

/** Meta key: how the gateway ended. */
const ENDED = 'ended';
/** A gateway that lives writes at least this often (completeness), so it died at most this long after its last batch. */
const CRASH_NOTICED_MS = 15_000;
const NEW_SPOOL = 'the gateway began with an empty spool: what an older one had not sent is lost';

export interface CollectorOptions {
  readonly config: GatewayConfig;
  readonly spool: Spool;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  /** A batch is on disk. */
  readonly added: () => void;
  /** What is new in it. */
  readonly seen: (sightings: readonly Sighting[], gpi: readonly GpiEvent[], gaps: readonly ReadGap[]) => void;
  /** Nothing waits to be sent, and the platform is there: a batch of completeness alone makes sense. */
  readonly isDrained: () => boolean;
  /** So much waits that newer batches may overtake older ones: completeness must not be claimed. */
  readonly isBacklogged: () => boolean;
  /** The spool takes no writes (true), or does so again (false). */
  readonly stalled: (isStalled: boolean) => void;
}

/**
 * Gathers what the readers' sessions see, puts it on disk, and only then makes sightings and batches of it. New
 * sightings go into a batch at once, changes of known ones every `updateMs`, completeness with the batch that holds
 * everything before it.
 */
export class Collector implements ReadSink {
  readonly #options: CollectorOptions;
  readonly #builders: ReadonlyMap<string, SightingBuilder>;
  #reads: Sighting[] = [];
  /** Taken from the builders and not in a batch yet: more than none only where a write failed. */
  readonly #due: Sighting[] = [];
  #gpi: GpiEvent[] = [];
  #gaps: ReadGap[] = [];
  #shown: ShownLight[] = [];
  readonly #complete = new Map<string, number>();
  readonly #completeSent = new Map<string, number>();
  #completeCutAt = 0;
  #activeAt = 0;
  #gather: Timer | null = null;
  #update: Timer | null = null;
  #isStalled = false;
  #isAbandoned = false;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#builders = new Map(
      options.config.readers.map(({ id, sightingGapMs, sightingCapMs }) => [
        id,
        new SightingBuilder({ gapMs: sightingGapMs, capMs: sightingCapMs }),
      ]),
    );
  }

  /** Takes up what was on disk when the gateway stopped, however it stopped. */
  start(): void {
    const { spool, time, config } = this.#options;
    const now = time.now();
    const { payloads, damaged } = spool.keptReads();
    if (damaged > 0) {
      this.#options.logger.error({ damaged }, 'reads in the spool are not what the disk took; told as a gap');
      for (const { id } of config.readers) this.#gaps.push(damagedGap(id, now));
    }
    for (const payload of payloads) {
      for (const sighting of decodeBatch(payload).batch.sightings) {
        this.#builders.get(sighting.reader)?.add(sighting, now);
      }
    }
    this.#confessCrash(now);
    this.#update = time.every('gateway.collector.update', config.updateMs, () => this.#attempt(() => this.#cutAll()));
    this.#attempt(() => this.#cutNew());
  }

  /** Everything that is known goes into batches. */
  stop(): void {
    this.#gather?.cancel();
    this.#update?.cancel();
    this.#attempt(() => {
      this.#cutAll();
      this.#options.spool.setMeta(ENDED, 'orderly');
    });
  }

  /** Nothing more is written: what is not on disk is lost, as in a power cut. */
  abandon(): void {
    this.#gather?.cancel();
    this.#update?.cancel();
    this.#isAbandoned = true;
  }

  tags(reader: string, columns: TagColumns, clock: ReaderClock): void {
    const now = this.#options.time.now();
    for (let row = 0; row < columns.count; row++) this.#reads.push(sightingOf(reader, columns, row, clock, now));
    this.#activeAt = now;
    this.#later();
  }

  gpi(event: GpiEvent): void {
    this.#gpi.push(event);
    this.#builders.get(event.reader)?.cut(event.at);
    this.#activeAt = this.#options.time.now();
    this.#later();
  }

  gap(gap: ReadGap): void {
    this.#gaps.push(gap);
    this.#later();
  }

  /** What a light showed while the platform was away: it goes up behind the reads that it was about. */
  shown(light: ShownLight): void {
    this.#shown.push(light);
    this.#later();
  }

  complete(reader: string, at: number): void {
    this.#complete.set(reader, Math.max(at, this.#complete.get(reader) ?? 0));
  }

  completeUntil(reader: string): number | null {
    return this.#complete.get(reader) ?? this.#options.spool.completeUntil(reader);
  }

  /** After a kill or a power cut: what was under way from the readers at that moment is a gap. */
  #confessCrash(now: number): void {
    const { spool, config } = this.#options;
    const wasOrderly = spool.meta(ENDED) === 'orderly';
    const lastAt = spool.lastAt;
    spool.setMeta(ENDED, '');
    if (lastAt === null) {
      // What an older spool held is not known here; the platform knows until when it had everything, if it ever had.
      for (const { id } of config.readers) this.#gaps.push({ reader: id, from: now, to: now, reason: NEW_SPOOL });
      return;
    }
    if (wasOrderly) return;
    for (const { id } of config.readers) {
      const from = spool.completeUntil(id);
      const to = Math.min(now, lastAt + CRASH_NOTICED_MS);
      if (from === null || to <= from) continue;
      this.#gaps.push({ reader: id, from, to, reason: doorText('en', 'pass.gap.killed') });
    }
  }

  #later(): void {
    if (this.#gather !== null || this.#isAbandoned) return;
    this.#gather = this.#options.time.after('gateway.collector.gather', this.#options.config.gatherMs, () => {
      this.#gather = null;
      this.#attempt(() => this.#cutNew());
    });
  }

  /** Reads are on disk before anything is made of them. */
  #keep(): void {
    const reads = this.#reads;
    if (reads.length === 0) return;
    this.#options.spool.keepReads(this.#encode(1, { sightings: reads }));
    this.#reads = [];
    const now = this.#options.time.now();
    for (const read of reads) this.#builders.get(read.reader)?.add(read, now);
  }

  #cutNew(): void {
    this.#keep();
    const sightings = [...this.#builders.values()].flatMap((builder) => builder.takeNew());
    this.#cut(sightings, new Map(), false);
  }

  #cutAll(): void {
    const { spool, time } = this.#options;
    const complete = new Map(this.#complete);
    this.#keep();
    const now = time.now();
    const builders = [...this.#builders.values()];
    if (spool.fill >= SPARING_FILL) {
      this.#cut(
        builders.flatMap((builder) => builder.takeEnded(now)),
        new Map(),
        false,
      );
      // What has grown stands in there too: nothing is lost, and the room is free again.
      spool.forgetReads(this.#encode(1, { sightings: this.#open() }));
      return;
    }
    const sightings = builders.flatMap((builder) => builder.takeChanged(now));
    const claimed = this.#claimable(complete, sightings.length > 0, now);
    this.#cut(sightings, claimed, true);
  }

  /** Which readers' completeness goes with this batch. */
  #claimable(complete: Map<string, number>, hasSightings: boolean, now: number): Map<string, number> {
    const { isBacklogged, isDrained } = this.#options;
    const news = new Map([...complete].filter(([reader, at]) => at > (this.#completeSent.get(reader) ?? 0)));
    if (isBacklogged() || news.size === 0) return new Map();
    if (hasSightings || this.#gpi.length > 0 || this.#gaps.length > 0) return news;
    const { busy, quiet, busyFor } = COMPLETE_EVERY_MS;
    const everyMs = now - this.#activeAt < busyFor ? busy : quiet;
    return isDrained() && now - this.#completeCutAt >= everyMs ? news : new Map();
  }

  #cut(sightings: readonly Sighting[], complete: ReadonlyMap<string, number>, isEverything: boolean): void {
    const { spool, time, added, metrics } = this.#options;
    // One by one: a backlog of 200,000 does not fit into one call's arguments.
    for (const sighting of sightings) this.#due.push(sighting);
    const isNothing = this.#due.length + this.#gpi.length + this.#gaps.length + this.#shown.length === 0;
    if (isNothing && complete.size === 0) return;
    const now = time.now();
    this.#options.seen(sightings, this.#gpi, this.#gaps);
    for (let isLast = false; !isLast; ) {
      isLast = this.#due.length <= BATCH_SIGHTINGS;
      const sequence = spool.nextSequence;
      const payload = this.#encode(sequence, {
        sightings: this.#due.slice(0, BATCH_SIGHTINGS),
        gpi: this.#gpi,
        gaps: this.#gaps,
        ...(isLast && this.#shown.length > 0 && { shown: this.#shown }),
        complete: isLast ? [...complete].map(([reader, at]) => ({ reader, at })) : [],
      });
      const open = isEverything && isLast ? this.#encode(1, { sightings: this.#open() }) : null;
      spool.add({ sequence, at: now, payload }, isLast ? complete : new Map(), open);
      metrics.batches.add();
      this.#due.splice(0, BATCH_SIGHTINGS);
      this.#gpi = [];
      this.#gaps = [];
      if (isLast) this.#shown = [];
    }
    if (complete.size > 0) this.#completeCutAt = now;
    for (const [reader, at] of complete) this.#completeSent.set(reader, at);
    added();
  }

  #open(): Sighting[] {
    return [...this.#builders.values()].flatMap((builder) => builder.open);
  }

  #encode(sequence: number, part: Partial<Parameters<typeof encodeBatch>[0]>): Uint8Array {
    const { config, time } = this.#options;
    const nothing = { sightings: [], gpi: [], gaps: [], complete: [] };
    return encodeBatch({ ...nothing, ...part, gateway: config.id, sequence, at: time.now() });
  }

  /** A disk that takes nothing is survived: what is in memory stays there, readers are told to keep the rest. */
  #attempt(work: () => void): void {
    try {
      if (this.#options.spool.state === 'broken') this.#options.spool.probe();
      work();
    } catch (error) {
      if (!(error instanceof IsothermError) || error.code !== 'SPOOL_BROKEN') throw error;
      this.#options.logger.error({ err: error }, 'the spool takes no writes; readers keep their reads');
    }
    const isStalled = this.#options.spool.state !== 'ok';
    if (isStalled !== this.#isStalled) {
      this.#isStalled = isStalled;
      this.#options.stalled(isStalled);
    }
    if (this.#isStalled && this.#reads.length > 0) this.#later();
  }
}

/** One tag report; what the reader left out is filled in the least surprising way. */
function sightingOf(reader: string, columns: TagColumns, row: number, clock: ReaderClock, now: number): Sighting {
  const flags = columns.flags[row] ?? 0;
  const first = flags & TAG.hasFirst ? sane(clock.toGateway((columns.firstSeen[row] ?? 0) / 1000)) : null;
  const last = flags & TAG.hasLast ? sane(clock.toGateway((columns.lastSeen[row] ?? 0) / 1000)) : null;
  const rssi = columns.rssi[row] ?? NO_RSSI;
  // A reader that gives no times at all is heard when it speaks.
  const firstSeen = first ?? last ?? now;
  const tid = tidOf(columns.tidHex(row));
  return {
    reader,
    antenna: flags & TAG.hasAntenna ? (columns.antenna[row] ?? 0) : 0,
    epcHex: columns.epcHex(row),
    epcBits: columns.epcBits[row] ?? 0,
    firstSeen,
    lastSeen: Math.max(firstSeen, last ?? firstSeen),
    count: flags & TAG.hasCount ? Math.max(1, columns.seen[row] ?? 1) : 1,
    rssiDbm: flags & TAG.hasRssi && rssi !== NO_RSSI ? rssi / 100 : null,
    ...(tid !== null && { tids: [tid] }),
  };
}

/** A time that can be one at all: from 1970 to the year 9999. */
function sane(time: number): number | null {
  return time >= 0 && time < 253_402_300_800_000 ? time : null;
}
