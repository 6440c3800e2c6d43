import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Checkpoints,
  type ConsumerHandler,
  type Effects,
  type Family,
  type Log,
  type LogBatch,
  type NewRecord,
  tracePosition,
  UnavailableError,
} from '../../domain/index.ts';
import type { DeadRecord } from './options.ts';

/** One process's view of a log, as `app/` would open it. */
export interface OpenLog extends Log {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface OpenOptions {
  /** False: nothing is handed over in memory; consumers read what is stored. */
  readonly isFromMemory?: boolean;
  readonly appendTimeoutMs?: number;
  readonly queueBytes?: number;
  readonly batchRecords?: number;
  readonly onDead?: (dead: DeadRecord) => void;
}

/** A home under test: one empty log, opened as often as a test has processes. */
export interface LogHome {
  open(options?: OpenOptions): OpenLog;
  /** How often a consumer has read what is stored instead of being handed it. */
  storedReads(): number;
  /** Writes a line through a consumer's transaction. */
  write(effects: Effects, line: string): Promise<void>;
  /** What has been written and committed, in order. */
  written(): Promise<string[]>;
  /** Appends do not commit until the returned function is called. */
  stall(): Promise<() => Promise<void>>;
}

/**
 * What every home of the log must do, however it does it (domain/log.ts; docs/lifecycle.md).
 *
 * @param create an empty log; called once a test
 */
export function describeLog(name: string, create: () => Promise<LogHome>): void {
  describe(name, () => {
    const open = new Set<OpenLog>();

    afterEach(async () => {
      await Promise.all([...open].map((log) => log.stop()));
      open.clear();
    });

    async function start(home: LogHome, options?: OpenOptions): Promise<OpenLog> {
      const log = home.open(options);
      open.add(log);
      await log.start();
      return log;
    }

    async function stop(log: OpenLog): Promise<void> {
      open.delete(log);
      await log.stop();
    }

    /** A consumer of both families that remembers what it was handed. */
    async function read(log: Log, name: string, families: readonly Family[] = ['readings', 'trace']) {
      const seen: { family: Family; position: number; text: string }[] = [];
      const consumer = log.consumer({
        name,
        families,
        isMandatory: false,
        handler: {
          async handle({ records }) {
            for (const { family, position, payload } of records) seen.push({ family, position, text: textOf(payload) });
          },
        },
      });
      await consumer.start();
      return { consumer, seen };
    }

    it('gives positions in the order of the arguments, across families', async () => {
      const log = await start(await create());
      const first = await log.append([record('a'), record('b', { family: 'trace' }), record('c')]);
      const second = await log.append([record('d')]);
      const [a, b, c] = first.map(({ position }) => position);
      expect(first.every(({ isDuplicate }) => !isDuplicate)).toBe(true);
      expect(a).toBeLessThan(c ?? 0);
      expect(c).toBeLessThan(second[0]?.position ?? 0);
      expect(await log.heads()).toMatchObject({ 'readings/0': second[0]?.position, 'trace/0': b });
    });

    it('chooses the partition of a record, and says in which it is', async () => {
      const log = await start(await create());
      const [receipt] = await log.append([record('a', { family: 'trace' })]);
      const batches: LogBatch[] = [];
      const handler = { handle: async (batch: LogBatch) => void batches.push(batch) };
      const consumer = log.consumer({ name: 'c', families: ['trace'], isMandatory: false, handler });
      await consumer.start();
      await consumer.passed(tracePosition(receipt?.position ?? 0));
      expect(batches[0]?.records).toMatchObject([{ partition: batches[0]?.partition, position: receipt?.position }]);
    });

    it('hands over every field of a record as it was appended', async () => {
      const log = await start(await create(), { isFromMemory: false });
      const given = { ...record('', { sequence: 2 ** 40 }), payload: Uint8Array.of(0, 255, 128, 92, 39) };
      const [receipt] = await log.append([given]);
      const batches: LogBatch[] = [];
      const handler = { handle: async (batch: LogBatch) => void batches.push(batch) };
      const consumer = log.consumer({ name: 'c', families: ['readings'], isMandatory: false, handler });
      await consumer.start();
      await consumer.passed(await log.heads());
      expect(batches).toHaveLength(1);
      expect(batches[0]).toMatchObject({ family: 'readings', partition: 0 });
      const [got] = batches[0]?.records ?? [];
      expect({ ...got, payload: Uint8Array.from(got?.payload ?? []) }).toEqual({
        ...given,
        partition: batches[0]?.partition,
        position: receipt?.position,
      });
    });

    it('shows positions in order to a reader beside several appenders, skipping none', async () => {
      const home = await create();
      const reader = await start(home);
      const { consumer, seen } = await read(reader, 'reader', ['readings']);
      const appenders = await Promise.all([start(home), start(home), start(home)]);
      const appended: number[] = [];
      for (let round = 0; round < 60; round++) {
        const receipts = await Promise.all(
          appenders.flatMap((log, who) =>
            [0, 1, 2].map((call) => log.append([record(`${who} ${round} ${call}`), record('more')])),
          ),
        );
        appended.push(...receipts.flat().map(({ position }) => position));
      }
      await consumer.passed(await reader.heads());
      expect(new Set(appended).size).toBe(appended.length);
      expect(seen.map(({ position }) => position)).toEqual(appended.toSorted((a, b) => a - b));
    });

    it('gives a consumer the same sequence from memory and from what is stored', async () => {
      const home = await create();
      const fast = await start(home);
      const slow = await start(home, { isFromMemory: false, batchRecords: 3 });
      const handed = await read(fast, 'handed');
      const stored = await read(slow, 'stored');
      const family = fc.constantFrom<Family>('readings', 'trace');
      const append = fc.array(fc.record({ family, text: fc.string() }), { minLength: 1, maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(fc.array(append, { minLength: 1, maxLength: 8 }), async (appends) => {
          const logs = [fast, slow];
          await Promise.all(
            appends.map((records, index) =>
              logs[index % 2]?.append(records.map(({ family, text }) => record(text, { family }))),
            ),
          );
          const heads = await fast.heads();
          await Promise.all([handed.consumer.passed(heads), stored.consumer.passed(heads)]);
          for (const family of ['readings', 'trace'] as const) {
            const ofFamily = (seen: typeof handed.seen) => seen.filter((one) => one.family === family);
            expect(ofFamily(handed.seen)).toEqual(ofFamily(stored.seen));
          }
        }),
        { numRuns: 20 },
      );
      const total = handed.seen.length;
      expect(total).toBeGreaterThan(20);
    });

    it('hands over in memory what its own process appends, without reading it back', async () => {
      const home = await create();
      const log = await start(home);
      const { consumer, seen } = await read(log, 'reader');
      await log.append([record('until it is at work'), record('in both families', { family: 'trace' })]);
      await consumer.passed(await log.heads());
      const before = home.storedReads();
      for (let round = 0; round < 20; round++) {
        await Promise.all([log.append([record(`${round}`)]), log.append([record(`${round}`, { family: 'trace' })])]);
      }
      await consumer.passed(await log.heads());
      expect(seen).toHaveLength(42);
      expect(home.storedReads()).toBe(before);
    });

    it('keeps everything over a restart, and consumers go on where they were', async () => {
      const home = await create();
      const before = await start(home);
      const first = await read(before, 'reader');
      await before.append([record('a'), record('b', { family: 'trace' })]);
      await first.consumer.passed(await before.heads());
      await first.consumer.stop();
      await before.append([record('c'), record('d', { family: 'trace' })]);
      const heads = await before.heads();
      await stop(before);

      const after = await start(home);
      expect(await after.heads()).toEqual(heads);
      const second = await read(after, 'reader');
      await second.consumer.passed(heads);
      expect(second.seen.map(({ text }) => text).sort()).toEqual(['c', 'd']);
      expect(heads).toMatchObject(await after.checkpoints('reader'));
    });

    it('commits effects and checkpoint together: a handler that fails leaves neither, and is replayed once', async () => {
      const home = await create();
      const log = await start(home);
      const calls: string[] = [];
      let failures = 2;
      const handler: ConsumerHandler = {
        async restore(checkpoints: Checkpoints) {
          calls.push(`restore ${checkpoints['readings/0']}`);
        },
        async handle({ records }, effects) {
          for (const { payload } of records) await home.write(effects, textOf(payload));
          if (failures-- > 0) throw new Error('after the effects');
        },
        committed({ records }) {
          calls.push(`committed ${records.length}`);
        },
        rolledBack() {
          calls.push('rolledBack');
        },
      };
      await log.append([record('a'), record('b'), record('c')]);
      const consumer = log.consumer({ name: 'c', families: ['readings'], isMandatory: true, handler });
      await consumer.start();
      await consumer.passed(await log.heads());
      expect(await home.written()).toEqual(['a', 'b', 'c']);
      expect(calls).toEqual(['restore 0', 'rolledBack', 'restore 0', 'rolledBack', 'restore 0', 'committed 3']);
    });

    it('hands a consumer that has fallen behind many records at once, within its bound of bytes', async () => {
      for (const isFromMemory of [true, false]) {
        const log = await start(await create(), { isFromMemory });
        const sizes: number[] = [];
        let release = () => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        const handler: ConsumerHandler = {
          async handle({ records }) {
            sizes.push(records.length);
            await held;
          },
        };
        const options = { name: 'c', families: ['readings' as const], isMandatory: true, batchBytes: 1000, handler };
        const consumer = log.consumer(options);
        await consumer.start();
        await log.append([record('x'.repeat(5000))]);
        await log.append(Array.from({ length: 25 }, () => record('x'.repeat(100))));
        release();
        await consumer.passed(await log.heads());
        expect(sizes).toEqual([1, 10, 10, 5]);
        await stop(log);
      }
    });

    it('lets one process run a consumer and another stand by, which takes over from its checkpoint', async () => {
      const home = await create();
      const [one, two] = [await start(home), await start(home)];
      const first = await read(one, 'shared');
      await one.append([record('a')]);
      await first.consumer.passed(await one.heads());
      const second = await read(two, 'shared');
      await two.append([record('b')]);
      // Asked of the one standing by, answered by the one at work.
      await second.consumer.passed(await one.heads());
      expect(second.seen).toEqual([]);
      await first.consumer.stop();
      await one.append([record('c')]);
      await second.consumer.passed(await one.heads());
      expect(first.seen.map(({ text }) => text)).toEqual(['a', 'b']);
      expect(second.seen.map(({ text }) => text)).toEqual(['c']);
    });

    it('moves the one record a handler cannot take aside, and goes on with all the others', async () => {
      const home = await create();
      const dead: DeadRecord[] = [];
      const log = await start(home, { onDead: (one) => dead.push(one) });
      const texts = Array.from({ length: 40 }, (_, index) => `${index}`);
      await log.append(texts.map((text) => record(text)));
      const handler: ConsumerHandler = {
        async handle({ records }, effects) {
          for (const { payload } of records) {
            if (['7', '8', '31'].includes(textOf(payload))) throw new Error(`cannot take ${textOf(payload)}`);
            await home.write(effects, textOf(payload));
          }
        },
      };
      const consumer = log.consumer({ name: 'picky', families: ['readings'], isMandatory: true, handler });
      await consumer.start();
      await consumer.passed(await log.heads());
      expect(await home.written()).toEqual(texts.filter((text) => !['7', '8', '31'].includes(text)));
      expect(dead.map(({ consumer, record, reason }) => [consumer, textOf(record.payload), reason])).toEqual([
        ['picky', '7', 'cannot take 7'],
        ['picky', '8', 'cannot take 8'],
        ['picky', '31', 'cannot take 31'],
      ]);
    });

    it('never blames a record for a part that is away', async () => {
      const home = await create();
      const dead: DeadRecord[] = [];
      const log = await start(home, { onDead: (one) => dead.push(one) });
      await log.append([record('a')]);
      let failures = 7;
      const handler: ConsumerHandler = {
        async handle({ records }, effects) {
          if (failures-- > 0) throw new UnavailableError('MIRROR_AWAY', 'the mirror is away');
          for (const { payload } of records) await home.write(effects, textOf(payload));
        },
      };
      const consumer = log.consumer({ name: 'mirror', families: ['readings'], isMandatory: false, handler });
      await consumer.start();
      await consumer.passed(await log.heads());
      expect(await home.written()).toEqual(['a']);
      expect(dead).toEqual([]);
    });

    describe('a record with a source and a sequence', () => {
      const sent = () => record('same', { source: 'gw-1', sequence: 7 });

      it('is recognised when resent, with the position it had', async () => {
        const log = await start(await create());
        const [first] = await log.append([sent()]);
        await log.append([record('between')]);
        const again = await log.append([record('x'), sent(), record('y', { source: 'gw-1', sequence: 8 })]);
        expect(again.map(({ isDuplicate }) => isDuplicate)).toEqual([false, true, false]);
        expect(again[1]?.position).toBe(first?.position);
        const { consumer, seen } = await read(log, 'reader');
        await consumer.passed(await log.heads());
        expect(seen.map(({ text }) => text)).toEqual(['same', 'between', 'x', 'y']);
      });

      it('is recognised when resent at the same moment, in one call, in several, and through another process', async () => {
        const home = await create();
        const logs = [await start(home), await start(home)];
        const receipts = await Promise.all(logs.flatMap((log) => [log.append([sent(), sent()]), log.append([sent()])]));
        const all = receipts.flat();
        expect(all.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1);
        expect(new Set(all.map(({ position }) => position)).size).toBe(1);
      });

      it('is recognised after a restart', async () => {
        const home = await create();
        const before = await start(home);
        const [first] = await before.append([sent()]);
        await stop(before);
        const after = await start(home);
        expect(await after.append([sent()])).toEqual([{ position: first?.position, isDuplicate: true }]);
      });

      it('is another record in another family, from another source, or with other content', async () => {
        const log = await start(await create());
        await log.append([sent()]);
        const others = [
          { ...sent(), family: 'trace' as const },
          { ...sent(), source: 'gw-2' },
          { ...sent(), kind: 'quarantine' as const },
          { ...sent(), payload: Buffer.from('other') },
        ];
        for (const other of others) expect(await log.append([other])).toMatchObject([{ isDuplicate: false }]);
        for (const other of others) expect(await log.append([other])).toMatchObject([{ isDuplicate: true }]);
      });

      it('is never recognised without a sequence', async () => {
        const log = await start(await create());
        const receipts = await log.append([record('same'), record('same')]);
        expect(receipts.map(({ isDuplicate }) => isDuplicate)).toEqual([false, false]);
      });
    });

    it('refuses appends at once when too much is waiting, and takes them again afterwards', async () => {
      const home = await create();
      const log = await start(home, { queueBytes: 1000 });
      await log.append([record('first')]);
      const release = await home.stall();
      const waiting = [log.append([record('x'.repeat(600))]), log.append([record('y'.repeat(300))])];
      await expect(log.append([record('z'.repeat(300))])).rejects.toMatchObject({ code: 'LOG_BUSY' });
      await release();
      await Promise.all(waiting);
      await log.append([record('z'.repeat(300))]);
    });

    it('fails an append that does not commit in time, and commits later ones', async () => {
      const home = await create();
      const log = await start(home, { appendTimeoutMs: 250 });
      await log.append([record('first')]);
      const release = await home.stall();
      const stalled = await Promise.allSettled([log.append([record('a')]), log.append([record('b')])]);
      for (const outcome of stalled) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'LOG_UNAVAILABLE' } });
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(UnavailableError);
      }
      await release();
      const { consumer, seen } = await read(log, 'reader');
      await log.append([record('after')]);
      await consumer.passed(await log.heads());
      expect(seen.at(-1)?.text).toBe('after');
    });

