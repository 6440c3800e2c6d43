import { beforeEach, expect, test } from 'vitest';
import {
  type CalibrationFact,
  type ConsumerLag,
  ManualTime,
  silentLogger,
  systemTime,
  Troubles,
} from '../domain/index.ts';
import type { Unheard } from '../ingest/index.ts';
import { logSize, PostgresFindings, PostgresOwnership } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { CalibrationConcerns, concernsIn } from './calibration-concerns.ts';
import { DiskConcern } from './disk-concern.ts';
import { HealthWatch, type HealthWatchOptions } from './health-watch.ts';
import { LogConcern } from './log-concern.ts';
import { RECORD_CHECK } from './platform/record-check.ts';

const database = await testDatabase();
const findings = new PostgresFindings({ database });
const NOON = Date.parse('2026-11-22T12:00:00Z');
let time: ManualTime;
let troubles: Troubles;
let lag: ConsumerLag[];
let watch: HealthWatch;
let unheard: Unheard[];

function consumerAt(checkpoint: number, head: number, consumer = 'writer'): ConsumerLag {
  const position = { checkpoint, head, records: head - checkpoint };
  return { consumer, family: 'readings', partition: 0, ...position, isMandatory: true, isDetached: false };
}

const watching = (more: Pick<HealthWatchOptions, 'backup' | 'concerns' | 'ownership'> = {}) =>
  new HealthWatch({
    database,
    findings,
    log: { lag: async () => lag },
    troubles,
    unheard: () => unheard,
    time,
    logger: silentLogger,
    ...more,
  });
const open = async () => (await findings.present(['health'])).filter(({ to }) => to === null).map(({ key }) => key);

/** Looks every ten seconds. */
async function after(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 10) {
    await time.advance(10_000);
    await watch.look();
  }
}

beforeEach(async () => {
  await database.query('TRUNCATE findings, finding_changes, alert_work, log_dead, outbox');
  time = new ManualTime(NOON);
  troubles = new Troubles();
  lag = [];
  unheard = [];
  watch = watching();
});

test('a checkpoint that does not move while records wait is in trouble within a minute, and an alert', async () => {
  lag = [consumerAt(100, 120)];
  await watch.look();
  await after(30);
  expect(troubles.list()).toEqual([]);
  await after(30);
  expect(troubles.list()).toMatchObject([
    {
      ...{ part: 'writer checkpoint', code: 'CHECKPOINT_STUCK', since: NOON },
      text: expect.stringMatching(/has not moved since 2026-11-22T12:00:00.000Z while 20 records wait/),
    },
  ]);
  expect(await open()).toEqual(['health:writer checkpoint']);
  lag = [consumerAt(120, 120)];
  await after(10);
  expect(troubles.list()).toEqual([]);
  expect(await open()).toEqual([]);
  expect(await findings.present(['health'])).toMatchObject([{ endedBy: 'recovery', from: NOON }]);
});

test('one that moves, however slowly, is not; nor one that has nothing to do', async () => {
  for (let position = 100; position < 140; position += 10) {
    lag = [consumerAt(position, 1_000), consumerAt(5, 5, 'tracer')];
    await after(40);
  }
  expect([troubles.list(), await open()]).toEqual([[], []]);
});

test('the archive, which takes the log every ten minutes, is given longer', async () => {
  lag = [consumerAt(0, 10, 'archive')];
  await watch.look();
  await after(14 * 60);
  expect(troubles.list()).toEqual([]);
  await after(60);
  expect(troubles.list()).toMatchObject([{ part: 'archive checkpoint' }]);
});

test('a part that only fails and retries is an alert within a minute, once, and ends with its next success', async () => {
  troubles.failed('alerts', new Error('exposure fails'), NOON);
  await after(30);
  expect(await open()).toEqual([]);
  await after(20);
  troubles.failed('alerts', new Error('exposure fails still'), time.now());
  await after(60);
  const { rows } = await database.query('SELECT reason FROM alert_work');
  expect([await open(), rows]).toEqual([['health:alerts'], [{ reason: 'exposure fails' }]]);
  troubles.passed('alerts');
  await after(10);
  expect(await open()).toEqual([]);
});

