/** A repeat later than this is a message of its own. Promise 1 of the architecture. */
const REMEMBERED_MS = 10 * 60_000;
/** Two generations of this many messages: about 30 MB at most. */
const MOST_PER_GENERATION = 65_536;

interface First {
  readonly hash: number;
  readonly length: number;
  readonly arrival: number;
}

/**
 * When a message without a time was first heard. A client whose PUBACK was lost sends the message again, with the same
 * packet identifier and payload but not always with DUP set; it is one measurement and keeps its first arrival.
 *
 * Bounded: under more messages than it can hold the oldest are forgotten, and then a repeat counts as new.
 */
export class Repeats {
  readonly #most: number;
  #young = new Map<string, First>();
  #old = new Map<string, First>();
  #youngSince = 0;

  constructor(most = MOST_PER_GENERATION) {
    this.#most = most;
  }

  /** @returns `arrival`, or that of the message this one repeats */
  firstArrival(clientId: string, packetId: number, payload: Uint8Array, arrival: number): number {
    if (this.#young.size >= this.#most || arrival - this.#youngSince > REMEMBERED_MS) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngSince = arrival;
    }
    const key = `${clientId} ${packetId}`;
    const hash = hashOf(payload);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known !== undefined && known.hash === hash && known.length === payload.length) {
      const age = arrival - known.arrival;
      if (age >= 0 && age <= REMEMBERED_MS) return known.arrival;
    }
    this.#young.set(key, { hash, length: payload.length, arrival });
    return arrival;
  }
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash >>> 0;
}
