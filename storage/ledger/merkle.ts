import { createHash } from 'node:crypto';

/*
 * The Merkle tree of RFC 6962, 2.1, with SHA-256: hashes, and whether a proof holds. Sizes and indexes are whole numbers
 * below 2^53.
 */

export const HASH_BYTES = 32;
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** MTH of no leaf. */
export const EMPTY_ROOT: Buffer = createHash('sha256').digest();

export function leafHash(entry: Buffer | string): Buffer {
  return createHash('sha256').update(LEAF).update(entry).digest();
}

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}

/** MTH over 2^n hashes. */
export function foldWhole(hashes: readonly Buffer[]): Buffer {
  let level = [...hashes];
  while (level.length > 1) {
    level = level.flatMap((left, at) => {
      const right = level[at + 1];
      return at % 2 === 0 && right !== undefined ? [nodeHash(left, right)] : [];
    });
  }
  return level[0] ?? EMPTY_ROOT;
}

/** The largest power of two below n, for n > 1. */
export function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leaf: Buffer;
  readonly path: readonly Buffer[];
  readonly root: Buffer;
}

/** RFC 9162, 2.1.3.2. */
export function isIncluded({ index, size, leaf, path, root }: InclusionClaim): boolean {
  if (index >= size) return false;
  let [at, last] = [index, size - 1];
  let hash = leaf;
  for (const step of path) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      hash = nodeHash(step, hash);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = nodeHash(hash, step);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && hash.equals(root);
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Buffer;
  readonly size: number;
  readonly root: Buffer;
  readonly path: readonly Buffer[];
}

/** RFC 9162, 2.1.4.2; every tree is consistent with the empty one, without a proof. */
export function isConsistent({ oldSize, oldRoot, size, root, path }: ConsistencyClaim): boolean {
  if (oldSize > size) return false;
  if (oldSize === size) return path.length === 0 && oldRoot.equals(root);
  if (oldSize === 0) return path.length === 0 && oldRoot.equals(EMPTY_ROOT);
  const [start, ...steps] = isPowerOfTwo(oldSize) ? [oldRoot, ...path] : path;
  if (start === undefined) return false;
  let [at, last] = [oldSize - 1, size - 1];
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  let [before, now] = [start, start];
  for (const step of steps) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      before = nodeHash(step, before);
      now = nodeHash(step, now);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      now = nodeHash(now, step);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && before.equals(oldRoot) && now.equals(root);
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}

function half(n: number): number {
  return Math.floor(n / 2);
}

export function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(Math.log2(n));
}
