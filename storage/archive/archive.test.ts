import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Effects,
  type NewRecord,
  OriginalsBuilder,
  silentLogger,
  silentMeter,
  systemTime,
} from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { clientOf } from '../effects.ts';
import { PostgresLog } from '../log/index.ts';
import { testDatabase } from '../testing/database.ts';
import { ARCHIVE_CONSUMER, Archive, type ArchiveHead, Archiver, originalsRecord, verifyArchive } from './index.ts';

let database: Database;
let log: PostgresLog;
let archive: Archive;
const heads: ArchiveHead[] = [];

beforeEach(async () => {
  database = await testDatabase();
  log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
  await log.start();
  archive = new Archive({ database });
  return () => log.stop();
});

/** A logger's message at a second, as one log record. */
function message(device: string, second: number, text = `{"temperature":${second}}`): NewRecord {
  const originals = new OriginalsBuilder();
  const at = second * 1_000;
  originals.add({
    ...{ arrival: at, source: device, door: `isotherm/v1/devices/${device}/readings` },
    subjects: [{ id: device, from: at, to: at }],
    payload: Buffer.from(text),
  });
  return originalsRecord(originals, { source: 'mqtt', arrival: at });
}

/** Runs the archiver until it has taken everything; one record a segment. */
async function archived(): Promise<void> {
  const consumer = log.consumer({
    ...{ name: ARCHIVE_CONSUMER, families: ['originals'], isMandatory: true, batchBytes: 1 },
    handler: new Archiver({ meter: silentMeter, onHead: (head) => heads.push(head) }),
  });
  await consumer.start();
  await consumer.passed(await log.heads());
  await consumer.stop();
}

async function textsOf(device: string, from: number, to = from): Promise<string[]> {
  const texts: string[] = [];
  for await (const { payload, segment } of archive.find(device, from * 1_000, to * 1_000)) {
    texts.push(`${segment === null ? 'log' : segment}: ${Buffer.from(payload)}`);
  }
  return texts;
}

describe('the archive', () => {
  it('finds a message by device and event time, byte for byte, in the archive and before it is there', async () => {
    await log.append([
      message('logger-7', 1),
      message('logger-8', 1),
      message('logger-7', 2, '  { "temperature" : 2.0 }\n'),
    ]);
    expect(await textsOf('logger-7', 2)).toEqual(['log:   { "temperature" : 2.0 }\n']);
    await archived();
    expect(await textsOf('logger-7', 2)).toEqual(['3:   { "temperature" : 2.0 }\n']);
    expect(await textsOf('logger-7', 0, 9)).toEqual(['1: {"temperature":1}', '3:   { "temperature" : 2.0 }\n']);
    await log.append([message('logger-7', 3)]);
    expect(await textsOf('logger-7', 2, 3)).toEqual(['3:   { "temperature" : 2.0 }\n', 'log: {"temperature":3}']);
    expect(await textsOf('logger-9', 0, 9)).toEqual([]);
  });

  it('has a segment on the disk before it is told of, which other consumers do not wait for', async () => {
    await log.append([message('logger-7', 1)]);
    const archiver = new Archiver({ meter: silentMeter });
    const seen: unknown[] = [];
    const look = async (effects: Effects) => {
      const { rows } = await clientOf(effects).query('SHOW synchronous_commit');
      seen.push(rows[0]?.synchronous_commit);
    };
    const consumer = log.consumer({
      ...{ name: ARCHIVE_CONSUMER, families: ['originals'], isMandatory: true },
      handler: {
        async handle(batch, effects) {
          await look(effects);
          await archiver.handle(batch, effects);
          await look(effects);
        },
      },
    });
    await consumer.start();
    await consumer.passed(await log.heads());
    await consumer.stop();
    expect(seen).toEqual(['off', 'on']);
  });

  it('proves that nothing in it was changed', async () => {
    await log.append([message('logger-7', 1), message('logger-7', 2), message('logger-7', 3)]);
    await archived();
    const before = await verifyArchive({ database, kept: null });
    expect(before).toMatchObject({ segments: 3, messages: 3, ended: 0, broken: [] });
    expect(await archive.holds(before.head)).toBe(true);
    expect(await archive.holds('0'.repeat(64))).toBe(false);
  });

  it.each([
    [
      'a changed content',
      'UPDATE archive_segments SET content = (SELECT content FROM archive_segments WHERE number = 1) WHERE number = 2',
      'its content is not what was archived',
    ],
    [
      'a damaged content',
      `UPDATE archive_segments SET content = '\\x00' WHERE number = 2`,
      /^its content cannot be decompressed/,
    ],
    [
      'a changed arrival',
      'UPDATE archive_segments SET arrived_from = 0 WHERE number = 2',
      'it or the one before it does not fit its chain hash',
    ],
    ['a segment taken away', 'DELETE FROM archive_segments WHERE number = 2', 'segment 2 is missing'],
    [
      'a content taken away',
      'UPDATE archive_segments SET content = NULL WHERE number = 2',
      'its content is gone, and it has not been ended',
    ],
    [
      'a content taken away with an end that was made up',
      `UPDATE archive_segments SET content = NULL WHERE number = 2; INSERT INTO archive_ended VALUES (2, 1, 'evt_x')`,
      'its content is gone, and the log of deletions has no entry that it lies in',
    ],
    [
      'a message that the index does not find any more',
      'DELETE FROM archive_index WHERE segment = 2',
      'the index does not say that it speaks of logger-7',
    ],
    [
      'an index that finds a message for another time',
      'UPDATE archive_index SET to_at = 9000 WHERE segment = 2',
      'the index has other times for logger-7',
    ],
    [
      'an index that finds a message for another device',
      `INSERT INTO archive_index VALUES ('logger-8', 2000, 2000, 2)`,
      'the index says that it speaks of logger-8; it does not',
    ],
  ])('shows %s', async (_what, tampering, reason) => {
    await log.append([message('logger-7', 1), message('logger-7', 2), message('logger-7', 3)]);
    await archived();
    await database.query(tampering);
    const { broken } = await verifyArchive({ database, kept: null });
    expect(broken[0]).toEqual({ segment: expect.any(Number), reason: expect.stringMatching(reason) });
  });

  it('shows with the head that was kept outside that segments, or all of them, were cut off its end', async () => {
    await log.append([message('logger-7', 1), message('logger-7', 2)]);
    await archived();
    const kept = heads.at(-1) ?? null;
    expect(kept).toMatchObject({ segments: 2 });
    expect((await verifyArchive({ database, kept })).broken).toEqual([]);
    await database.query('DELETE FROM archive_segments WHERE number = 2; DELETE FROM archive_index WHERE segment = 2');
    const reason = 'the archive ends at segment 1, it had come to 2';
    expect((await verifyArchive({ database, kept })).broken).toEqual([{ segment: null, reason }]);
    await database.query('DELETE FROM archive_segments');
    expect((await verifyArchive({ database, kept })).broken).toHaveLength(1);
  });

  it('shows with a head noted earlier that segments were cut off its end', async () => {
    await log.append([message('logger-7', 1), message('logger-7', 2)]);
    await archived();
    const { head } = await verifyArchive({ database, kept: null });
    await database.query('DELETE FROM archive_segments WHERE number = 2');
    expect((await verifyArchive({ database, kept: null })).broken).toEqual([]);
    expect(await archive.holds(head)).toBe(false);
  });
});
