import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type net from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Link } from './link.ts';
import { childrenOf, endAll, type PostgresHome, signal } from './postgres.ts';
import type { Disk } from './power/disk.ts';

interface Node {
  readonly name: string;
  readonly data: string;
  readonly sockets: string;
  process: ChildProcess | null;
}

interface PairOptions {
  readonly program: string;
  readonly root: string;
  readonly link: Link;
  readonly names: readonly string[];
  readonly diskOf: (server: string) => Disk | undefined;
}

/** Until somebody notices that a primary is gone. */
const NOTICED_MS = 1_000;
/** Until a primary that is back has been told that it is none. */
const FORMER_SELF_MS = 1_500;
const LOOK_MS = 100;
const PATIENT_MS = 120_000;

/** What is acknowledged is on the stand-by too. Whoever is silent for 5 s is let go, so that replication begins anew. */
const SETTINGS = `shared_buffers = 16MB
max_connections = 200
wal_log_hints = on
wal_keep_size = 512MB
wal_retrieve_retry_interval = 200ms
wal_receiver_timeout = 5s
wal_sender_timeout = 5s
log_min_messages = fatal
`;

/**
 * Two servers by Debian's tools. A primary that is killed is replaced as Patroni does it with `synchronous_mode`: by the stand-by where that
 * is synchronous, with nobody waited for until the former primary follows it; else the primary itself is started again.
 */
export class PostgresPair implements PostgresHome {
  readonly #bin: string;
  readonly #link: Link;
  readonly #nodes: readonly [Node, Node];
  readonly #account: { uid: number; gid: number } | undefined;
  readonly #diskOf: (server: string) => Disk | undefined;
  #primary = 0;
  /** Commits wait for the stand-by. */
  #isSynchronous = false;
  #isStopped = false;

  /** @param given.program pg_basebackup @param given.link what a stand-by follows the primary by @param given.diskOf one that can lose power */
  constructor({ program, root, link, names, diskOf }: PairOptions) {
    this.#diskOf = diskOf;
    this.#bin = dirname(program);
    this.#link = link;
    this.#account = account();
    mkdirSync(root);
    chmodSync(root, 0o755);
    const node = (name = ''): Node => {
      const sockets = join(root, name);
      mkdirSync(sockets);
      if (this.#account !== undefined) chownSync(sockets, this.#account.uid, this.#account.gid);
      return { name, sockets, data: join(sockets, 'data'), process: null };
    };
    this.#nodes = [node(names[0]), node(names[1])];
  }

  get primary(): string {
    return this.#leading.name;
  }

  async start(): Promise<void> {
    const [first, second] = this.#nodes;
    await this.#tool('initdb', '--username=isotherm', '--auth=trust', '-D', first.data);
    appendFileSync(join(first.data, 'postgresql.conf'), SETTINGS);
    // From a host of its own, which is the link: initdb allows replication from here alone, and that is enough.
    await this.#launch(first);
    await this.#tool('createdb', '-h', first.sockets, '-U', 'isotherm', 'isotherm');
    this.#link.target = this.address(first.name);
    await this.#follow(second, 'copy');
  }

  address(server: string): net.NetConnectOpts {
    return { path: join(this.#node(server).sockets, '.s.PGSQL.5432') };
  }

  pids(server: string): number[] {
    const pid = this.#node(server).process?.pid;
    return pid === undefined ? [] : [pid, ...childrenOf(pid)];
  }

  kill(server: string): Promise<void> {
    return this.losePower(server, () => {});
  }

  async losePower(server: string, disk: () => void | Promise<void>): Promise<void> {
    const node = this.#node(server);
    const other = this.#nodes.find((one) => one !== node) as Node;
    const isReplaced = node === this.#leading && this.#isSynchronous;
    await this.#end(node);
    await disk();
    if (!isReplaced) return this.#launch(node);
    this.#isSynchronous = false;
    await pause(NOTICED_MS);
    await this.#promote(other);
    await this.#follow(node, 'rewind');
  }

  /**
   * A primary that hangs is replaced as one that died. When it goes on it takes sessions and writes until its Patroni has looked, and is
   * ended then; nothing of that is acknowledged, since its stand-by is gone.
   */
  async standStill(server: string, forMs: number): Promise<string> {
    const node = this.#node(server);
    const other = this.#nodes.find((one) => one !== node) as Node;
    const isReplaced = node === this.#leading && this.#isSynchronous;
    const began = performance.now();
    signal(this.pids(server), 'SIGSTOP');
    if (!isReplaced) {
      await pause(forMs);
      signal(this.pids(server), 'SIGCONT');
      return `${server} stood still, and has no stand-by to replace it`;
    }
    this.#isSynchronous = false;
    await pause(NOTICED_MS);
    await this.#promote(other);
    const promotedMs = performance.now() - began;
    await pause(began + forMs - performance.now());
    signal(this.pids(server), 'SIGCONT');
    await pause(FORMER_SELF_MS);
    const takes = await this.#ask(node, 'SELECT NOT pg_is_in_recovery()').catch(() => null);
    await this.#end(node);
    await this.#follow(node, 'rewind');
    const seconds = (promotedMs / 1_000).toFixed(1);
    return `${other.name} was promoted after ${seconds} s; back, ${server} ${takes === true ? 'took' : 'took no'} sessions that write`;
  }

  async #promote(node: Node): Promise<void> {
    await this.#ask(node, 'SELECT pg_promote(true)');
    // Until then its control file names the former timeline, and pg_rewind (before 16) takes the two for the same.
    await this.#ask(node, 'CHECKPOINT');
    this.#primary = this.#nodes.indexOf(node);
    await this.#waitForStandby(node, false);
    this.#link.target = this.address(node.name);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#nodes.map((node) => this.#end(node)));
  }

  get #leading(): Node {
    return this.#nodes[this.#primary] as Node;
  }

  #node(server: string): Node {
    const node = this.#nodes.find(({ name }) => name === server);
    if (node === undefined) throw new Error(`no server is called ${server}`);
    return node;
  }

