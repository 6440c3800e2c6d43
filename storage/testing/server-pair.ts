import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { systemTime } from '../../domain/index.ts';
import { type Account, serverAccount } from '../embedded/account.ts';
import { locateBinaries } from '../embedded/binaries.ts';
import { startEmbeddedPostgres } from '../embedded/server.ts';

/** A primary and its stand-by, which follows it by streaming replication; each on a port of its own. */
export interface ServerPair {
  /** With both hosts, the stand-by first. */
  readonly url: string;
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** kill -9 of all its processes. */
  killPrimary(): Promise<void>;
  /** After it was killed, as the primary that it was. Its commits wait for a stand-by. */
  startPrimary(): Promise<void>;
  /** The stand-by takes writes from here on. */
  promote(): Promise<void>;
  /** kill -9, SIGSTOP or SIGCONT of all its processes. */
  signalStandby(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** After it was killed. */
  startStandby(): Promise<void>;
  stop(): Promise<void>;
}

/** What is acknowledged is on the stand-by too. */
const SETTINGS = `shared_buffers = 16MB
synchronous_standby_names = '*'
log_min_messages = fatal
max_standby_streaming_delay = 100ms
`;

/** The stand-by is a copy of the stopped primary: the embedded PostgreSQL has no pg_basebackup. */
export async function startServerPair(): Promise<ServerPair> {
  const root = await mkdtemp(join(tmpdir(), 'isotherm-pair-'));
  // PostgreSQL refuses to be root, and has to come through.
  await chmod(root, 0o755);
  const first = join(root, 'first');
  await (await startEmbeddedPostgres({ time: systemTime, durability: 'disposable', dataDir: first })).stop();
  const account = await serverAccount(join(first, 'postgres'));
  const { postgres } = await locateBinaries({ account, copyDir: first });
  const cluster = join(first, 'postgres');
  await writeFile(join(cluster, 'isotherm.conf'), SETTINGS);
  const copy = join(root, 'second');
  // Owners and modes too.
  await promisify(execFile)('cp', ['-a', cluster, copy]);
  const [one, two] = [join(root, 'one'), join(root, 'two')];
  for (const directory of [one, two]) await mkdir(directory);
  await writeFile(join(copy, 'standby.signal'), '');
  // It waits for no stand-by of its own once it is the primary.
  await appendFile(
    join(copy, 'isotherm.conf'),
    `synchronous_standby_names = ''\nprimary_conninfo = 'host=${one} user=isotherm'\n`,
  );
  if (account !== undefined) await own([one, two, join(copy, 'standby.signal')], account);
  const servers = [launch(postgres, cluster, one, account)];
  const stopAll = async () => {
    await Promise.all(servers.map((server) => end(server, 'SIGKILL')));
    await rm(root, { recursive: true, force: true });
  };
  try {
    await answering(one);
    servers.push(launch(postgres, copy, two, account));
    await answering(two);
  } catch (error) {
    // Nobody has anything yet to stop what has started.
    await stopAll();
    throw error;
  }
  let [primary] = servers;
  let standby = servers.at(-1);
  const doors = await Promise.all([two, one].map(openDoor));
  const hosts = doors.map((door) => `127.0.0.1:${(door.address() as AddressInfo).port}`);
  const [standbyUrl = '', primaryUrl = ''] = hosts.map((host) => `postgres://isotherm@${host}/isotherm`);
  return {
    url: `postgres://isotherm@${hosts.join(',')}/isotherm?target_session_attrs=read-write`,
    ...{ primaryUrl, standbyUrl },
    killPrimary: async () => {
      if (primary !== undefined) await end(primary, 'SIGKILL');
    },
    async startPrimary() {
      primary = launch(postgres, cluster, one, account);
      servers.push(primary);
      await answering(one);
    },
    promote: async () => {
      await onServer(two, 'SELECT pg_promote(true)');
    },
    signalStandby: async (signal) => {
      if (standby === undefined) return;
      if (signal === 'SIGKILL') await end(standby, signal);
      // Its processes are sessions of their own.
      else for (const pid of await processesOf(standby)) process.kill(pid, signal);
    },
    async startStandby() {
      standby = launch(postgres, copy, two, account);
      servers.push(standby);
      await answering(two);
    },
    async stop() {
      for (const door of doors) door.close();
      await stopAll();
    },
  };
}

async function own(paths: readonly string[], { uid, gid }: Account): Promise<void> {
  for (const path of paths) await chown(path, uid, gid);
}

function launch(postgres: string, cluster: string, sockets: string, account: Account | undefined): ChildProcess {
  const args = ['-D', cluster, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${sockets}`];
  return spawn(postgres, args, { ...account, cwd: '/', detached: true, stdio: 'ignore', env: {} });
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const ended = once(server, 'exit');
  // A session of its own: the group is the postmaster and its processes.
  process.kill(-server.pid, signal);
  await ended;
}

/** The postmaster and its processes. */
async function processesOf({ pid = 0 }: ChildProcess): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return [pid, ...children.split(' ').filter(Boolean).map(Number)];
}

async function answering(sockets: string): Promise<void> {
  for (let left = 300; ; left--) {
    try {
      return await onServer(sockets, 'SELECT 1');
    } catch (error) {
      if (left === 0) throw error;
      await systemTime.sleep('the server of a test', 100);
    }
  }
}

async function onServer(sockets: string, statement: string): Promise<void> {
  const client = new pg.Client({ host: sockets, user: 'isotherm', database: 'isotherm' });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}

/** A port that leads to the socket of a server: a server cannot be told to take any port that is free. */
async function openDoor(sockets: string): Promise<net.Server> {
  const door = net.createServer((client) => {
    const server = net.connect(join(sockets, '.s.PGSQL.5432'));
    client.pipe(server).pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return door;
}
