import { beforeEach, expect, test } from 'vitest';
import {
  type DeviceRange,
  type Effects,
  type Kept,
  ManualTime,
  OriginalsBuilder,
  ReadingBuilder,
  silentLogger,
  silentMeter,
  systemTime,
} from '../../domain/index.ts';
import { ARCHIVE_CONSUMER, Archive, Archiver, originalsRecord, verifyArchive } from '../archive/index.ts';
import { PostgresAuditTrail } from '../audit/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { PostgresLog } from '../log/index.ts';
import { PostgresOwnership } from '../ownership.ts';
import { PartitionManager } from '../readings/partitions.ts';
import { ReadingStore } from '../readings/reading-store.ts';
import { Readings } from '../readings/readings.ts';
import { SoleOwner } from '../sole-owner.ts';
import { testDatabase } from '../testing/database.ts';
import { by } from '../testing/people.ts';
import { Deletions, Holds, Retention, Sweeper } from './index.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T10:00:00Z');
const AGES = { readings: { ms: 100 * DAY, text: '100d' }, originals: { ms: 200 * DAY, text: '200d' } };

type Check = (effects: Effects) => Promise<void>;

let database: Database;
let deletions: Deletions;
let partitions: PartitionManager;
let archive: Archive;
const time = new ManualTime(NOW);

beforeEach(async () => {
  database = await testDatabase();
  deletions = new Deletions({ database });
  partitions = new PartitionManager({ database });
  archive = new Archive({ database });
});

function retention(
  kept: Partial<Kept>,
  ages: Partial<typeof AGES> = AGES,
  by = deletions,
  owner?: SoleOwner,
): Retention {
  return new Retention({
    ...{ archive, deletions: by, time, logger: silentLogger, ...(owner !== undefined && { owner }) },
    sweeper: new Sweeper({ database, partitions, deletions: by, time, logger: silentLogger }),
    readings: ages.readings ?? null,
    originals: ages.originals ?? null,
    kept: async () => ({ shipments: new Set(), ranges: [], ...kept }),
  });
}

