import { beforeEach, describe, expect, it } from 'vitest';
import { SPEAKS_FOR_ALL, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Intake, Writer } from '../ingest/index.ts';
import {
  ARCHIVE_CONSUMER,
  type ArchiveHead,
  Archiver,
  checkpointLag,
  type Database,
  PostgresLog,
  QuarantineStore,
  ReadingStore,
  RefusalStore,
} from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { checkRecord } from './archive-check.ts';

/*
 * With plain SQL all excursions were rewritten and a device's readings deleted, and `archive verify` said `"broken":[]`:
 * it looked at the archive alone.
 */
const NOW = Date.now();
let database: Database;
let kept: ArchiveHead | null;

/** Messages taken in by the code that takes them in, stored, and all but the last archived. */
beforeEach(async () => {
  database = await testDatabase();
  const tools = { time: systemTime, logger: silentLogger, meter: silentMeter };
  const log = new PostgresLog({ ...tools, database });
  await log.start();
  const intake = new Intake({ ...tools, log, speaksFor: SPEAKS_FOR_ALL });
  const writer = log.consumer({
    ...{ name: 'writer', families: ['readings'], isMandatory: true },
    handler: new Writer({
      readings: new ReadingStore({ database }),
      quarantine: new QuarantineStore({ database }),
      refusals: new RefusalStore({ database }),
      meter: silentMeter,
    }),
  });
  const archiver = log.consumer({
    ...{ name: ARCHIVE_CONSUMER, families: ['originals'], isMandatory: true, batchBytes: 1 },
    handler: new Archiver({
      meter: silentMeter,
      onHead: (head) => {
        kept = head;
      },
    }),
  });
  const send = (device: string, minute: number, temperature: number) =>
    new Promise<void>((resolve, reject) => {
      const payload = Buffer.from(JSON.stringify({ time: NOW - minute * 60_000, temperature }));
      const topic = `isotherm/v1/devices/${device}/readings`;
      intake.accept({ clientId: device, topic, payload, arrival: NOW }, (error) => (error ? reject(error) : resolve()));
    });
  await send('logger-7', 3, 5);
  await send('logger-7', 2, 9.5);
  // Of two values for one moment the first is stored.
  await send('logger-7', 2, 4.5);
  await send('logger-8', 1, 5);
  await archiver.start();
  await archiver.passed(await log.heads());
  await archiver.stop();
  await send('logger-8', 0, 6);
  await writer.start();
  await writer.passed(await log.heads());
  await intake.stop();
  await log.stop();
});

const check = () =>
  checkRecord({ database, kept, isWritten: async () => (await checkpointLag(database, 'writer')) === 0 });

describe('the check of the record', () => {
  it('finds nothing where nothing was touched, though a second value was sent for a moment', async () => {
    expect(await check()).toMatchObject({ broken: [], readings: { compared: 5, absent: 0 } });
  });

  it.each([
    ['an excursion that was made to fit', 'UPDATE readings SET value = 7.9 WHERE value = 9.5', /is stored as 7.9/],
    ['a reading that was deleted', 'DELETE FROM readings WHERE value = 9.5', /is not stored: it was deleted/],
    [
      'a reading that is not archived yet and was deleted',
      'DELETE FROM readings WHERE value = 6',
      /logger-8.*is not stored: it was deleted/,
    ],
    [
      'all readings of a device that were deleted',
      `DELETE FROM readings WHERE device_id = (SELECT id FROM devices WHERE name = 'logger-8')`,
      /logger-8.*is not stored/,
    ],
    [
      'a device that was renamed',
      `UPDATE devices SET name = 'logger-9' WHERE name = 'logger-8'`,
      /logger-8.*is not stored/,
    ],
    ['all segments taken away', 'DELETE FROM archive_segments', /the archive ends at segment 0/],
  ])('shows %s', async (_what, tampering, reason) => {
    await database.query(tampering);
    const { broken } = await check();
    expect(broken.map((fault) => fault.reason)).toContainEqual(expect.stringMatching(reason));
  });

  it('takes readings that the log of deletions names for deleted', async () => {
    await database.query('DELETE FROM readings');
    await database.query(
      `INSERT INTO deletions (at, what, from_at, to_at, setting, extent) VALUES ($1, 'readings', 0, $1, 'x', 'all')`,
      [NOW + 1],
    );
    expect(await check()).toMatchObject({ broken: [], readings: { compared: 5, absent: 5 } });
  });
});
