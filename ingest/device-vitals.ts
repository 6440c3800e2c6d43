import type { DeviceVitals, RadioSignal } from '../domain/index.ts';

/** Live messages that the lag of a clock is the median of, at most and at least. */
const MESSAGES = 15;
const LEAST_MESSAGES = 3;
/** Devices remembered at most, some 30 MB: beyond them each has its turn. */
const MOST = 100_000;
/** A turn, where others wait: so many messages, or until nothing has come for so long. */
const MESSAGES_A_TURN = 2 * MESSAGES;
const AWAY_MS = 3_600_000;

interface Heard {
  /** Of the message before: the latest time it states, and when it came. */
  stated: number;
  arrival: number;
  readonly lags: number[];
  signal: (RadioSignal & { readonly at: number }) | null;
  isChanged: boolean;
  /** Messages so far. */
  count: number;
  /** When the last one came. */
  last: number;
}

/**
 * What is noticed of devices while their messages come in: how far their clocks are behind ours, how well they are received.
 *
 * The lag of a clock is the arrival of a message minus the latest time that it states, as the median of the latest live
 * messages. Live is a message whose stated time has moved on as our clock has since the one before, by half at most more or
 * less: what a logger sends after it was away says when it was connected, not how its clock goes.
 */
export class DeviceVitalsNoticed {
  readonly #heard = new Map<string, Heard>();
  /** They have had a turn while others waited. */
  readonly #rested = new Set<string>();
  readonly #most: number;

  /** @param most devices remembered */
  constructor(most = MOST) {
    this.#most = most;
  }

  /** A message that stated its time. @param stated the latest, epoch ms UTC; arrival too */
  told(device: string, stated: number, arrival: number): void {
    const heard = this.#of(device, arrival);
    if (heard === null) return;
    const [step, passed] = [stated - heard.stated, arrival - heard.arrival];
    if (step === 0) return;
    heard.stated = stated;
    heard.arrival = arrival;
    // Nothing can be said of the first of all, nor of one after which an older one came, or a newer one before.
    const isLive = Number.isFinite(step) && step > 0 && Math.abs(passed - step) * 2 <= Math.max(passed, step);
    if (!isLive) return;
    heard.lags.push(arrival - stated);
    if (heard.lags.length > MESSAGES) heard.lags.shift();
    heard.isChanged = true;
  }

  received(device: string, signal: RadioSignal, at: number): void {
    const heard = this.#of(device, at);
    if (heard === null) return;
    heard.signal = { ...signal, at };
    heard.isChanged = true;
  }

  /** What has changed since it was last asked. */
  changed(): DeviceVitals[] {
    const changed: DeviceVitals[] = [];
    for (const [device, heard] of this.#heard) {
      if (!heard.isChanged) continue;
      heard.isChanged = false;
      const { lags, arrival, signal } = heard;
      const clock =
        lags.length < LEAST_MESSAGES
          ? null
          : { behindMs: Math.round(median(lags)), messages: lags.length, at: arrival };
      if (clock !== null || signal !== null) changed.push({ device, clock, signal });
    }
    if (this.#heard.size >= this.#most) this.#makeRoom();
    else if (this.#heard.size * 2 <= this.#most || this.#rested.size > 10 * this.#most) this.#rested.clear();
    return changed;
  }

  /** Whoever has had a turn, or is away, makes room for those that wait: what was noticed of it has been told. */
  #makeRoom(): void {
    const newest = [...this.#heard.values()].reduce(
      (latest, { last }) => Math.max(latest, last),
      Number.NEGATIVE_INFINITY,
    );
    for (const [device, { count, last }] of this.#heard) {
      const hasHadTurn = count >= MESSAGES_A_TURN;
      if (!hasHadTurn && newest - last <= AWAY_MS) continue;
      this.#heard.delete(device);
      if (hasHadTurn) this.#rested.add(device);
    }
  }

  /** Null where there is no room: nothing is noticed of the device just now. */
  #of(device: string, at: number): Heard | null {
    const known = this.#heard.get(device);
    if (known !== undefined) {
      known.count++;
      known.last = at;
      return known;
    }
    if (this.#heard.size >= this.#most || this.#rested.has(device)) return null;
    const never = Number.NEGATIVE_INFINITY;
    const heard: Heard = {
      ...{ stated: never, arrival: never, lags: [], signal: null, isChanged: false },
      ...{ count: 1, last: at },
    };
    this.#heard.set(device, heard);
    return heard;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
