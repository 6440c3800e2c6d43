import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogGap, ManualTime, silentLogger, silentMeter } from '../../../domain/index.ts';
import { testDatabase } from '../../testing/database.ts';
import { record, textOf } from '../conformance.ts';
import type { ExpectedConsumer, LogLimits } from '../options.ts';
import { PostgresLog } from '../postgres-log.ts';
import { SEGMENT_WIDTH } from './segments.ts';

const HOUR = 3_600_000;
const database = await testDatabase({ maxConnections: 4 });

describe('segments of the log', () => {
  let time: ManualTime;
  let log: PostgresLog;

  beforeEach(async () => {
    time = new ManualTime(1_795_000_000_000);
    for (const name of await tables()) await database.query(`DROP TABLE ${name}`);
    await database.query('TRUNCATE log_head, log_segments, log_identity, log_consumers, log_checkpoints, log_dead');
  });

  afterEach(() => log.stop());

  async function start(limits: Partial<LogLimits>, expects: readonly ExpectedConsumer[] = []): Promise<void> {
    log = new PostgresLog({
      database,
      time,
      logger: silentLogger,
      meter: silentMeter,
      expects,
      limits: { keepMs: 0, ...limits },
    });
    await log.start();
  }

  async function append(...texts: string[]): Promise<number[]> {
    const positions: number[] = [];
    for (const text of texts) {
      for (const { position } of await log.append([record(text)])) positions.push(position);
    }
    return positions;
  }

  /** Consumes what there is now. */
  async function consume(name: string, isMandatory: boolean) {
    const texts: string[] = [];
    const gaps: LogGap[] = [];
    const consumer = log.consumer({
      name,
      families: ['readings'],
      isMandatory,
      handler: {
        handle: async ({ records }) => void texts.push(...records.map(({ payload }) => textOf(payload))),
        skipped: async (gap) => void gaps.push(gap),
      },
    });
    await consumer.start();
    await consumer.passed(await log.heads());
    await consumer.stop();
    return { texts, gaps };
  }

  it('end at a size, and the next one begins at its own first position', async () => {
    await start({ segmentBytes: 10 });
    expect(await append('123456', '789012', '3', '45678901234', '5')).toEqual([
      1,
      2,
      SEGMENT_WIDTH,
      SEGMENT_WIDTH + 1,
      2 * SEGMENT_WIDTH,
    ]);
    await log.maintain();
    expect(await tables()).toContain('log_readings_3');
  });

  it('end at an age', async () => {
    await start({ segmentMs: HOUR });
    await append('a');
    await time.advance(HOUR - 1);
    expect(await append('b')).toEqual([2]);
    await time.advance(1);
    expect(await append('c', 'd')).toEqual([SEGMENT_WIDTH, SEGMENT_WIDTH + 1]);
  });

  it('are made on the spot where the next one is missing', async () => {
    await start({ segmentBytes: 1, maintainMs: HOUR });
    await database.query('DROP TABLE log_readings_1');
    expect(await append('a', 'b')).toEqual([1, SEGMENT_WIDTH]);
  });

  it('count towards a lag by their records, not by the positions they skip', async () => {
    await start({ segmentBytes: 2 }, [{ name: 'late', families: ['readings'], isMandatory: true }]);
    await append('aa', 'b', 'c', 'dd', 'ee');
    expect(await log.lag()).toMatchObject([{ consumer: 'late', records: 5, checkpoint: 0 }]);
    const { texts } = await consume('late', true);
    expect(texts).toEqual(['aa', 'b', 'c', 'dd', 'ee']);
    expect(await log.lag()).toMatchObject([{ consumer: 'late', records: 0 }]);
    await append('f', 'g');
    expect(await log.lag()).toMatchObject([{ consumer: 'late', records: 2 }]);
  });

  it('stay while a consumer that never ran has not passed them, and are dropped once all have', async () => {
    await start({ segmentBytes: 1 }, [
      { name: 'ran', families: ['readings'], isMandatory: true },
      { name: 'never-ran', families: ['readings'], isMandatory: true },
    ]);
    await append('a', 'b', 'c');
    await consume('ran', true);
    await log.maintain();
    expect(await tables()).toContain('log_readings_0');
    const { texts } = await consume('never-ran', true);
    expect(texts).toEqual(['a', 'b', 'c']);
    await log.maintain();
    // The open one and the one ahead.
    expect(await tables()).toEqual(['log_readings_2', 'log_readings_3', 'log_trace_0', 'log_trace_1']);
    expect(await append('d')).toEqual([3 * SEGMENT_WIDTH]);
  });

  it('are kept for a while although everyone has passed them', async () => {
    await start({ segmentBytes: 1, keepMs: HOUR });
    await append('a', 'b');
    await log.maintain();
    expect(await tables()).toContain('log_readings_0');
    await time.advance(HOUR);
    await log.maintain();
    expect(await tables()).not.toContain('log_readings_0');
  });

  it('past the cap stop appends while a mandatory consumer holds them, and only so long', async () => {
    await start({ segmentBytes: 10, capBytes: 25 }, [{ name: 'writer', families: ['readings'], isMandatory: true }]);
    await append('0123456789', '0123456789', '0123456789');
    await log.maintain();
    await expect(log.append([record('x')])).rejects.toMatchObject({
      code: 'LOG_FULL',
      details: { family: 'readings', consumers: ['writer'] },
    });
    const { texts } = await consume('writer', true);
    expect(texts).toHaveLength(3);
    await log.maintain();
    await append('y');
  });

  it('past the age cap stop appends as well', async () => {
    await start({ segmentBytes: 1, capMs: 7 * 24 * HOUR }, [
      { name: 'writer', families: ['readings'], isMandatory: true },
    ]);
    await append('a', 'b');
    await time.advance(7 * 24 * HOUR + 1);
    await log.maintain();
    await expect(log.append([record('x')])).rejects.toMatchObject({ code: 'LOG_FULL' });
    expect(await log.forget('writer')).toBe(true);
    await append('y');
  });

  it('past the cap are taken from an optional consumer, which is told what it missed', async () => {
    await start({ segmentBytes: 10, capBytes: 25 }, [
      { name: 'mirror', families: ['readings'], isMandatory: false },
      { name: 'writer', families: ['readings'], isMandatory: true },
    ]);
    await append('0123456789', 'a', 'b', '0123456789', 'c');
    await consume('writer', true);
    await log.maintain();
    expect(await log.lag()).toMatchObject([
      { consumer: 'mirror', isDetached: false, records: 5 },
      { consumer: 'writer', isDetached: false, records: 0 },
    ]);
    await append('0123456789');
    await log.maintain();
    expect(await log.lag()).toMatchObject([{ consumer: 'mirror', isDetached: true }, { consumer: 'writer' }]);
    await append('d');
    await log.maintain();
    const { texts, gaps } = await consume('mirror', false);
    expect(gaps).toEqual([{ family: 'readings', partition: 0, after: 0, through: SEGMENT_WIDTH + 2 }]);
    expect(texts).toEqual(['c', '0123456789', 'd']);
    expect(await log.lag()).toMatchObject([{ consumer: 'mirror', isDetached: false, records: 0 }, {}]);
  });
});

describe('identities of senders records', () => {
  it('are forgotten after a while, and beyond a number the oldest first', async () => {
    const time = new ManualTime(1_795_000_000_000);
    const log = new PostgresLog({
      database,
      time,
      logger: silentLogger,
      meter: silentMeter,
      limits: { identityMs: 10 * HOUR, maintainMs: HOUR },
    });
    await log.start();
    const sent = { source: 'gw', sequence: 1 };
    await log.append([record('a', sent)]);
    await time.advance(10 * HOUR);
    await log.maintain();
    expect(await log.append([record('a', sent)])).toMatchObject([{ isDuplicate: true }]);
    await time.advance(HOUR + 1);
    await log.maintain();
    expect(await log.append([record('a', sent)])).toMatchObject([{ isDuplicate: false }]);
    await log.stop();
  });
});

/** The segments there are. */
async function tables(): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind = 'r'
      WHERE i.inhparent IN ('log_readings'::regclass, 'log_trace'::regclass) ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}
