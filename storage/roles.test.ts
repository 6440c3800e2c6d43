import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  BY_PLATFORM,
  ManualTime,
  OriginalsBuilder,
  ReadingBuilder,
  silentLogger,
  silentMeter,
  systemTime,
} from '../domain/index.ts';
import { ARCHIVE_CONSUMER, Archive, Archiver, originalsRecord } from './archive/index.ts';
import { AuditSequencer, PostgresAuditTrail, verifyAudit } from './audit/index.ts';
import { backUp } from './backup/index.ts';
import { type Database, openDatabase } from './database.ts';
import { effectsOf } from './effects.ts';
import { PostgresLog } from './log/index.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { PartitionManager } from './readings/partitions.ts';
import { ReadingStore } from './readings/reading-store.ts';
import { Deletions } from './retention/index.ts';
import { separateRoles } from './roles.ts';

/*
 * With one role for everything, whoever had the platform's password could rewrite what was received, delete archive
 * segments and change authors with plain SQL.
 */
const id = randomBytes(6).toString('hex');
const [OWNER, PRODUCT, NAME] = [`owner_${id}`, `product_${id}`, `roles_${id}`];
let owner: Database;
let product: Database;

async function asSuperuser(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

function open(user: string): Promise<Database> {
  const url = new URL(inject('postgresUrl'));
  url.username = user;
  url.pathname = `/${NAME}`;
  return openDatabase({ url: url.href, logger: silentLogger, time: systemTime });
}

async function archiveOneMessage(): Promise<void> {
  const log = new PostgresLog({ database: product, time: systemTime, logger: silentLogger, meter: silentMeter });
  await log.start();
  const originals = new OriginalsBuilder();
  originals.add({
    ...{ arrival: 1_000, source: 'logger-7', door: 'isotherm/v1/devices/logger-7/readings' },
    subjects: [{ id: 'logger-7', from: 1_000, to: 1_000 }],
    payload: Buffer.from('{"temperature":5}'),
  });
  await log.append([originalsRecord(originals, { source: 'mqtt', arrival: 1_000 })]);
  const consumer = log.consumer({
    ...{ name: ARCHIVE_CONSUMER, families: ['originals'], isMandatory: true },
    handler: new Archiver({ meter: silentMeter }),
  });
  await consumer.start();
  await consumer.passed(await log.heads());
  await log.stop();
}

beforeAll(async () => {
  await asSuperuser(
    ...[`CREATE ROLE ${PRODUCT} LOGIN`, `CREATE ROLE ${OWNER} LOGIN CREATEROLE`, `GRANT ${PRODUCT} TO ${OWNER}`],
    `CREATE DATABASE ${NAME} OWNER ${OWNER}`,
  );
  owner = await open(OWNER);
  await migrate(owner, silentLogger);
  await separateRoles(owner, PRODUCT);
  product = await open(PRODUCT);
});

afterAll(async () => {
  await Promise.all([owner.close(), product.close()]);
  await asSuperuser(`DROP DATABASE ${NAME} WITH (FORCE)`, `DROP ROLE ${PRODUCT}`, `DROP ROLE ${OWNER}`);
});

describe('the role of the platform', () => {
  it('does its work: log, readings with partitions of their own, archive, audit trail, backup', async () => {
    await archiveOneMessage();
    const builder = new ReadingBuilder();
    builder.add('logger-7', 1, Date.UTC(2026, 0, 1), 5);
    const store = new ReadingStore({ database: product, partitions: new PartitionManager({ database: product }) });
    await product.transaction((client) => store.insert(effectsOf(client), builder.view()));
    await new PartitionManager({ database: product }).makeAhead(Date.UTC(2026, 0, 1));
    const audit = new PostgresAuditTrail({ database: product });
    const entry = { ...BY_PLATFORM, at: 1_000, action: 'device.create', subject: 'device:logger-7' } as const;
    await product.transaction((client) => audit.add(effectsOf(client), entry));
    await new AuditSequencer({ database: product, time: new ManualTime(0), logger: silentLogger }).placeAll();
    expect(await verifyAudit(product, null)).toMatchObject({ placed: 1, faults: [] });
    const folder = await mkdtemp(join(tmpdir(), 'isotherm-roles-'));
    const { sequences } = (await backUp({ database: product, directory: folder })).manifest;
    expect(sequences.map(({ name }) => name)).toContain('audit_entries_number_seq');
    await rm(folder, { recursive: true });
  });

  it.each([
    ...['UPDATE archive_segments SET content = NULL', 'DELETE FROM archive_segments', 'DELETE FROM archive_index'],
    ...['TRUNCATE archive_segments', 'DROP TABLE archive_segments', 'ALTER TABLE archive_segments DROP COLUMN sha256'],
    ...['ALTER TABLE archive_segments DISABLE TRIGGER ALL', 'INSERT INTO archive_ended VALUES (1, 1, 1)'],
    ...[`UPDATE audit_entries SET actor_name = 'mallory'`, 'DELETE FROM audit_entries', 'TRUNCATE audit_entries'],
    ...['DELETE FROM audit_places', 'DROP TRIGGER audit_entries_stand ON audit_entries', 'DROP TABLE audit_places'],
    ...['UPDATE audit_personal SET entry = NULL', 'DELETE FROM audit_personal', 'UPDATE deletions SET setting = NULL'],
    ...['DELETE FROM deletions', 'DELETE FROM isotherm_migrations', 'DROP FUNCTION archive_end'],
    ...[`CREATE OR REPLACE FUNCTION audit_stands() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'`],
    ...[`SET ROLE ${OWNER}`, `ALTER ROLE ${PRODUCT} SUPERUSER`, `COPY (SELECT 1) TO PROGRAM 'true'`],
  ])('may not: %s', async (statement) => {
    await expect(product.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('ends a segment of the archive for a deletion that is under way, and only so; the end is in the audit trail', async () => {
    await expect(product.query('SELECT archive_end(1, 1, 0)')).rejects.toThrow(/no deletion of originals is under way/);
    const deletions = new Deletions({ database: product });
    const setting = 'retention.originals=1d';
    const other = await deletions.begin({ what: 'originals', from: 0, to: 1, setting, extent: 'all' }, 5);
    await expect(product.query(`SELECT archive_end(1, ${other}, 0)`)).rejects.toThrow(/no deletion of originals/);
    const entry = await deletions.begin({ what: 'originals', from: 0, to: 2_000, setting, extent: 'all' }, 5);
    await new Archive({ database: product }).end(1, entry, 6);
    await deletions.finish(entry, { deleted: 1, kept: 0 }, 7);
    const audit = new PostgresAuditTrail({ database: product });
    expect(await audit.history('archive-segment:1')).toMatchObject([
      { action: 'archive.end', at: 6, actor: { id: 'platform' }, new: { deletion: entry, setting } },
    ]);
    await new AuditSequencer({ database: product, time: new ManualTime(0), logger: silentLogger }).placeAll();
    expect(await verifyAudit(product, null)).toMatchObject({ waiting: 0, faults: [] });
    await expect(product.query(`SELECT archive_end(1, ${entry}, 0)`)).rejects.toThrow(/has ended/);
  });

  it('may not migrate, and is told which role may', async () => {
    await migrate(product, silentLogger);
    const later = await mkdtemp(join(tmpdir(), 'isotherm-roles-'));
    for (const name of await readdir(MIGRATIONS)) await copyFile(join(MIGRATIONS, name), join(later, name));
    await writeFile(join(later, '9000-later.sql'), 'ALTER TABLE archive_segments ADD COLUMN later int');
    const refused = { code: 'MIGRATION_NEEDS_OWNER', message: expect.stringContaining('DATABASE_OWNER_URL') };
    await expect(migrate(product, silentLogger, later)).rejects.toMatchObject(refused);
    await rm(later, { recursive: true });
  });

  it('leaves reports their views, over tables that the product owns by then', async () => {
    const url = new URL(inject('postgresUrl'));
    url.pathname = `/${NAME}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      await client.query('SET ROLE isotherm_bi');
      expect((await client.query('SELECT * FROM bi.decision_serials')).rows).toEqual([]);
      await expect(client.query('SELECT * FROM case_serials')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  });

  it('keeps working after the schema has been brought up to date once more', async () => {
    await migrate(owner, silentLogger);
    await separateRoles(owner, PRODUCT);
    await product.query(`INSERT INTO devices (name) VALUES ('logger-8')`);
  });
});

it('an owner that may not hand tables over is told what to do in one line', async () => {
  const stranger = `stranger_${id}`;
  await asSuperuser(`CREATE ROLE ${stranger} LOGIN`);
  await owner.query('CREATE TABLE added_later (n int)');
  await expect(separateRoles(owner, stranger)).rejects.toMatchObject({
    code: 'DATABASE_ROLES_APART',
    message: expect.stringContaining(`GRANT "${stranger}" TO it`),
  });
  await owner.query('DROP TABLE added_later');
  await asSuperuser(`DROP ROLE ${stranger}`);
});
