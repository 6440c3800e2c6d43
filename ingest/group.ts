import {
  encodeJson,
  encodeReadings,
  type NewRecord,
  type Original,
  OriginalsBuilder,
  type Quarantined,
  READINGS_VERSION,
  ReadingBuilder,
  type RefusalCount,
} from '../domain/index.ts';
import { originalsRecord } from '../storage/index.ts';

/** A record is closed at this many readings (1 MiB), so that no consumer's batch is dominated by one. */
const READINGS_PER_RECORD = 50_000;
/** And quarantine and originals at about this many bytes of payload. */
const QUARANTINE_BYTES_PER_RECORD = 1_048_576;
const ORIGINALS_BYTES_PER_RECORD = 1_048_576;
export const QUARANTINE_VERSION = 1;
export const REFUSALS_VERSION = 1;

export type Done = (error?: Error) => void;

/** Messages that will be durable together: their readings in columns, and who waits for it. */
export class Group {
  readonly #source: string;
  readonly #builder = new ReadingBuilder();
  #sealed: NewRecord[] = [];
  #quarantined: Quarantined[] = [];
  #quarantinedBytes = 0;
  readonly #originals = new OriginalsBuilder();
  #dones: Done[] = [];
  #readings = 0;
  #bytes = 0;
  /** Monotonic ms when its append began. */
  since = 0;
  /** Epoch ms of the latest message: what its records give as their arrival. */
  arrival = 0;

  /** @param source the door that its records name */
  constructor(source = 'mqtt') {
    this.#source = source;
  }

  get messages(): number {
    return this.#dones.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get readings(): number {
    return this.#readings;
  }

  /** Where a message's readings go. Ask anew for every message. */
  get builder(): ReadingBuilder {
    if (this.#builder.count >= READINGS_PER_RECORD) this.#seal();
    return this.#builder;
  }

  addRefusalCounts(counts: readonly RefusalCount[]): void {
    if (counts.length === 0) return;
    const { arrival } = this;
    this.#sealed.push({
      ...{ family: 'readings', kind: 'refusals', version: REFUSALS_VERSION, source: 'ingest' },
      ...{ sequence: null, arrival, payload: encodeJson(counts) },
    });
  }

  addRecord(record: NewRecord): void {
    this.#sealed.push(record);
  }

  countReadings(readings: number): void {
    this.#readings += readings;
  }

  addQuarantined(entries: readonly Quarantined[]): void {
    for (const entry of entries) {
      this.#quarantined.push(entry);
      this.#quarantinedBytes += entry.payload.length;
      if (this.#quarantinedBytes >= QUARANTINE_BYTES_PER_RECORD) this.#sealQuarantine();
    }
  }

  /** The message itself, to be durable in the same commit. */
  addOriginal(original: Original): void {
    this.#originals.add(original);
    if (this.#originals.length >= ORIGINALS_BYTES_PER_RECORD) this.#sealOriginals();
  }

  addMessage(done: Done, bytes: number): void {
    this.#dones.push(done);
    this.#bytes += bytes;
  }

  /** What is to be appended; the columns are copied, so that the group can be used again once it is settled. */
  records(): readonly NewRecord[] {
    if (this.#builder.count > 0) this.#seal();
    if (this.#quarantined.length > 0) this.#sealQuarantine();
    if (!this.#originals.isEmpty) this.#sealOriginals();
    return this.#sealed;
  }

  /** Tells everyone who waits, in the order they came, and starts afresh. */
  settle(error: Error | undefined): void {
    const dones = this.#dones;
    this.clear();
    for (const done of dones) done(error);
  }

  /** Forgets everything, those who wait included. */
  clear(): void {
    this.#dones = [];
    this.#sealed = [];
    this.#quarantined = [];
    this.#quarantinedBytes = 0;
    this.#originals.clear();
    this.#readings = 0;
    this.#bytes = 0;
    this.#builder.reset();
  }

  #seal(): void {
    const builder = this.#builder;
    this.#readings += builder.count;
    this.#sealed.push({
      family: 'readings',
      kind: 'readings',
      version: READINGS_VERSION,
      source: this.#source,
      sequence: null,
      arrival: this.arrival,
      payload: encodeReadings(builder.view()),
    });
    builder.reset();
  }

  #sealOriginals(): void {
    this.#sealed.push(originalsRecord(this.#originals, { source: this.#source, arrival: this.arrival }));
  }

  #sealQuarantine(): void {
    this.#sealed.push({
      family: 'readings',
      kind: 'quarantine',
      version: QUARANTINE_VERSION,
      source: 'ingest',
      sequence: null,
      arrival: this.arrival,
      payload: encodeJson(this.#quarantined),
    });
    this.#quarantined = [];
    this.#quarantinedBytes = 0;
  }
}
