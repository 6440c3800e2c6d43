import type { SparkplugMetric } from './payload.ts';

/** What a birth told of a metric. */
export interface KnownMetric {
  readonly name: string;
  readonly datatype: number | null;
  readonly unit: string | null;
  /** Of which device of the edge node; null for its own. */
  readonly device: string | null;
}

/** Metrics of one edge node that are remembered: beyond it, a rebirth is asked for each time. */
const MOST_METRICS = 10_000;
/** A message that is missing may yet come this long, where several connections carry them (6.3.2 of the specification). */
const REORDER_MS = 2_000;
/** A node that does not answer is not asked again sooner. */
const REBIRTH_EVERY_MS = 30_000;
const SEQUENCE = 256;

/**
 * A session of one edge node: what its births told, and which of its messages are missing.
 */
export class EdgeNode {
  /** By alias, which is unique over the node and its devices; and by device and name. */
  readonly #byAlias = new Map<string, KnownMetric>();
  readonly #byName = new Map<string, KnownMetric>();
  /** Units that births told, of sessions before too. */
  readonly #units = new Map<string, string>();
  readonly #missing = new Set<number>();
  #missingSince: number | null = null;
  #next: number | null = null;
  #bdSeq: number | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isBorn = false;

  /** Whether its NBIRTH was heard, and no NDEATH since. */
  get isBorn(): boolean {
    return this.#isBorn;
  }

  /** An NBIRTH: whatever was known of the node and of its devices is of another session. */
  born(bdSeq: number | null): void {
    this.#byAlias.clear();
    this.#byName.clear();
    this.#missing.clear();
    this.#missingSince = null;
    this.#next = null;
    this.#bdSeq = bdSeq;
    this.#isBorn = true;
  }

  /** An NDEATH. One of another session than the present one, by its bdSeq, says nothing. @returns whether it counted */
  died(bdSeq: number | null): boolean {
    if (bdSeq !== null && this.#bdSeq !== null && bdSeq !== this.#bdSeq) return false;
    this.born(null);
    this.#isBorn = false;
    return true;
  }

  /** A DDEATH: what its DBIRTH told is stale. */
  deviceDied(device: string): void {
    for (const map of [this.#byAlias, this.#byName]) {
      for (const [key, known] of map) if (known.device === device) map.delete(key);
    }
  }

  learn(metric: SparkplugMetric, device: string | null): void {
    if (metric.name === null) return;
    const known = { name: metric.name, datatype: metric.datatype, unit: metric.unit, device };
    const key = keyOf(device, metric.name);
    if (this.#byName.size < MOST_METRICS) this.#byName.set(key, known);
    if (metric.unit === null) this.#units.delete(key);
    else if (this.#units.size < MOST_METRICS || this.#units.has(key)) this.#units.set(key, metric.unit);
    if (metric.alias !== null && this.#byAlias.size < MOST_METRICS) this.#byAlias.set(metric.alias, known);
  }

  /** null where no birth told it. */
  known(metric: SparkplugMetric, device: string | null): KnownMetric | null {
    const byName = metric.name === null ? undefined : this.#byName.get(keyOf(device, metric.name));
    if (byName !== undefined || metric.name !== null) return byName ?? null;
    return (metric.alias === null ? undefined : this.#byAlias.get(metric.alias)) ?? null;
  }

  /** The unit that a birth of before told of a metric that no birth of this session tells; null where none did. */
  formerUnit(name: string, device: string | null): string | null {
    const key = keyOf(device, name);
    return this.#byName.has(key) ? null : (this.#units.get(key) ?? null);
  }

  /**
   * The next message, by its sequence number (0 to 255, round).
   * @returns whether the session can have been lost with what is missing: then a rebirth is due
   */
  follows(seq: number | null, now: number): boolean {
    if (seq === null || !Number.isInteger(seq) || seq < 0 || seq >= SEQUENCE) return true;
    if (this.#next === null || seq === this.#next) this.#next = (seq + 1) % SEQUENCE;
    else if (this.#missing.delete(seq)) {
      if (this.#missing.size === 0) this.#missingSince = null;
    } else {
      const ahead = (seq - this.#next + SEQUENCE) % SEQUENCE;
      // Back behind what was heard: another session began, and its birth was missed.
      if (ahead >= SEQUENCE / 2) {
        this.died(null);
        return true;
      }
      for (let k = 0; k < ahead; k++) this.#missing.add((this.#next + k) % SEQUENCE);
      this.#missingSince ??= now;
      this.#next = (seq + 1) % SEQUENCE;
    }
    return this.#missingSince !== null && now - this.#missingSince >= REORDER_MS;
  }

  /** Whether it may be asked for a rebirth now; then what was missing is given up. */
  mayAsk(now: number): boolean {
    if (now >= this.#askedAt && now - this.#askedAt < REBIRTH_EVERY_MS) return false;
    this.#askedAt = now;
    this.#missing.clear();
    this.#missingSince = null;
    return true;
  }
}

function keyOf(device: string | null, name: string): string {
  return `${device ?? ''}\n${name}`;
}