// Both were called archive: what the night had found was a warning, and gone with the next segment.
test('a record that was changed stays an alert of the highest severity, however well the archive is filled', async () => {
  troubles.failed(RECORD_CHECK, new Error('3 things are not what was received'), NOON);
  await after(40);
  troubles.passed('archive');
  await after(60);
  expect(await open()).toEqual(['health:archive-check']);
  expect(await findings.present(['health'])).toMatchObject([{ severity: 'critical' }]);
});

test('an alert that was open when the process ended is not opened twice, and ends where all is well', async () => {
  troubles.failed('notifier', new Error('no'), NOON);
  await after(60);
  watch = watching();
  await after(20);
  expect(await open()).toEqual(['health:notifier']);
  troubles.passed('notifier');
  watch = watching();
  await after(10);
  expect(await open()).toEqual([]);
});

test('records that could not be taken, and messages that were given up, are alerts until a person has seen to them', async () => {
  await database.query(
    `INSERT INTO outbox (id, event, type, alert_id, channel, created_at, next_attempt_at, dead_at)
     VALUES ('a', 'e', 'alert.opened', 'x', 'ops', now(), now(), now())`,
  );
  await after(10);
  expect(await open()).toEqual(['health:undelivered-messages']);
  await database.query('DELETE FROM outbox');
  await after(10);
  expect(await open()).toEqual([]);
});

// Nobody noticed a device whose every message was refused: silence is judged of devices that were heard.
test('a backup older than it may be is a trouble and an alert until a newer one is made; none at all is neither', async () => {
  let last: number | null = null;
  watch = watching({ backup: { last: async () => last, withinMs: 60_000 } });
  await after(120);
  expect(troubles.list()).toEqual([]);
  last = time.now();
  const old = last + 60_000;
  await after(60);
  expect(troubles.list()).toEqual([]);
  await after(60);
  expect(troubles.list()).toMatchObject([{ part: 'backup', code: 'BACKUP_OLD', since: old }]);
  expect(await open()).toEqual(['health:backup']);
  expect(await findings.present(['health'])).toMatchObject([{ severity: 'warning' }]);
  last = time.now();
  await after(10);
  expect(troubles.list()).toEqual([]);
  expect(await open()).toEqual([]);
});

test('a device of which nothing is taken is an alert within a minute, and ends when something is', async () => {
  const refusal = { reason: 'FIELD_CHANGES_MEANING', detail: 'timestamp is not understood' };
  unheard = [{ source: 'logger-7', since: NOON, messages: 2, ...refusal }];
  await after(30);
  expect(await open()).toEqual([]);
  await after(30);
  expect(await open()).toEqual(['health:device logger-7']);
  expect(await findings.present(['health'])).toMatchObject([{ severity: 'warning', from: NOON }]);
  unheard = [];
  await after(10);
  expect(await open()).toEqual([]);
});

test('a calibration is an alert thirty days before it is due, another once it is overdue, and none with a new certificate', async () => {
  const calibration = (due: string): CalibrationFact => ({
    ...{ device: 'logger-7', metric: 'temperature', points: [], reason: 'yearly', at: NOON },
    effectiveFrom: Date.parse('2026-01-01T00:00:00Z'),
    certificate: { number: 'C-1', laboratory: 'Eichamt', date: '2026-01-01', due },
  });
  let told = calibration('2026-12-22');
  const facts = async () => [
    { position: 1, arrival: NOON, fact: { type: 'calibration' as const, calibration: told, by: 'x' } },
  ];
  const concerns = new CalibrationConcerns({ all: facts });
  watch = watching({ concerns: (now) => concerns.at(now) });
  await after(10);
  expect(await open()).toEqual([]);
  // Its last day is the 22nd: overdue on the 23rd, told from the 23rd of November on.
  await time.advance(12 * 3_600_000);
  await after(10);
  expect(await open()).toEqual(['health:calibration due logger-7/temperature']);
  expect(await findings.present(['health'])).toMatchObject([
    { severity: 'warning', from: Date.parse('2026-11-23T00:00:00Z') },
  ]);
  expect(troubles.list()).toEqual([]);
  await time.advance(30 * 24 * 3_600_000);
  await after(10);
  expect(await open()).toEqual(['health:calibration overdue logger-7/temperature']);
  told = calibration('2027-12-22');
  await after(70);
  expect(await open()).toEqual([]);
});

