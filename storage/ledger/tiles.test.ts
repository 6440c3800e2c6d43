import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_ROOT, isConsistent, isIncluded, leafHash } from './merkle.ts';
import { partialTiles, type Tile, TileTree, TreeEdge, tileWidth } from './tiles.ts';

/* RFC 6962, 2.1, word for word: slow, and plainly right. */

const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

function mth(d: readonly Buffer[]): Buffer {
  const [only] = d;
  if (only === undefined) return sha();
  if (d.length === 1) return sha(Buffer.of(0), only);
  const k = split(d.length);
  return sha(Buffer.of(1), mth(d.slice(0, k)), mth(d.slice(k)));
}

function path(m: number, d: readonly Buffer[]): Buffer[] {
  if (d.length === 1) return [];
  const k = split(d.length);
  return m < k ? [...path(m, d.slice(0, k)), mth(d.slice(k))] : [...path(m - k, d.slice(k)), mth(d.slice(0, k))];
}

function subproof(m: number, d: readonly Buffer[], isOld: boolean): Buffer[] {
  if (m === d.length) return isOld ? [] : [mth(d)];
  const k = split(d.length);
  return m <= k
    ? [...subproof(m, d.slice(0, k), isOld), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
}

function split(n: number): number {
  let k = 1;
  while (k < n) k *= 2;
  return k / 2;
}

const entries = (n: number) => Array.from({ length: n }, (_, at) => Buffer.from(`entry ${at}`));

/** A tree grown in the steps given, and its tiles. */
function grown(steps: readonly number[]): { edge: TreeEdge; tiles: Map<string, Tile> } {
  const tiles = new Map<string, Tile>();
  const all = entries(steps.reduce((sum, n) => sum + n, 0));
  let edge = new TreeEdge(0, []);
  let at = 0;
  for (const step of steps) {
    // Each step begins from what is kept, as after a restart.
    const kept = partialTiles(at).map(({ level, number }) => tiles.get(`${level}/${number}`));
    edge = new TreeEdge(
      at,
      kept.filter((tile) => tile !== undefined),
    );
    for (const tile of edge.append(all.slice(at, at + step).map(leafHash))) {
      const before = tiles.get(`${tile.level}/${tile.number}`);
      if (before !== undefined) expect(tile.hashes.subarray(0, before.hashes.length)).toEqual(before.hashes);
      tiles.set(`${tile.level}/${tile.number}`, tile);
    }
    at += step;
  }
  return { edge, tiles };
}

const treeOf = (tiles: Map<string, Tile>, size: number) =>
  new TileTree(size, async ({ level, number }) => tiles.get(`${level}/${number}`)?.hashes ?? Buffer.alloc(0));

const size = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 700 }),
  fc.constantFrom(255, 256, 257, 511, 512, 513),
);

describe('the tree', () => {
  it('has the root of RFC 6962 at every size, however it grew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 5 }), async (steps) => {
        const { edge, tiles } = grown(steps);
        const root = mth(entries(edge.size));
        expect(edge.root()).toEqual(root);
        expect(await treeOf(tiles, edge.size).root()).toEqual(root);
      }),
      { numRuns: 60 },
    );
  });

  it('has the tiles that tlog-tiles says a tree of 70,000 has', () => {
    const edge = new TreeEdge(0, []);
    const leaf = leafHash('x');
    const tiles = edge.append(Array.from({ length: 70_000 }, () => leaf));
    const at = (level: number) => tiles.filter((tile) => tile.level === level).map(({ hashes }) => hashes.length / 32);
    expect([at(0).filter((width) => width === 256).length, at(0).filter((width) => width < 256)]).toEqual([273, [112]]);
    expect(at(1)).toEqual([256, 17]);
    expect(at(2)).toEqual([1]);
    expect(tileWidth({ level: 1, number: 1 }, 70_000)).toBe(17);
    expect(tileWidth({ level: 1, number: 0 }, 256)).toBe(1);
    expect(tileWidth({ level: 0, number: 1 }, 256)).toBe(0);
  });

  it('is the hash of nothing while it is empty', async () => {
    expect(new TreeEdge(0, []).root()).toEqual(EMPTY_ROOT);
    expect(EMPTY_ROOT).toEqual(sha());
  });
});

describe('a proof', () => {
  it('of inclusion is that of RFC 6962, holds, and holds for no other leaf, place, size or root', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (count, which, other) => {
        const all = entries(count);
        const index = which % count;
        const { tiles } = grown([count]);
        const found = await treeOf(tiles, count).inclusion(index);
        expect(found).toEqual(path(index, all));
        const claim = { index, size: count, leaf: leafHash(all[index] ?? ''), path: found, root: mth(all) };
        expect(isIncluded(claim)).toBe(true);
        expect(isIncluded({ ...claim, leaf: leafHash('another') })).toBe(false);
        expect(isIncluded({ ...claim, root: leafHash('another') })).toBe(false);
        expect(isIncluded({ ...claim, index: count })).toBe(false);
        expect(isIncluded({ ...claim, path: [...found, EMPTY_ROOT] })).toBe(false);
        if (found.length > 0) expect(isIncluded({ ...claim, path: found.slice(1) })).toBe(false);
        const wrong = other % count;
        if (wrong !== index) expect(isIncluded({ ...claim, index: wrong })).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('of consistency is that of RFC 6962, holds, and holds for no other tree', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), async (count, some) => {
        const all = entries(count);
        const oldSize = some % (count + 1);
        const { tiles } = grown([oldSize, count - oldSize]);
        const found = await treeOf(tiles, count).consistency(oldSize);
        expect(found).toEqual(oldSize === 0 ? [] : subproof(oldSize, all, true));
        const claim = { oldSize, oldRoot: mth(all.slice(0, oldSize)), size: count, root: mth(all), path: found };
        expect(isConsistent(claim)).toBe(true);
        expect(isConsistent({ ...claim, root: leafHash('another') })).toBe(oldSize === 0);
        expect(isConsistent({ ...claim, oldRoot: leafHash('another') })).toBe(false);
        expect(isConsistent({ ...claim, path: [...found, EMPTY_ROOT] })).toBe(false);
        expect(isConsistent({ ...claim, oldSize: count + 1 })).toBe(false);
        if (found.length > 0) expect(isConsistent({ ...claim, path: found.slice(1) })).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});
