/** What is known of a reader's clock, for the status and for people. */
export interface ClockState {
  /** Reader time minus gateway time, ms; null before the first sample. For an uptime clock: minus the gateway time. */
  readonly skewMs: number | null;
  readonly isUptime: boolean;
  /** The skew is over the tolerance: event times are corrected by it. */
  readonly isCorrected: boolean;
}

/** Live samples in a row that must agree before a clock that jumped back is believed to have jumped. */
const JUMP_SAMPLES = 2;
/** A live sample this far from the estimate is a jump, not network delay. */
const JUMP_MS = 2000;

/**
 * Maps a reader's clock to the gateway's. Sampled where the reader says what time it is: at connect, and with each
 * event. A sample that came late makes the skew look smaller than it is, so the greatest one counts; a buffered event
 * is very late and changes nothing. A reader whose clock is within the tolerance is believed as it is: its times then
 * stay the same whoever measures them, and so do the identities made of them.
 */
export class ReaderClock {
  readonly #toleranceMs: number;
  #skewMs: number | null = null;
  #isUptime = false;
  #disagreeing = 0;

  constructor(toleranceMs: number) {
    this.#toleranceMs = toleranceMs;
  }

  /** A new connection: what was known may be wrong (the reader may have restarted with its clock at 2000-01-01). */
  anchor(readerMs: number, gatewayMs: number, isUptime: boolean): void {
    this.#isUptime = isUptime;
    this.#skewMs = readerMs - gatewayMs;
    this.#disagreeing = 0;
  }

  /**
   * A reader time that came with a message.
   * @param isLive nothing buffered can be in front of it
   * @returns true where the reader's clock has jumped and is anchored anew
   */
  sample(readerMs: number, gatewayMs: number, isLive: boolean): boolean {
    const sample = readerMs - gatewayMs;
    const skew = this.#skewMs;
    if (skew === null) {
      this.#skewMs = sample;
      return false;
    }
    if (sample > skew) {
      this.#skewMs = sample;
      this.#disagreeing = 0;
      return sample - skew > JUMP_MS;
    }
    if (!isLive || skew - sample <= JUMP_MS) {
      this.#disagreeing = 0;
      return false;
    }
    if (++this.#disagreeing < JUMP_SAMPLES) return false;
    this.#skewMs = sample;
    this.#disagreeing = 0;
    return true;
  }

  /** An event time by the gateway's clock, epoch ms UTC, floored to the millisecond. */
  toGateway(readerMs: number): number {
    const skew = this.#skewMs ?? 0;
    return Math.floor(this.#isOff ? readerMs - skew : readerMs);
  }

  get state(): ClockState {
    return { skewMs: this.#skewMs, isUptime: this.#isUptime, isCorrected: this.#isOff };
  }

  get #isOff(): boolean {
    return this.#isUptime || Math.abs(this.#skewMs ?? 0) > this.#toleranceMs;
  }
}