  /** From here on the node follows the primary, and commits wait for it. */
  async #follow(node: Node, by: 'copy' | 'rewind'): Promise<void> {
    const source = `host=${this.#leading.sockets} user=isotherm dbname=postgres`;
    const copy = () => {
      rmSync(node.data, { recursive: true, force: true });
      return this.#tool('pg_basebackup', '-D', node.data, '-d', source, '-X', 'stream', '-c', 'fast');
    };
    if (by === 'copy') await copy();
    else await this.#tool('pg_rewind', `--target-pgdata=${node.data}`, `--source-server=${source}`).catch(copy);
    // Its tools sync what they write, and are not watched.
    this.#diskOf(node.name)?.forget();
    writeFileSync(join(node.data, 'standby.signal'), '');
    if (this.#account !== undefined) {
      chownSync(join(node.data, 'standby.signal'), this.#account.uid, this.#account.gid);
    }
    await this.#launch(node);
    const deadline = performance.now() + PATIENT_MS;
    while (!(await this.#isConnected().catch(() => false))) {
      if (performance.now() > deadline) throw new Error(`${node.name} does not follow ${this.primary}`);
      await pause(LOOK_MS);
    }
    await this.#waitForStandby(this.#leading, true);
    this.#isSynchronous = true;
  }

  async #waitForStandby(node: Node, isWaited: boolean): Promise<void> {
    await this.#ask(node, `ALTER SYSTEM SET synchronous_standby_names = '${isWaited ? '*' : ''}'`);
    await this.#ask(node, 'SELECT pg_reload_conf()');
  }

  async #isConnected(): Promise<boolean> {
    return (
      (await this.#ask(this.#leading, `SELECT count(*) > 0 FROM pg_stat_replication WHERE state = 'streaming'`)) ===
      true
    );
  }

  /** Until it answers: one that stands still is waited for. */
  async #ask(node: Node, statement: string): Promise<unknown> {
    const client = new pg.Client({ host: node.sockets, user: 'isotherm', database: 'postgres' });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<Record<string, unknown>>(statement);
      return Object.values(rows[0] ?? {})[0];
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #launch(node: Node): Promise<void> {
    if (this.#isStopped) throw new Error(`${node.name} is not started any more`);
    const follow = `host=127.0.0.1 port=${this.#link.port} user=isotherm application_name=${node.name}`;
    const settings = ['listen_addresses=', `unix_socket_directories=${node.sockets}`, `primary_conninfo=${follow}`];
    const args = ['-D', node.data, ...settings.flatMap((one) => ['-c', one])];
    const env = { ...this.#options.env, ...this.#diskOf(node.name)?.env };
    const child = spawn(join(this.#bin, 'postgres'), args, { ...this.#options, env, detached: true, stdio: 'ignore' });
    node.process = child;
    const deadline = performance.now() + PATIENT_MS;
    while (!(await this.#ask(node, 'SELECT 1').then(Boolean, () => false))) {
      if (this.#isStopped || child.exitCode !== null || performance.now() > deadline)
        throw new Error(`${node.name} does not start`);
      await pause(LOOK_MS);
    }
  }

  async #end({ process: server }: Node): Promise<void> {
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    await endAll(server.pid);
    await ended;
  }

  get #options() {
    // Where it is only unpacked its libpq lies beside it.
    const env = { PATH: `${this.#bin}:/usr/bin:/bin`, LD_LIBRARY_PATH: join(this.#bin, '../../../x86_64-linux-gnu') };
    return { ...this.#account, cwd: '/', env };
  }

  async #tool(name: string, ...args: string[]): Promise<void> {
    await promisify(execFile)(join(this.#bin, name), args, this.#options);
  }
}

/** Whom PostgreSQL runs as where this is root: anybody with a name, since initdb asks for it. */
function account(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [, , uid = '', gid = ''] =
    /^(postgres|nobody):.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
