import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger, systemTime } from '../domain/index.ts';
import { systemPart } from '../tests/parts.ts';
import { freePort } from '../tests/testing/free-port.ts';
import { type Database, openDatabase } from './database.ts';
import { effectsOf } from './effects.ts';
import { serverAccount } from './embedded/account.ts';
import { requireOwnSessions } from './own-sessions.ts';
import { PostgresOwnership } from './ownership.ts';
import { testDatabase } from './testing/database.ts';

const pgbouncer = systemPart('pgbouncer');

/** A pooler hands each transaction to whichever session is free: a lock of a session would be anybody's. */
describe.skipIf(pgbouncer === null)('ownership through a pooler in transaction mode', () => {
  const directory = mkdtemp(join(tmpdir(), 'isotherm-pooler-'));
  let pooler: ChildProcess | null = null;
  let database: Database;

  beforeAll(async () => {
    const direct = await testDatabase();
    const { host, port, user, database: name } = new pg.Client(direct.url);
    const listens = await freePort();
    const config = join(await directory, 'pgbouncer.ini');
    // It refuses to be root, and has to come through.
    await chmod(await directory, 0o755);
    await writeFile(
      config,
      `[databases]
pooled = host=${host} port=${port} user=${user} dbname=${name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listens}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
ignore_startup_parameters = options,extra_float_digits
`,
    );
    const account = await serverAccount(await directory);
    pooler = spawn(pgbouncer ?? '', [config], { ...account, stdio: 'ignore' });
    const open = () =>
      openDatabase({ url: `postgres://isotherm@127.0.0.1:${listens}/pooled`, logger: silentLogger, time: systemTime });
    for (let left = 100; ; left--) {
      try {
        database = await open();
        break;
      } catch (error) {
        if (left === 0) throw error;
        await systemTime.sleep('the pooler of a test', 100);
      }
    }
  });

  afterAll(async () => {
    await database?.close();
    if (pooler !== null && pooler.exitCode === null) {
      pooler.kill('SIGKILL');
      await once(pooler, 'exit');
    }
    await rm(await directory, { recursive: true, force: true });
  });

  it('is all that there is: the program itself is refused there, and says where to', async () => {
    await expect(requireOwnSessions(database)).rejects.toMatchObject({
      code: 'DATABASE_POOLED',
      message: expect.stringContaining('pool_mode'),
    });
    // PostgreSQL itself.
    await requireOwnSessions(await testDatabase());
  });

  it('is one process at a time, and goes from hand to hand', async () => {
    const forGood = new AbortController().signal;
    const all = Array.from({ length: 4 }, () => new PostgresOwnership({ database, time: systemTime }));
    const taken = await Promise.all(all.map((one) => one.ownNow('ticks')));
    const [first] = taken.filter((owned) => owned !== null);
    expect(taken.filter((owned) => owned !== null)).toHaveLength(1);
    if (first === undefined) return;
    await database.transaction((client) => first.check(effectsOf(client)));
    await first.release();
    const second = await new PostgresOwnership({ database, time: systemTime }).own('ticks', forGood);
    expect(second.epoch).toBe(first.epoch + 1);
    await expect(database.transaction((client) => first.check(effectsOf(client)))).rejects.toMatchObject({
      code: 'OWNERSHIP_LOST',
    });
    await second.release();
  });
});
