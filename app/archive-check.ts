import { readingsIn, restsOnOthers } from '../ingest/index.ts';
import {
  Archive,
  type ArchiveCheck,
  type ArchivedOriginal,
  type ArchiveFault,
  type ArchiveHead,
  type Database,
  isDeleted,
  type ReadingIdentity,
  storedValues,
  verifyArchive,
} from '../storage/index.ts';
import { Originals } from './originals.ts';

/** Readings asked for at once. */
const AT_ONCE = 2_000;
/** Faults that are written out; more only make the list longer. */
const MOST_FAULTS = 1_000;

export interface RecordCheck extends ArchiveCheck {
  readonly readings: {
    /** Compared with the messages that brought them. */
    readonly compared: number;
    /** In no table yet, or no more: the writer has not come to them, or the log of deletions says so. */
    readonly absent: number;
    /**
     * Messages that rest on what their sender told before, or on a mapping, and do not give what is stored by their bytes
     * alone: neither proved nor disproved.
     */
    readonly unproven: number;
  };
}

export interface RecordCheckOptions {
  readonly database: Database;
  /** Default: without what readings on NATS were made of and is not archived yet. */
  readonly archive?: Archive;
  readonly kept: ArchiveHead | null;
  /** Which segments' readings are compared; default all. Hashes, index and ends are looked at in all of them. */
  readonly isSampled?: (segment: number) => boolean;
  /** The writer has stored everything that is in the log; else readings may be missing for a while. */
  readonly isWritten: () => Promise<boolean>;
  readonly onSegment?: (segment: number) => void;
}

/**
 * Whether the record is what was received: the archive by its hashes, and the stored readings by the messages that
 * brought them. Of several messages for one reading the first is what was stored.
 */
export async function checkRecord(options: RecordCheckOptions): Promise<RecordCheck> {
  const { database, kept, isSampled = () => true, isWritten, onSegment = () => {} } = options;
  const { archive = new Archive({ database }) } = options;
  const readings = new ReadingsCheck({ database, archive, isWritten: await isWritten() });
  const found = await verifyArchive({
    ...{ database, kept },
    onOriginals: async (segment, originals) => {
      if (isSampled(segment)) for (const original of originals) await readings.add(segment, original);
      onSegment(segment);
    },
  });
  for await (const original of archive.unarchived()) await readings.add(null, original);
  await readings.flush();
  const { compared, absent, unproven, faults } = readings;
  return {
    ...found,
    broken: [...found.broken, ...faults].slice(0, MOST_FAULTS),
    readings: { compared, absent, unproven },
  };
}

interface Brought extends ReadingIdentity {
  readonly segment: number | null;
  readonly value: number;
  readonly restsOnOthers: boolean;
}

/** Readings of messages beside those that are stored. */
class ReadingsCheck {
  compared = 0;
  absent = 0;
  unproven = 0;
  readonly faults: ArchiveFault[] = [];
  readonly #database: Database;
  readonly #originals: Originals;
  readonly #isWritten: boolean;
  #waiting: Brought[] = [];

  constructor(options: { readonly database: Database; readonly archive: Archive; readonly isWritten: boolean }) {
    this.#database = options.database;
    this.#originals = new Originals({ archive: options.archive });
    this.#isWritten = options.isWritten;
  }

  async add(segment: number | null, original: ArchivedOriginal): Promise<void> {
    const rests = restsOnOthers(original.door);
    const brought = await readingsIn(original);
    if (rests && brought.length === 0) this.unproven++;
    for (const { count, devices, device, metric, time, value } of brought) {
      for (let row = 0; row < count; row++) {
        this.#waiting.push({
          ...{ segment, device: devices[device[row] ?? 0] ?? '', metric: metric[row] ?? 0 },
          ...{ time: time[row] ?? 0, value: value[row] ?? Number.NaN },
          restsOnOthers: rests,
        });
      }
    }
    if (this.#waiting.length >= AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    const asked = this.#waiting;
    this.#waiting = [];
    if (asked.length === 0) return;
    const stored = await storedValues(this.#database, asked);
    for (const [index, brought] of asked.entries()) {
      const value = stored[index] ?? null;
      this.compared++;
      if (value === brought.value || this.faults.length >= MOST_FAULTS) continue;
      if (brought.restsOnOthers) {
        this.unproven++;
        continue;
      }
      await this.#look(brought, value);
    }
  }

  /** One that is not stored as it was brought. */
  async #look({ segment, device, metric, time, value }: Brought, stored: number | null): Promise<void> {
    const what = `the reading of ${device}, metric ${metric}, at ${new Date(time).toISOString()}`;
    if (stored === null) {
      if (!this.#isWritten || (await isDeleted(this.#database, time))) this.absent++;
      else this.faults.push({ segment, reason: `${what} is not stored: it was deleted, and no log says so` });
      return;
    }
    for await (const first of this.#originals.ofReading(device, metric, time)) {
      if (first.value === stored) return;
      break;
    }
    this.faults.push({ segment, reason: `${what} is stored as ${stored}, the message says ${value}` });
  }
}
