/** One device's newest value of one metric. */
export interface Newest {
  readonly device: string;
  readonly metric: string;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly value: number;
  /** As it was sent, where it is another. */
  readonly received?: number | undefined;
}

/** What came in since the last flush, by room, then by `device/metric`. */
export type RoomReadings = Map<string, Map<string, Newest>>;

/** Most values one room sends a browser at once; the others follow with the next flush. */
const MOST_AT_ONCE = 1_000;

/**
 * What one browser has yet to be told: the newest value of each key in the rooms it watches. However slow it is, this
 * never holds more than one value a key.
 */
export class SocketBuffer {
  /** Packets made for the browser and not yet handed to its connection. */
  waitingPackets = 0;
  readonly #incoming: RoomReadings;
  readonly #waiting: RoomReadings = new Map();
  readonly #rooms = new Set<string>();
  readonly #sentAt = new Map<string, number>();

  constructor(incoming: RoomReadings) {
    this.#incoming = incoming;
  }

  enter(room: string): void {
    this.#rooms.add(room);
  }

  leave(room: string): void {
    this.#rooms.delete(room);
    this.#waiting.delete(room);
    this.#sentAt.delete(room);
  }

  /** Takes over what came in; a newer value replaces an older one that could not be sent yet. */
  collect(): void {
    for (const room of this.#rooms) {
      const readings = this.#incoming.get(room);
      if (readings === undefined) continue;
      const waiting = this.#waiting.get(room);
      if (waiting === undefined) {
        this.#waiting.set(room, new Map(readings));
        continue;
      }
      for (const [key, newest] of readings) {
        const known = waiting.get(key);
        if (known === undefined || known.at <= newest.at) waiting.set(key, newest);
      }
    }
  }

  /**
   * What to send now, by room: a room is taken as it is asked for, so that who stops asking loses nothing.
   * @param pace a room that was sent something less than `everyMs` ago waits; times epoch ms UTC. Default: none waits
   */
  *take(
    pace: { readonly now: number; readonly everyMs: number } = { now: 0, everyMs: 0 },
  ): Generator<[string, Newest[]], void> {
    for (const [room, waiting] of this.#waiting) {
      const since = pace.now - (this.#sentAt.get(room) ?? Number.NEGATIVE_INFINITY);
      // A clock that was set back holds nothing up.
      if (since >= 0 && since < pace.everyMs) continue;
      this.#sentAt.set(room, pace.now);
      const readings: Newest[] = [];
      for (const [key, newest] of waiting) {
        if (readings.length === MOST_AT_ONCE) break;
        readings.push(newest);
        waiting.delete(key);
      }
      if (waiting.size === 0) this.#waiting.delete(room);
      yield [room, readings];
    }
  }
}
