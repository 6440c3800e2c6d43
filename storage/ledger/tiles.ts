import { EMPTY_ROOT, foldWhole, HASH_BYTES, isPowerOfTwo, nodeHash, splitOf } from './merkle.ts';

/*
 * The tree as tiles of 256 hashes (C2SP tlog-tiles): at level 0 hashes of leaves, at each level above the hashes of whole
 * tiles below. The last tile of a level may be partial.
 */

export const TILE_WIDTH = 256;
/** Whole levels of the tree in one tile. */
const TILE_HEIGHT = 8;

export interface TileId {
  readonly level: number;
  readonly number: number;
}

export interface Tile extends TileId {
  /** One to 256 hashes of 32 bytes. */
  readonly hashes: Buffer;
}

/** How many hashes a level has in a tree of that size. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** How wide a tile is in a tree of that size; 0: there is none. */
export function tileWidth({ level, number }: TileId, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, hashesAt(level, size) - number * TILE_WIDTH));
}

/** The partial tiles of a tree, one a level at most: all that is needed to let it grow. */
export function partialTiles(size: number): TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const hashes = hashesAt(level, size);
    if (hashes % TILE_WIDTH !== 0) tiles.push({ level, number: Math.floor(hashes / TILE_WIDTH) });
  }
  return tiles;
}

/** The growing edge of a tree. */
export class TreeEdge {
  #size: number;
  readonly #levels: Buffer[][];

  /** @param tiles those of {@link partialTiles}, as wide as this size has them */
  constructor(size: number, tiles: readonly Tile[]) {
    this.#size = size;
    this.#levels = [];
    for (const { level, hashes } of tiles) this.#level(level).push(...hashesIn(hashes));
  }

  get size(): number {
    return this.#size;
  }

  /** @returns the tiles that have changed, each as it is now */
  append(leaves: readonly Buffer[]): Tile[] {
    const changed = new Map<string, Tile>();
    let highest = -1;
    for (const leaf of leaves) {
      let hash = leaf;
      for (let level = 0; ; level++) {
        const hashes = this.#level(level);
        hashes.push(hash);
        highest = Math.max(highest, level);
        if (hashes.length < TILE_WIDTH) break;
        const number = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
        changed.set(`${level}/${number}`, { level, number, hashes: Buffer.concat(hashes) });
        hash = foldWhole(hashes);
        hashes.length = 0;
      }
      this.#size++;
    }
    for (const { level, number } of partialTiles(this.#size)) {
      if (level > highest) break;
      changed.set(`${level}/${number}`, { level, number, hashes: Buffer.concat(this.#level(level)) });
    }
    return [...changed.values()];
  }

  /** Merkle tree hash of all of it. */
  root(): Buffer {
    let root: Buffer | null = null;
    for (const hashes of this.#levels) {
      // From the right: whole subtrees, each as large as the lowest bits of what is left.
      for (let end = hashes.length; end > 0; ) {
        const count = lowestBit(end);
        const whole = foldWhole(hashes.slice(end - count, end));
        root = root === null ? whole : nodeHash(whole, root);
        end -= count;
      }
    }
    return root ?? EMPTY_ROOT;
  }

  #level(level: number): Buffer[] {
    for (let at = this.#levels.length; at <= level; at++) this.#levels.push([]);
    return this.#levels[level] ?? [];
  }
}

/** Gives a whole tile, or as much of it as there is; asked for what a tree of the size in question has. */
export type TileReader = (tile: TileId) => Promise<Buffer>;

/** Hashes and proofs of one size of the tree. Every tile is read once. */
export class TileTree {
  readonly #size: number;
  readonly #read: TileReader;
  readonly #tiles = new Map<string, Promise<Buffer>>();

  constructor(size: number, read: TileReader) {
    this.#size = size;
    this.#read = read;
  }

  root(): Promise<Buffer> {
    return this.#size === 0 ? Promise.resolve(EMPTY_ROOT) : this.#range(0, this.#size);
  }

  leaf(index: number): Promise<Buffer> {
    return this.#range(index, index + 1);
  }

  /** PATH of RFC 6962, 2.1.1: from the leaf's sibling up. */
  async inclusion(index: number): Promise<Buffer[]> {
    const path: Buffer[] = [];
    let [from, to] = [0, this.#size];
    while (to - from > 1) {
      const middle = from + splitOf(to - from);
      if (index < middle) {
        path.push(await this.#range(middle, to));
        to = middle;
      } else {
        path.push(await this.#range(from, middle));
        from = middle;
      }
    }
    return path.reverse();
  }

  /** PROOF of RFC 6962, 2.1.2: that the tree of `oldSize` is the beginning of this one. */
  async consistency(oldSize: number): Promise<Buffer[]> {
    if (oldSize === 0 || oldSize === this.#size) return [];
    const path: Buffer[] = [];
    let [from, to] = [0, this.#size];
    while (to !== oldSize) {
      const middle = from + splitOf(to - from);
      if (oldSize <= middle) {
        path.push(await this.#range(middle, to));
        to = middle;
      } else {
        path.push(await this.#range(from, middle));
        from = middle;
      }
    }
    // The old tree itself, where all of it is one subtree, is known to whoever asks.
    if (from > 0) path.push(await this.#range(from, to));
    return path.reverse();
  }

  /** MTH(D[from:to]), for the ranges that RFC 6962 splits a tree into. */
  async #range(from: number, to: number): Promise<Buffer> {
    const count = to - from;
    if (isPowerOfTwo(count) && from % count === 0) return this.#whole(Math.log2(count), from / count);
    const middle = from + splitOf(count);
    return nodeHash(await this.#range(from, middle), await this.#range(middle, to));
  }

  async #whole(height: number, index: number): Promise<Buffer> {
    const level = Math.floor(height / TILE_HEIGHT);
    const count = 2 ** (height % TILE_HEIGHT);
    const first = index * count;
    const tile = await this.#tile({ level, number: Math.floor(first / TILE_WIDTH) });
    const at = (first % TILE_WIDTH) * HASH_BYTES;
    return foldWhole(hashesIn(tile.subarray(at, at + count * HASH_BYTES)));
  }

  #tile(tile: TileId): Promise<Buffer> {
    const name = `${tile.level}/${tile.number}`;
    const known = this.#tiles.get(name);
    if (known !== undefined) return known;
    const read = this.#read(tile);
    this.#tiles.set(name, read);
    return read;
  }
}

export function hashesIn(tile: Buffer): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at < tile.length; at += HASH_BYTES) hashes.push(tile.subarray(at, at + HASH_BYTES));
  return hashes;
}

/** Of a number from 1 to 256. */
function lowestBit(n: number): number {
  let bit = 1;
  while (n % (bit * 2) === 0) bit *= 2;
  return bit;
}
