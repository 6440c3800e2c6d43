/** No key is this. */
const EMPTY = -1;
const FIRST_PLACES = 2_048;

/**
 * Numbers from 0 on for keys, in typed arrays with open addressing. A `Map` takes some 60 bytes a key and none beyond
 * 16.7 million of them (V8), which ten million devices of two metrics pass; this takes 24 to 48.
 */
export class KeySlots {
  #keys = new Float64Array(FIRST_PLACES).fill(EMPTY);
  #slots = new Int32Array(FIRST_PLACES);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param key a whole number from 0 to 2^53 - 1 */
  get(key: number): number | undefined {
    const place = this.#placeOf(key);
    return this.#keys[place] === EMPTY ? undefined : this.#slots[place];
  }

  /** The key's number, the next free one where it has none. */
  add(key: number): number {
    const place = this.#placeOf(key);
    if (this.#keys[place] !== EMPTY) return this.#slots[place] as number;
    const slot = this.#size++;
    this.#keys[place] = key;
    this.#slots[place] = slot;
    if (this.#size * 2 > this.#keys.length) this.#grow();
    return slot;
  }

  clear(): void {
    this.#keys = new Float64Array(FIRST_PLACES).fill(EMPTY);
    this.#slots = new Int32Array(FIRST_PLACES);
    this.#size = 0;
  }

  /** Where it stands, or the free place where it would. */
  #placeOf(key: number): number {
    const mask = this.#keys.length - 1;
    let place = hashOf(key) & mask;
    while (this.#keys[place] !== EMPTY && this.#keys[place] !== key) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const [keys, slots] = [this.#keys, this.#slots];
    this.#keys = new Float64Array(keys.length * 2).fill(EMPTY);
    this.#slots = new Int32Array(keys.length * 2);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as number;
      if (key === EMPTY) continue;
      const place = this.#placeOf(key);
      this.#keys[place] = key;
      this.#slots[place] = slots[i] as number;
    }
  }
}

/** All 53 bits, spread over 32 (MurmurHash3's finaliser). */
function hashOf(key: number): number {
  let mixed = key ^ Math.imul(Math.floor(key / 4_294_967_296), 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