test('a disk that fills up is critical before it is full, told once while it wavers, and over when there is room again', async () => {
  let free = 11;
  const disk = new DiskConcern({ room: async () => ({ free: free * 2 ** 30, total: 100 * 2 ** 30 }), least: 10 });
  watch = watching({ concerns: (now) => disk.at(now) });
  await after(10);
  expect(await open()).toEqual([]);
  free = 9.5;
  await after(10);
  expect(await open()).toEqual(['health:disk']);
  const [told] = await findings.present(['health']);
  expect(told).toMatchObject({ severity: 'critical', from: NOON + 20_000 });
  free = 10.5;
  await after(20);
  expect(await findings.present(['health'])).toEqual([told]);
  free = 11.5;
  await after(10);
  expect(await open()).toEqual([]);
});

test('a log that fills up is critical long before nothing is acknowledged, by size or by age, and over when it is worked off', async () => {
  const GIB = 2 ** 30;
  let size = { bytes: 4 * GIB, oldestClosed: NOON as number | null };
  const logs = new LogConcern({
    size: async () => size,
    caps: { capBytes: 10 * GIB, capMs: 7 * 24 * 3_600_000 },
    most: 50,
  });
  watch = watching({ concerns: (now) => logs.at(now) });
  await after(10);
  expect(await open()).toEqual([]);
  size = { ...size, bytes: 5.1 * GIB };
  await after(10);
  expect(await open()).toEqual(['health:log-size']);
  const [told] = await findings.present(['health']);
  expect(told).toMatchObject({ severity: 'critical', from: NOON + 20_000 });
  size = { ...size, bytes: 4.8 * GIB };
  await after(20);
  expect(await findings.present(['health'])).toEqual([told]);
  size = { ...size, bytes: 4.4 * GIB };
  await after(10);
  expect(await open()).toEqual([]);
  size = { bytes: 0, oldestClosed: NOON - 84 * 3_600_000 };
  await after(10);
  expect(await open()).toEqual(['health:log-size']);
  size = { bytes: 0, oldestClosed: null };
  await after(10);
  expect(await open()).toEqual([]);
  const never = new LogConcern({
    size: async () => ({ bytes: 20, oldestClosed: 0 }),
    caps: { capBytes: 1, capMs: 1 },
    most: 0,
  });
  expect(await never.at(NOON)).toEqual([]);
});

test('the size of the log is that of its segments, open ones too', async () => {
  await database.query(
    `INSERT INTO log_segments (family, partition, number, last, bytes, opened, closed)
     VALUES ('readings', 0, 900, 5, 100, 1, 7), ('trace', 0, 900, 5, 20, 1, 9)`,
  );
  const { rows } = await database.query<{ open: number }>(
    'SELECT coalesce(sum(segment_bytes), 0)::bigint AS open FROM log_head',
  );
  expect(await logSize(database)).toEqual({ bytes: 120 + (rows[0]?.open ?? 0), oldestClosed: 7 });
  await database.query('DELETE FROM log_segments WHERE number = 900');
});

test('nobody is told of a disk where least free is zero', async () => {
  const disk = new DiskConcern({ room: async () => ({ free: 0, total: 100 }), least: 0 });
  expect(await disk.at(NOON)).toEqual([]);
});

test('of a fleet that is due on one day fifty are alerts of their own, and the rest is counted in one', () => {
  const fleet = Array.from(
    { length: 120 },
    (_, i): CalibrationFact => ({
      ...{ device: `logger-${i}`, metric: 'temperature', points: [], reason: 'yearly', at: NOON, effectiveFrom: 0 },
      certificate: { number: 'C-1', laboratory: 'Eichamt', date: '2025-12-01', due: '2026-12-01' },
    }),
  );
  const concerns = concernsIn(fleet, NOON);
  expect(concerns).toHaveLength(51);
  expect(concerns.at(-1)?.text).toMatch(/^70 more/);
});

// Both opened a finding of their own, and people were told twice.
test('of two processes that look one tells, and the other goes on when it has ended', async () => {
  await database.query("DELETE FROM owners WHERE name = 'health'");
  const concerns = async () => [{ part: 'disk', since: time.now(), text: 'hardly any room' }];
  const two = [1, 2].map(() =>
    watching({ concerns, ownership: new PostgresOwnership({ database, time: systemTime }) }),
  );
  const [first, second] = two;
  for (const one of two) await one.look();
  expect(await open()).toEqual(['health:disk']);
  expect(await findings.present(['health'])).toHaveLength(1);
  await first?.stop();
  await second?.look();
  expect(await findings.present(['health'])).toHaveLength(1);
  await second?.stop();
});
