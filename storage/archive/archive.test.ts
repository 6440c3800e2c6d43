import { beforeEach, describe, expect, it } from 'vitest';
import { type NewRecord, OriginalsBuilder, silentLogger, silentMeter, systemTime } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { PostgresLog } from '../log/index.ts';
import { testDatabase } from '../testing/database.ts';
import { ARCHIVE_CONSUMER, Archive, Archiver, originalsRecord } from './index.ts';

let database: Database;
let log: PostgresLog;
let archive: Archive;

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
    handler: new Archiver({ meter: silentMeter }),
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

  it('proves that nothing in it was changed', async () => {
    await log.append([message('logger-7', 1), message('logger-7', 2), message('logger-7', 3)]);
    await archived();
    const before = await archive.verify();
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
  ])('shows %s', async (_what, tampering, reason) => {
    await log.append([message('logger-7', 1), message('logger-7', 2), message('logger-7', 3)]);
    await archived();
    await database.query(tampering);
    const { broken } = await archive.verify();
    expect(broken[0]).toEqual({ segment: expect.any(Number), reason: expect.stringMatching(reason) });
  });

  it('shows with a head noted earlier that segments were cut off its end', async () => {
    await log.append([message('logger-7', 1), message('logger-7', 2)]);
    await archived();
    const { head } = await archive.verify();
    await database.query('DELETE FROM archive_segments WHERE number = 2');
    expect((await archive.verify()).broken).toEqual([]);
    expect(await archive.holds(head)).toBe(false);
  });
});