    it('says how far behind every consumer is', async () => {
      const home = await create();
      const log = await start(home);
      const { consumer } = await read(log, 'reader', ['readings']);
      await log.append([record('a'), record('b')]);
      await consumer.passed(await log.heads());
      await consumer.stop();
      const [, last] = await log.append([record('c'), record('d')]);
      const [lag, ...others] = await log.lag();
      expect(others).toEqual([]);
      expect(lag).toMatchObject({
        consumer: 'reader',
        family: 'readings',
        partition: 0,
        records: 2,
        isMandatory: false,
      });
      expect(lag).toMatchObject({ head: last?.position, isDetached: false });
    });

    // Seen after kill -9: whoever waited for the tracer to pass all heads waited for readings it never consumes.
    it('does not wait for families that the consumer does not consume', async () => {
      const log = await start(await create());
      const handler: ConsumerHandler = { handle: async () => {} };
      const consumer = log.consumer({ name: 'tracing', families: ['trace'], isMandatory: true, handler });
      await consumer.start();
      await log.append([record('a', { family: 'trace' }), record('b', { family: 'readings' })]);
      const heads = await log.heads();
      await consumer.passed(heads);
      expect(await log.checkpoints('tracing')).toEqual({ 'trace/0': heads['trace/0'] });
    });