/** One reading a day of each device, up to today. */
async function measured(days: number, ...devices: string[]): Promise<void> {
  const builder = new ReadingBuilder();
  for (const device of devices) for (let day = days; day >= 0; day--) builder.add(device, 1, NOW - day * DAY, 5);
  const store = new ReadingStore({ database, partitions });
  await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

async function daysOf(device: string): Promise<number[]> {
  const { rows } = await database.query<{ time: number }>(
    'SELECT time FROM readings JOIN devices ON id = device_id WHERE name = $1 ORDER BY time DESC',
    [device],
  );
  return rows.map(({ time: at }) => (NOW - at) / DAY);
}

const around = (device: string, day: number): DeviceRange => ({
  device,
  from: NOW - day * DAY,
  to: NOW - day * DAY + 1,
});

test('without a setting nothing is deleted', async () => {
  await measured(300, 'logger-7');
  expect(await retention({}, {}).run()).toEqual({ readings: 0, originals: 0, files: 0, postponed: 0 });
  expect(await daysOf('logger-7')).toHaveLength(301);
});

test('a clock that jumps years ahead makes nothing old', async () => {
  await measured(50, 'logger-7');
  await time.advance(3 * 365 * DAY);
  expect(await retention({}).run()).toMatchObject({ readings: 0 });
  expect(await daysOf('logger-7')).toHaveLength(51);
  await time.advance(NOW - time.now());
});

test('what is deleted beside a reading that is kept stays in the charts', async () => {
  await measured(120, 'logger-7');
  const query = { device: 'logger-7', metric: 1, from: NOW - 120 * DAY, to: NOW, limit: 1_000 };
  const readings = new Readings({ database });
  const before = await readings.buckets(query, '1d');
  await retention({ ranges: [around('logger-7', 118)] }).run();
  expect(await daysOf('logger-7')).not.toContain(115);
  expect((await readings.buckets(query, '1d')).items.map(({ time: at, n }) => [at, n])).toEqual(
    before.items.map(({ time: at, n }) => [at, n]),
  );
});

test('a partition in which nothing is kept is dropped, and the log of deletions says by which setting', async () => {
  await measured(120, 'logger-7');
  const before = (await partitions.list()).length;
  const { readings } = await retention({}).run();
  expect(readings).toBeGreaterThan(7);
  expect(await daysOf('logger-7')).toHaveLength(121 - readings);
  expect((await partitions.list()).length).toBeLessThan(before);
  const log = await deletions.list({ limit: 100 });
  expect(log.reduce((sum, { deleted }) => sum + (deleted ?? 0), 0)).toBe(readings);
  expect(log[0]).toMatchObject({
    ...{ what: 'readings', setting: 'retention.readings=100d', extent: 'all', kept: 0, finishedAt: NOW },
  });
});

test('what a sweeper that stood still was about to delete is deleted and counted once, by who has taken over', async () => {
  await measured(120, 'logger-7');
  // Its clock stands still: it renews nothing.
  const hung = new SoleOwner({
    ownership: new PostgresOwnership({ database, time: new ManualTime(0) }),
    name: 'upkeep',
  });
  const other = new SoleOwner({ ownership: new PostgresOwnership({ database, time: systemTime }), name: 'upkeep' });
  let went = 0;
  class StandsStill extends Deletions {
    override async begin(...given: Parameters<Deletions['begin']>): Promise<number> {
      const entry = await super.begin(...given);
      await database.query(`UPDATE owners SET until = '-infinity' WHERE name = 'upkeep'`);
      expect(await other.isOurs()).toBe(true);
      const check: Check = (effects) => other.check(effects);
      ({ readings: went } = await retention({}, AGES, new Deletions({ database, check }), other).run());
      return entry;
    }
  }
  expect(await hung.isOurs()).toBe(true);
  const check: Check = (effects) => hung.check(effects);
  const late = retention({}, AGES, new StandsStill({ database, check }), hung).run();
  await expect(late).rejects.toMatchObject({ code: 'OWNERSHIP_LOST' });
  expect(went).toBeGreaterThan(7);
  expect(await daysOf('logger-7')).toHaveLength(121 - went);
  const log = await deletions.list({ limit: 100 });
  expect(log.reduce((sum, { deleted }) => sum + (deleted ?? 0), 0)).toBe(went);
  expect(log.filter(({ finishedAt }) => finishedAt === null)).toHaveLength(1);
  await other.release();
});

test('what is kept stays with a day around it, and the rest of its week goes', async () => {
  await measured(120, 'logger-7', 'logger-8');
  await retention({ ranges: [around('logger-7', 112)] }).run();
  const old = (days: number[]) => days.filter((day) => day > 107);
  expect(old(await daysOf('logger-7'))).toEqual([111, 112, 113]);
  expect(old(await daysOf('logger-8'))).toEqual([]);
  const thinned = (await deletions.list({ limit: 100 })).filter(({ extent }) => extent === 'all but what is kept');
  expect(thinned.reduce((sum, { kept }) => sum + (kept ?? 0), 0)).toBe(3);
});

test('the log of deletions is not changed, not even by hand', async () => {
  await measured(120, 'logger-7');
  await retention({}).run();
  for (const tampering of ['UPDATE deletions SET deleted = 0', 'DELETE FROM deletions', 'TRUNCATE deletions']) {
    await expect(database.query(tampering)).rejects.toThrow('the log of deletions is not changed');
  }
  const [entry] = (await deletions.list({ limit: 1 })).filter(({ deleted }) => deleted !== null);
  const history = await new PostgresAuditTrail({ database }).history(`deletion:${entry?.id}`);
  expect(history.map(({ action, actor, new: told }) => [action, actor.id, told])).toEqual([
    ['retention.delete', 'platform', expect.objectContaining({ what: 'readings' })],
    ['retention.deleted', 'platform', { deleted: entry?.deleted, kept: entry?.kept }],
  ]);
});

test('originals past their retention go with their segment, unless it speaks of what is kept; the chain still holds', async () => {
  const log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
  await log.start();
  for (const [subject, day] of [
    ['logger-7', 300],
    ['logger-8', 300],
    ['shipment:SHP-1', 300],
    ['shipment:SHP-2', 300],
    ['logger-7', 10],
  ] as const) {
    const originals = new OriginalsBuilder();
    const at = NOW - day * DAY;
    const subjects = [{ id: subject, from: at, to: at }];
    originals.add({ arrival: at, source: 's', door: 'd', subjects, payload: Buffer.from(subject) });
    await log.append([originalsRecord(originals, { source: 'mqtt', arrival: at })]);
  }
  const consumer = log.consumer({
    ...{ name: ARCHIVE_CONSUMER, families: ['originals'], isMandatory: true, batchBytes: 1 },
    handler: new Archiver({ meter: silentMeter }),
  });
  await consumer.start();
  await consumer.passed(await log.heads());
  await log.stop();
  const { head } = await verifyArchive({ database, kept: null });

  const kept = { shipments: new Set(['SHP-1']), ranges: [around('logger-8', 300)] };
  expect(await retention(kept).run()).toMatchObject({ originals: 2 });
  const found = async (subject: string) => {
    const segments: (number | null)[] = [];
    for await (const { segment } of archive.find(subject, 0, NOW)) segments.push(segment);
    return segments;
  };
  expect(await found('logger-7')).toEqual([5]);
  expect(await found('logger-8')).toEqual([2]);
  expect(await found('shipment:SHP-1')).toEqual([3]);
  expect(await found('shipment:SHP-2')).toEqual([]);
  expect(await verifyArchive({ database, kept: null })).toMatchObject({ segments: 5, ended: 2, head, broken: [] });
});

test('a hold stands until it is released, and its story stays', async () => {
  const holds = new Holds({ audit: new PostgresAuditTrail({ database }), database, time });
  await holds.set('shipment:SHP-1', 'complaint 4711', by('quinn'));
  await expect(holds.set('shipment:SHP-1', 'again', by('admin'))).rejects.toMatchObject({ code: 'HOLD_STANDS' });
  await holds.release('shipment:SHP-1', 'closed without finding', by('quinn'));
  await expect(holds.release('shipment:SHP-1', 'again', by('quinn'))).rejects.toMatchObject({ code: 'HOLD_UNKNOWN' });
  await holds.set('shipment:SHP-1', 'complaint 4712', by('quinn'));
  expect(await holds.standing()).toMatchObject([{ reason: 'complaint 4712', releasedAt: null }]);
  expect(await holds.all({ subject: 'shipment:SHP-1', limit: 10 })).toMatchObject([
    { reason: 'complaint 4712' },
    { reason: 'complaint 4711', releasedBy: 'quinn', releasedAt: NOW, releaseReason: 'closed without finding' },
  ]);
});
