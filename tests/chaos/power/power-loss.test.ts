import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Spool } from '../../../gateways/spool.ts';
import { Chance } from '../../../simulators/portal/random.ts';
import { PostgresAlone } from '../postgres.ts';
import { Disk, SURVIVES, type Survives } from './disk.ts';
import { buildLibrary } from './library.ts';
import { namesIn, piecesIn } from './store.ts';

/* Whether the simulated loss of power takes what it has to take, and nothing that was synced; then what of ours it takes. */

const PROJECT = join(import.meta.dirname, '../../..');
const home = mkdtempSync(join(realpathSync(tmpdir()), 'isotherm-power-'));
chmodSync(home, 0o755);
const library = buildLibrary(home);
let made = 0;

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A folder with a disk of its own. */
function newDisk(): Disk {
  made += 1;
  const root = join(home, `root-${made}`);
  mkdirSync(root, { mode: 0o755 });
  return new Disk({ root, store: join(home, `store-${made}`), library: library ?? '' });
}

/** Runs lines of JavaScript in a process that writes to the disk, in its folder, and is killed at their end. @returns what it printed */
async function writing(disk: Disk, lines: string, args: readonly string[] = []): Promise<string> {
  const program = `import fs from 'node:fs';\nimport { DatabaseSync } from 'node:sqlite';\n${lines}\nprocess.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, ...args], {
    ...{ cwd: disk.root, env: { ...process.env, ...disk.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  let [said, complained] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...ended) => resolve(ended)),
  );
  if (signal !== 'SIGKILL') throw new Error(`ended with ${code ?? signal}: ${complained}`);
  return said;
}

function contentOf(disk: Disk, name: string): string | null {
  const path = join(disk.root, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

describe.skipIf(library === null)('a disk that loses power', () => {
  test('keeps what was synced and nothing else, whatever call wrote it', async () => {
    const disk = newDisk();
    await writing(
      disk,
      `
      const sync = (path) => { const at = fs.openSync(path, 'r'); fs.fsyncSync(at); fs.closeSync(at); };
      fs.writeFileSync('unsynced', 'gone');
      for (const name of ['synced', 'overwritten', 'longer', 'cut', 'emptied', 'vectors', 'data', 'replaced', 'deleted', 'moved'])
        fs.writeFileSync(name, 'abcdef', { flush: true });
      sync('.');
      const open = (name, flags = 'r+') => fs.openSync(name, flags);
      fs.writeSync(open('overwritten'), 'X', 2);
      fs.appendFileSync('longer', 'ghi');
      fs.ftruncateSync(open('cut'), 2);
      fs.writeFileSync('emptied', '');
      fs.writevSync(open('vectors'), [Buffer.from('1'), Buffer.from('2')], 5);
      const data = open('data');
      fs.writeSync(data, 'ABCDEFGH', 0);
      fs.fdatasyncSync(data);
      fs.writeSync(data, '--------', 0);
      fs.writeSync(fs.openSync('at-once', fs.constants.O_CREAT | fs.constants.O_RDWR | fs.constants.O_DSYNC), 'kept', 0);
      sync('at-once');
      fs.writeFileSync('fresh', 'new', { flush: true });
      fs.renameSync('fresh', 'replaced');
      fs.unlinkSync('deleted');
      fs.renameSync('moved', 'moved-away');
      fs.linkSync('synced', 'linked');
      fs.writeFileSync('nameless', 'gone');`,
    );
    const loss = disk.losePower('nothing', new Chance(1));
    const all = Object.fromEntries(readdirSync(disk.root).map((name) => [name, contentOf(disk, name)]));
    expect(all).toEqual({
      ...{ synced: 'abcdef', overwritten: 'abcdef', longer: 'abcdef', cut: 'abcdef', emptied: 'abcdef' },
      ...{ vectors: 'abcdef', data: 'ABCDEFGH', 'at-once': 'kept', fresh: 'new', replaced: 'abcdef' },
      ...{ deleted: 'abcdef', moved: 'abcdef', unsynced: '' },
    });
    expect(loss.names).toBe(5);
    expect(disk.losePower('nothing', new Chance(1))).toEqual({ files: 0, bytes: 0, names: 0 });
  });

  test('leaves an empty file under the name where names survive and bytes do not', async () => {
    const disk = newDisk();
    const lines = `fs.writeFileSync('head.new', 'second'); fs.renameSync('head.new', 'head');`;
    writeFileSync(join(disk.root, 'head'), 'first');
    await writing(disk, lines);
    disk.losePower('names', new Chance(1));
    expect(contentOf(disk, 'head')).toBe('');
  });

  test('counts a sync for all who wrote the file, and for none that wrote after it', async () => {
    const disk = newDisk();
    await writing(disk, `fs.writeFileSync('file', 'written');`);
    await writing(disk, `fs.fsyncSync(fs.openSync('file', 'r'));`);
    await writing(disk, `fs.appendFileSync('file', ', and more');`);
    disk.losePower('nothing', new Chance(1));
    expect(contentOf(disk, 'file')).toBe('written');
  });

  test('counts a sync of the whole file system for everything that was written, and for nothing after it', async () => {
    const disk = newDisk();
    await writing(
      disk,
      `const { execFileSync } = await import('node:child_process');
       fs.writeFileSync('one', 'written'); fs.writeFileSync('new', 'written'); fs.renameSync('new', 'two');
       execFileSync('sync', ['--file-system', '.']);
       fs.appendFileSync('one', ', and more'); fs.writeFileSync('three', 'gone');`,
    );
    expect(disk.losePower('nothing', new Chance(1)).names).toBe(1);
    expect(['one', 'two', 'three'].map((name) => contentOf(disk, name))).toEqual(['written', 'written', null]);
  });

  test('does not take what another file had that was there before with the same inode', async () => {
    const disk = newDisk();
    await writing(
      disk,
      `for (let n = 0; n < 50; n++) { fs.writeFileSync('one', 'x'.repeat(n)); fs.unlinkSync('one'); }
       fs.writeFileSync('one', 'kept', { flush: true });`,
    );
    disk.losePower('nothing', new Chance(1));
    expect(contentOf(disk, 'one')).toBe('kept');
  });

  test('draws which pages survive, the same again from the same seed, some of them torn', async () => {
    const drawn = async (seed: number) => {
      const disk = newDisk();
      await writing(
        disk,
        `fs.writeFileSync('pages', Buffer.alloc(409600, 'a'), { flush: true });
         fs.writeSync(fs.openSync('pages', 'r+'), Buffer.alloc(409600, 'b'), 0, 409600, 0);`,
      );
      disk.losePower('some', new Chance(seed));
      return contentOf(disk, 'pages') ?? '';
    };
    const text = await drawn(3);
    expect(await drawn(3)).toBe(text);
    const pages = text.match(/.{4096}/g) ?? [];
    const kinds = Map.groupBy(pages, (page) => (/^b+$/.test(page) ? 'new' : /^a+$/.test(page) ? 'old' : 'torn'));
    for (const kind of ['new', 'old', 'torn'] as const) expect(kinds.get(kind)?.length, kind).toBeGreaterThan(0);
    for (const page of kinds.get('torn') ?? []) {
      for (const sector of page.match(/.{512}/g) ?? []) expect(sector).toMatch(/^(a+|b+)$/);
    }
  });

  test('a record that was cut off, since its process was killed in it, is passed over', () => {
    const piece = Buffer.alloc(32 + 4);
    [10n, 4n, 4n, 20n].forEach((value, n) => {
      piece.writeBigInt64LE(value, n * 8);
    });
    expect(piecesIn(Buffer.concat([piece, piece.subarray(0, 34)]))).toHaveLength(1);
    expect(piecesIn(Buffer.concat([piece, piece.subarray(0, 20)]))).toHaveLength(1);
    expect(namesIn(Buffer.alloc(55, 1))).toEqual([]);
  });
});

describe.skipIf(library === null)('SQLite', () => {
  test('that waits for the log at checkpoints alone loses commits: the loss bites', async () => {
    const disk = newDisk();
    const said = await writing(
      disk,
      `const database = new DatabaseSync('rows.sqlite');
       database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE rows (n INTEGER)');
       for (let n = 0; n < 50; n++) { database.prepare('INSERT INTO rows VALUES (?)').run(n); fs.writeSync(1, '.'); }`,
    );
    expect(said).toHaveLength(50);
    disk.losePower('nothing', new Chance(5));
    const database = new DatabaseSync(join(disk.root, 'rows.sqlite'));
    const tables = database.prepare(`SELECT count(*) AS count FROM sqlite_master WHERE name = 'rows'`).get()?.count;
    const there = tables === 0 ? 0 : Number(database.prepare('SELECT count(*) AS count FROM rows').get()?.count);
    database.close();
    expect(there).toBeLessThan(50);
  });

  // Names alone are two: of the file and of its log.
  test.each(['nothing', 'some'] as const)(
    'the spool of a gateway has every batch it took (%s survives)',
    async (survives) => {
      const disk = newDisk();
      const said = await writing(
        disk,
        `const { Spool } = await import(process.argv[1]);
       const spool = new Spool(process.cwd() + '/spool', 1e8);
       for (let n = 1; n <= 60; n++) {
         spool.keepReads(Buffer.from('read ' + n));
         spool.add({ sequence: n, at: n, payload: Buffer.alloc(3_000, n) }, new Map(), n % 3 === 0 ? Buffer.from('open ' + n) : null);
         if (n === 30) spool.remove(Array.from({ length: 10 }, (_, at) => at + 1));
         fs.writeSync(1, '.');
       }`,
        [join(PROJECT, 'gateways/spool.ts')],
      );
      expect(said).toHaveLength(60);
      disk.losePower(survives, new Chance(6));
      const spool = new Spool(join(disk.root, 'spool'), 1e8);
      const batches = spool.after(0, 100);
      expect(spool.laidAside).toBeNull();
      expect(batches.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, n) => n + 11));
      expect(batches.every(({ sequence, payload, isDamaged }) => !isDamaged && payload[0] === sequence)).toBe(true);
      expect(spool.nextSequence).toBe(61);
      expect(spool.keptReads().payloads.map((bytes) => Buffer.from(bytes).toString())).toEqual(['open 60']);
      spool.close();
    },
  );

  // SQLite, too, syncs the folder when it makes its log; this holds without resting on that.
  test('a spool that is laid aside stays there, and the new one has what it took', async () => {
    const disk = newDisk();
    await writing(
      disk,
      `fs.mkdirSync('spool');
       fs.writeFileSync('spool/spool.sqlite', 'no database at all '.repeat(1_000), { flush: true });
       const folder = fs.openSync('spool', 'r');
       fs.fsyncSync(folder);
       const { Spool } = await import(process.argv[1]);
       const spool = new Spool(process.cwd() + '/spool', 1e8);
       fs.writeSync(1, spool.laidAside);
       process.kill(process.pid, 'SIGKILL');`,
      [join(PROJECT, 'gateways/spool.ts')],
    );
    disk.losePower('nothing', new Chance(6));
    const spool = new Spool(join(disk.root, 'spool'), 1e8);
    expect([spool.laidAside, contentOf(disk, 'spool/spool.sqlite.damaged-1')?.slice(0, 11)]).toEqual([
      null,
      'no database',
    ]);
    spool.close();
  });
});

describe.skipIf(library === null)('files beside the database', () => {
  test.each(['nothing', 'names'] as const)('are what they were when they were kept (%s survives)', async (survives) => {
    const disk = newDisk();
    const said = await writing(
      disk,
      `const at = (file) => import(process.argv[1] + '/' + file);
       const [{ auditHeadKeeper }, { archiveHeadKeeper }, { ledgerHead }, { installationKey }, { ledgerKeys }, { silentLogger },
         { putOut }, { moveAside }] = await Promise.all(['app/audit-head.ts', 'app/archive-head.ts', 'app/ledger-head.ts',
         'app/installation-key.ts', 'app/ledger-key.ts', 'domain/index.ts', 'app/platform/outbox.ts',
         'app/platform/dropped-file.ts'].map(at));
       const config = { data: { dir: process.cwd() }, secrets: { key: null } };
       const logger = { ...silentLogger, warn: (about) => { throw about.error; } };
       const audit = auditHeadKeeper(config, logger);
       for (const place of [1, 2, 3]) await audit({ place, chain: String(place).repeat(64) });
       await ledgerHead(config, logger).keep('first');
       await ledgerHead(config, logger).keep('second');
       const key = await installationKey(config);
       const { signing } = await ledgerKeys(config);
       await putOut(process.cwd() + '/out', 'order.xml', 'an order');
       fs.mkdirSync('in');
       fs.writeFileSync('in/file.xml', 'from outside', { flush: true });
       await moveAside(process.cwd() + '/in', 'file.xml', { to: 'done', at: 0, note: { ending: '.txt', text: 'taken' } });
       fs.writeSync(1, JSON.stringify({ key: key.seal('place', 'secret'), ledger: signing.verifier.toString() }));`,
      [PROJECT],
    );
    const { ledger } = JSON.parse(said) as { ledger: string };
    disk.losePower(survives, new Chance(7));
    expect(JSON.parse(contentOf(disk, 'audit-head.json') ?? '')).toEqual({ place: 3, chain: '3'.repeat(64) });
    expect(contentOf(disk, 'ledger-head.txt')).toBe('second');
    expect(contentOf(disk, 'installation.key')).toMatch(/^[\w+/]{43}=\n$/);
    expect(contentOf(disk, 'ledger.key')).toContain(ledger.split('+')[0]);
    expect(contentOf(disk, 'out/order.xml')).toBe('an order');
    expect(contentOf(disk, 'in/done/file.xml')).toBe('from outside');
    expect(contentOf(disk, 'in/done/file.xml.txt')).toBe('taken');
    expect(contentOf(disk, 'in/file.xml')).toBeNull();
  });
});

describe.skipIf(library === null)('PostgreSQL', () => {
  let disk: Disk;
  let server: PostgresAlone;
  let client: pg.Client;
  let next = 1;

  beforeAll(async () => {
    disk = newDisk();
    const database = join(disk.root, 'database');
    // The cluster is made by a process whose disk loses power as soon as it is there.
    await writing(
      disk,
      `const { startEmbeddedPostgres } = await import(process.argv[1] + '/storage/index.ts');
       const { systemTime } = await import(process.argv[1] + '/domain/index.ts');
       const server = await startEmbeddedPostgres({ dataDir: process.argv[2], time: systemTime });
       await server.stop();`,
      [PROJECT, database],
    );
    disk.losePower('nothing', new Chance(1));
    expect(contentOf(disk, 'database/postgres/postgresql.conf')).toContain("include_if_exists = 'isotherm.conf'");
    server = new PostgresAlone(database, disk);
    await server.start();
    await connect();
    await client.query('CREATE TABLE rows (n integer PRIMARY KEY, padding text)');
  }, 120_000);

  afterAll(async () => {
    await client?.end().catch(() => {});
    await server?.stop();
  });

  async function connect(within = 60_000): Promise<void> {
    const deadline = performance.now() + within;
    for (;;) {
      client = new pg.Client({ host: dirname(server.address().path), user: 'isotherm', database: 'isotherm' });
      client.on('error', () => {});
      try {
        await client.connect();
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** Rows one by one, changes of former ones, and now and then a checkpoint under way. */
  async function commit(rows: number): Promise<void> {
    for (let n = 0; n < rows; n++, next++) {
      await client.query(`INSERT INTO rows VALUES ($1, repeat('x', 500))`, [next]);
      if (n % 7 === 0)
        await client.query(`UPDATE rows SET padding = repeat('y', 500) WHERE n = $1`, [Math.ceil(next / 2)]);
      if (n === rows >> 1) await client.query('CHECKPOINT');
    }
  }

  async function losePower(survives: Survives): Promise<number> {
    let files = 0;
    await server.losePower('postgres', () => {
      files = disk.losePower(survives, new Chance(8)).files;
    });
    await client.end().catch(() => {});
    return files;
  }

  async function found(): Promise<number[]> {
    const { rows } = await client.query<{ n: number }>('SELECT n FROM rows ORDER BY n');
    return rows.map(({ n }) => n);
  }

  test.each(SURVIVES)(
    'has every row that it acknowledged (%s survives)',
    async (survives) => {
      await commit(150);
      const files = await losePower(survives);
      await connect();
      expect(files).toBeGreaterThan(0);
      expect(await found()).toEqual(Array.from({ length: next - 1 }, (_, n) => n + 1));
    },
    60_000,
  );

  test('told not to sync it has lost some, or does not start: the loss bites', async () => {
    await client.query('ALTER SYSTEM SET fsync = off');
    await client.query('SELECT pg_reload_conf()');
    await expect.poll(async () => (await client.query('SHOW fsync')).rows[0]?.fsync).toBe('off');
    await commit(150);
    await losePower('nothing');
    const there = await connect(3_000).then(
      () => found(),
      () => [],
    );
    expect(there.length).toBeLessThan(next - 1);
  });
});
