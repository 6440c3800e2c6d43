import { expect, test } from 'vitest';
import {
  decodeJson,
  ManualTime,
  type Ownership,
  silentLogger,
  silentMeter,
  TICK_EVERY_MS,
  type Tick,
} from '../domain/index.ts';
import { Ticker } from './index.ts';
import { MemoryLog } from './testing/memory-log.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');

function ticks(log: MemoryLog): Tick[] {
  return log.records.filter(({ kind }) => kind === 'tick').map(({ payload }) => decodeJson<Tick>(payload));
}

test('the clock is in the log at once and every ten seconds, with how far the readings had come', async () => {
  const time = new ManualTime(NOW);
  const log = new MemoryLog();
  const ticker = new Ticker({ log, time, logger: silentLogger, meter: silentMeter });
  await log.append([
    {
      family: 'readings',
      kind: 'readings',
      version: 1,
      source: 'mqtt',
      sequence: null,
      arrival: NOW,
      payload: new Uint8Array(),
    },
  ]);
  ticker.start();
  await time.advance(0);
  await time.advance(TICK_EVERY_MS);
  expect(ticks(log)).toEqual([
    { now: NOW, heads: { 'readings/0': 1 } },
    { now: NOW + TICK_EVERY_MS, heads: { 'readings/0': 1 } },
  ]);
  await ticker.stop();
  expect(time.waiting()).toEqual([]);
});

test('one tick at a time; one that fails is left out and the next goes on', async () => {
  const time = new ManualTime(NOW);
  const log = new MemoryLog();
  const failed: object[] = [];
  const logger = { ...silentLogger, warn: (fields: object) => failed.push(fields) };
  const ticker = new Ticker({ log, time, logger, meter: silentMeter });
  let fail: (error: Error) => void = () => {};
  log.commit = () =>
    new Promise((_, reject) => {
      fail = reject;
    });
  ticker.start();
  await time.advance(2 * TICK_EVERY_MS);
  expect(log.appends).toBe(1);
  fail(new Error('away'));
  await time.advance(0);
  log.commit = async () => {};
  await time.advance(TICK_EVERY_MS);
  expect(failed).toHaveLength(1);
  expect(ticks(log)).toEqual([{ now: NOW + 3 * TICK_EVERY_MS, heads: {} }]);
  await ticker.stop();
});

test('of two processes one ticks, and the other from when the first is gone', async () => {
  const time = new ManualTime(NOW);
  const log = new MemoryLog();
  const waiting: (() => void)[] = [];
  let isOwned = false;
  const ownership: Ownership = {
    async own(name, signal) {
      if (isOwned) await new Promise<void>((resolve) => waiting.push(resolve));
      signal.throwIfAborted();
      isOwned = true;
      const release = async () => {
        isOwned = false;
        waiting.shift()?.();
      };
      return { name, epoch: 1, lost: new AbortController().signal, check: async () => {}, release };
    },
  };
  const tickers = [1, 2].map(() => new Ticker({ log, time, logger: silentLogger, meter: silentMeter, ownership }));
  for (const ticker of tickers) ticker.start();
  await time.advance(0);
  await time.advance(TICK_EVERY_MS);
  expect(ticks(log).map(({ now }) => now)).toEqual([NOW, NOW + TICK_EVERY_MS]);
  await tickers[0]?.stop();
  await time.advance(0);
  await time.advance(TICK_EVERY_MS);
  expect(ticks(log)).toHaveLength(4);
  await tickers[1]?.stop();
  expect(time.waiting()).toEqual([]);
});