    it('tells when a consumer has passed a position, and gives up waiting when asked to', async () => {
      const log = await start(await create());
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const handler: ConsumerHandler = { handle: () => held };
      const consumer = log.consumer({ name: 'slow', families: ['trace'], isMandatory: true, handler });
      await consumer.start();
      await log.append([record('a', { family: 'trace' })]);
      const heads = await log.heads();
      const impatient = new AbortController();
      const givenUp = consumer.passed(heads, impatient.signal);
      const passed = consumer.passed(heads);
      impatient.abort(new Error('long enough'));
      await expect(givenUp).rejects.toThrow('long enough');
      expect((await log.checkpoints('slow'))['trace/0']).toBe(0);
      release();
      await passed;
      expect(await log.checkpoints('slow')).toEqual({ 'trace/0': heads['trace/0'] });
    });

    it('lets a live view follow what this and other processes append from now on', async () => {
      const home = await create();
      const [here, there] = [await start(home), await start(home)];
      await here.append([record('before')]);
      const texts: string[] = [];
      let enough = () => {};
      const all = new Promise<void>((resolve) => {
        enough = resolve;
      });
      const following = here.follow(['readings'], ({ records }) => {
        texts.push(...records.map(({ payload }) => textOf(payload)));
        if (texts.length === 3) enough();
      });
      await here.append([record('a'), record('t', { family: 'trace' })]);
      await there.append([record('b')]);
      await here.append([record('c')]);
      await all;
      expect(texts).toEqual(['a', 'b', 'c']);
      following.stop();
    });
  });
}

export function record(text: string, fields: Partial<NewRecord> = {}): NewRecord {
  return {
    family: 'readings',
    kind: 'readings',
    version: 1,
    source: 'test',
    sequence: null,
    arrival: 1_795_000_000_123,
    payload: Buffer.from(text),
    ...fields,
  };
}

export function textOf(payload: Uint8Array): string {
  return Buffer.from(payload).toString();
}
