import { afterEach, describe, expect, it } from 'vitest';
import type { Family, LogHolder, LogHome, LogPartition, LogReader, LogRecord } from '../../domain/index.ts';
import { record, textOf } from './conformance.ts';

export interface OpenHomeOptions {
  /** False: nothing is handed over in memory. */
  readonly isFromMemory?: boolean;
  /** Each commit closes a segment, so that anything can be dropped. */
  readonly isInSmallParts?: boolean;
  /** Everything that was closed is past the cap. */
  readonly isPastCap?: boolean;
}

/** A home under test: one empty home, opened as often as a test has processes. */
export interface HomeUnderTest {
  open(options?: OpenHomeOptions): LogHome;
}

/** More than any test appends. */
const ALL = { maxBytes: 1_000_000, maxRecords: 1_000 };

/**
 * What every home of the log must do (domain/log-home.ts), whoever consumes it. What consuming must do on top of any home
 * is in conformance.ts.
 *
 * @param create an empty home; called once a test
 */
export function describeHome(name: string, create: () => Promise<HomeUnderTest>): void {
  describe(name, () => {
    const opened = new Set<LogHome>();

    afterEach(async () => {
      await Promise.all([...opened].map((home) => home.stop()));
      opened.clear();
    });

    async function start(under: HomeUnderTest, options?: OpenHomeOptions): Promise<LogHome> {
      const home = under.open(options);
      opened.add(home);
      await home.start();
      return home;
    }

    it('chooses the partition of every record, and keeps the order of the arguments within it', async () => {
      const home = await start(await create());
      const receipts = await home.append([record('a'), record('t', { family: 'trace' }), record('b'), record('c')]);
      const found = await everything(home, 'readings');
      expect(found.map(({ payload }) => textOf(payload))).toEqual(['a', 'b', 'c']);
      expect(found.map(({ position }) => position)).toEqual([0, 2, 3].map((index) => receipts[index]?.position));
      for (const { partition } of found) expect(partition).toBeLessThan(home.partitions.readings);
    });

    it('gives the same from memory and from what is stored, at least one record and no more than fits', async () => {
      const under = await create();
      const [fast, slow] = [await start(under), await start(under, { isFromMemory: false })];
      // In memory is what somebody reads.
      const reading = fast.follow(readerOf('trace', { 'trace/0': 0 }));
      await fast.append(['large'.repeat(50), 'b', 'c', 'd'].map((text) => record(text, { family: 'trace' })));
      await slow.heads();
      const at = { family: 'trace', partition: 0 } as const;
      for (const [position, bounds] of [
        [0, { maxBytes: 10, maxRecords: 10 }],
        [0, { maxBytes: 251, maxRecords: 10 }],
        [1, { maxBytes: 1_000, maxRecords: 2 }],
        [3, ALL],
      ] as const) {
        const [handed, stored] = [await fast.after(at, position, bounds), await slow.after(at, position, bounds)];
        expect([handed.isFromMemory, stored.isFromMemory]).toEqual([true, false]);
        expect(handed.records.map(essence)).toEqual(stored.records.map(essence));
      }
      expect((await fast.after(at, 0, { maxBytes: 10, maxRecords: 10 })).records).toHaveLength(1);
      expect((await fast.after(at, 0, { maxBytes: 251, maxRecords: 10 })).records).toHaveLength(2);
      expect((await slow.after(at, 4, ALL)).records).toEqual([]);
      reading.stop();
    });

    it('wakes who follows a family, in this process and in another, and nobody who has stopped', async () => {
      const under = await create();
      const [here, there] = [await start(under), await start(under)];
      const woken: string[] = [];
      let enough = () => {};
      const both = new Promise<void>((resolve) => {
        enough = resolve;
      });
      const wake = (who: string) => () => {
        woken.push(who);
        if (woken.includes('here') && woken.includes('there')) enough();
      };
      const stopped = here.follow({ ...readerOf('readings'), wake: wake('stopped') });
      stopped.stop();
      here.follow({ ...readerOf('readings'), wake: wake('here') });
      there.follow({ ...readerOf('readings'), wake: wake('there') });
      there.follow({ ...readerOf('trace'), wake: wake('trace') });
      const [receipt] = await here.append([record('a')]);
      await both;
      expect(new Set(woken)).toEqual(new Set(['here', 'there']));
      expect(there.head({ family: 'readings', partition: 0 })).toBe(receipt?.position);
      expect(await there.heads()).toEqual(await here.heads());
    });

    it('counts what follows a position, across parts that were closed', async () => {
      const home = await start(await create(), { isInSmallParts: true });
      const positions: number[] = [];
      for (const text of ['a', 'b', 'c', 'd']) {
        for (const { position } of await home.append([record(text)])) positions.push(position);
        await home.trim([], async () => {});
      }
      const at = { family: 'readings', partition: 0 } as const;
      const head = positions.at(-1);
      const counted = await home.count([0, ...positions].map((position) => ({ ...at, position })));
      // What was dropped is nobody's to count; what follows the last closed part is.
      expect(counted.map(({ records }) => records).slice(-2)).toEqual([1, 0]);
      expect(counted.every((one) => one.head === head)).toBe(true);
    });

    it('drops what no holder needs, says up to where, and keeps all that one still needs', async () => {
      const home = await start(await create(), { isInSmallParts: true });
      const [, second] = await appendEach(home, ['a', 'b', 'c', 'd']);
      const holder = holderAt(second ?? 0, { isMandatory: false });
      await home.trim([holder, holderAt(3_000_000_000, { isMandatory: true })], async () => {});
      const { records, floor } = await home.after(holder, holder.position, ALL);
      expect(floor).toBeLessThanOrEqual(holder.position);
      expect(records.map(({ payload }) => textOf(payload))).toEqual(['c', 'd']);
      expect((await home.after(holder, 0, ALL)).floor).toBe(second);
    });

    it('past the cap detaches an optional holder before it drops what that one needs, and is full for a mandatory one', async () => {
      const home = await start(await create(), { isInSmallParts: true, isPastCap: true });
      await appendEach(home, ['a', 'b', 'c']);
      const mandatory = holderAt(0, { isMandatory: true });
      const detached: string[] = [];
      const detach = async (consumers: readonly string[]) => void detached.push(...consumers);
      await home.trim([mandatory, holderAt(0, { isMandatory: false })], detach);
      expect(detached).toEqual([]);
      await expect(home.append([record('refused')])).rejects.toMatchObject({ code: 'LOG_FULL' });
      expect((await everything(home, 'readings')).map(({ payload }) => textOf(payload))).toEqual(['a', 'b', 'c']);

      await home.trim([holderAt(0, { isMandatory: false })], detach);
      expect(new Set(detached)).toEqual(new Set(['optional']));
      expect((await home.after(mandatory, 0, ALL)).floor).toBeGreaterThan(0);
      await home.append([record('taken again')]);
    });
  });
}

/** One append a commit. @returns their positions */
async function appendEach(home: LogHome, texts: readonly string[]): Promise<number[]> {
  const positions: number[] = [];
  for (const text of texts) {
    for (const { position } of await home.append([record(text)])) positions.push(position);
  }
  return positions;
}

async function everything(home: LogHome, family: Family): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  for (let partition = 0; partition < home.partitions[family]; partition++) {
    found.push(...(await home.after({ family, partition }, 0, ALL)).records);
  }
  return found;
}

function readerOf(family: Family, positions: LogReader['positions'] = {}): LogReader {
  return { families: [family], positions, wake: () => {} };
}

function holderAt(position: number, { isMandatory }: { isMandatory: boolean }): LogHolder & LogPartition {
  const consumer = isMandatory ? 'mandatory' : 'optional';
  return { consumer, isMandatory, family: 'readings', partition: 0, position };
}

function essence({ position, partition, payload, kind }: LogRecord) {
  return { position, partition, kind, text: textOf(payload) };
}
