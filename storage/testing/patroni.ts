// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { systemPart } from '../../tests/parts.ts';
import { freePort } from '../../tests/testing/free-port.ts';

const DEPLOYED = join(import.meta.dirname, '../../deploy/patroni');
const PASSWORD = 'not-a-secret';
const PATIENCE_MS = 90_000;
/** In place of those of patroni.yml, which are for machines that do nothing else. */
export const SHORT_TTL_S = 6;
const QUICK = { ttl: SHORT_TTL_S, loop_wait: 1, retry_timeout: 2 };

/**
 * A lease so short is kept only by who gets the processor in time, which machines that run Patroni give it. Beside other tests the
 * promoted node once lost the lock, and the former primary, still taking writes, had it again (decision 0272).
 */
function first(child: ChildProcess): ChildProcess {
  if (child.pid !== undefined && canGoFirst()) setPriority(child.pid, constants.priority.PRIORITY_HIGH);
  return child;
}

/** Root alone may give more than is usual (setpriority(2)). */
function canGoFirst(): boolean {
  return process.getuid?.() === 0;
}

/** Where the programs of Patroni, etcd and PostgreSQL are. */
export interface PatroniParts {
  readonly patroni: string;
  readonly etcd: string;
  readonly bin: string;
}

/** @returns null where one of them is missing; it has been said which */
export function patroniParts(): PatroniParts | null {
  const [patroni, etcd, base] = [systemPart('patroni'), systemPart('etcd'), systemPart('pg_basebackup')];
  return patroni === null || etcd === null || base === null ? null : { patroni, etcd, bin: dirname(base) };
}

/** As Patroni says it of a node (`GET /cluster`). */
interface Member {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline?: number;
}

/**
 * Two PostgreSQL by Patroni with `deploy/patroni/patroni.yml`, and one etcd, on loopback. Only its times are shorter: the
 * primary's lease lasts six seconds.
 */
export class PatroniCluster {
  readonly nodes: readonly PatroniNode[];
  readonly #root = mkdtempSync(join(tmpdir(), 'isotherm-patroni-'));
  readonly #parts: PatroniParts;
  readonly #etcdPorts: readonly [number, number];
  #etcd: ChildProcess | null = null;

  static async start(parts: PatroniParts): Promise<PatroniCluster> {
    const ports = await Promise.all(Array.from({ length: 6 }, () => freePort()));
    const cluster = new PatroniCluster(parts, ports);
    try {
      await cluster.#start();
    } catch (error) {
      const said = cluster.said();
      await cluster.stop();
      throw new Error(`${error instanceof Error ? error.message : error}\n${said}`);
    }
    return cluster;
  }

  private constructor(parts: PatroniParts, [client = 0, peer = 0, ...ports]: readonly number[]) {
    this.#parts = parts;
    this.#etcdPorts = [client, peer];
    const etcd = `127.0.0.1:${client}`;
    const common = { root: this.#root, parts, etcd };
    this.nodes = ['db-a', 'db-b'].map(
      (name, n) => new PatroniNode({ ...common, name, port: ports[2 * n] ?? 0, apiPort: ports[2 * n + 1] ?? 0 }),
    );
  }

  /** Of the product, to whichever of the hosts takes writes. */
  get url(): string {
    return this.#urlOf('isotherm');
  }

  /** Of the role that owns the schema. */
  get ownerUrl(): string {
    return this.#urlOf('isotherm_owner');
  }

  #urlOf(user: string): string {
    const hosts = this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `postgres://${user}:${PASSWORD}@${hosts}/isotherm?target_session_attrs=read-write`;
  }

  async #start(): Promise<void> {
    const account = ordinaryAccount();
    // PostgreSQL refuses to be root, and has to come through.
    chmodSync(this.#root, 0o755);
    const secrets = join(this.#root, 'secrets');
    mkdirSync(secrets);
    for (const role of ['product', 'owner']) writeFileSync(join(secrets, `postgres_${role}_password`), PASSWORD);
    cpSync(join(DEPLOYED, 'first.sh'), join(this.#root, 'first.sh'));
    let text = readFileSync(join(DEPLOYED, 'patroni.yml'), 'utf8')
      .replace('/etc/patroni/', `${this.#root}/`)
      .replace('/run/postgresql', join(this.#root, 'sockets'));
    for (const [name, seconds] of Object.entries(QUICK)) {
      text = text.replace(new RegExp(`^( +${name}:) \\d+$`, 'm'), `$1 ${seconds}`);
    }
    writeFileSync(join(this.#root, 'patroni.yml'), text);
    for (const name of ['sockets', ...this.nodes.map((node) => node.name)]) {
      mkdirSync(join(this.#root, name), { mode: 0o700 });
      if (account !== undefined) chownSync(join(this.#root, name), account.uid, account.gid);
    }
    const [client, peer] = this.#etcdPorts;
    const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
    const etcd = spawn(
      this.#parts.etcd,
      [
        ...['--name', 'only', '--data-dir', join(this.#root, 'etcd'), '--log-level', 'error'],
        ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
        ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
        ...['--initial-cluster', `only=${peerUrl}`],
      ],
      { cwd: this.#root, stdio: 'ignore' },
    );
    this.#etcd = first(etcd);
    for (const node of this.nodes) node.start();
    await this.whole();
  }

  /** Waits until there is a primary and its stand-by has what is acknowledged. @returns both */
  async whole(): Promise<{ readonly primary: PatroniNode; readonly standby: PatroniNode }> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const members = await this.#members();
      const find = (role: string) => {
        const member = members.find((one) => one.role === role && /^(running|streaming)$/.test(one.state));
        return this.nodes.find(({ name }) => name === member?.name);
      };
      const [primary, standby] = [find('leader'), find('sync_standby')];
      if (primary !== undefined && standby !== undefined) return { primary, standby };
      if (performance.now() > deadline) {
        throw new Error(`no primary with a stand-by: ${JSON.stringify(members)}\n${this.said()}`);
      }
      await sleep(200);
    }
  }

  async #members(): Promise<readonly Member[]> {
    for (const { apiPort } of this.nodes) {
      const answer = await fetch(`http://127.0.0.1:${apiPort}/cluster`, { signal: AbortSignal.timeout(1_000) })
        .then((response) => response.json() as Promise<{ members?: readonly Member[] }>)
        .catch(() => null);
      // A node that has just come back does not know of the other yet.
      if (answer?.members !== undefined && answer.members.length === this.nodes.length) return answer.members;
    }
    return [];
  }

  /** `patronictl switchover`: the stand-by is asked to take over, and the primary to let it. */
  async switchover(): Promise<void> {
    const [first] = this.nodes;
    await first?.control('switchover', '--force');
  }

  /** SIGSTOP or SIGCONT. */
  signalEtcd(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#etcd?.kill(signal);
  }

  /** The end of each node's log, for a report. */
  said(): string {
    return this.nodes.map((node) => `${node.name}:\n${node.said()}`).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    if (this.#etcd !== null && this.#etcd.exitCode === null) {
      const ended = once(this.#etcd, 'exit');
      this.#etcd.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface NodeOptions {
  readonly root: string;
  readonly parts: PatroniParts;
  readonly etcd: string;
  readonly name: string;
  readonly port: number;
  readonly apiPort: number;
}

/** A PostgreSQL and its Patroni. */
export class PatroniNode {
  readonly #options: NodeOptions;
  #patroni: ChildProcess | null = null;
  #said = '';

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get port(): number {
    return this.#options.port;
  }

  get apiPort(): number {
    return this.#options.apiPort;
  }

  said(): string {
    return this.#said;
  }

  /** Its Patroni, which starts its PostgreSQL. */
  start(): void {
    const { root, parts } = this.#options;
    const patroni = spawn('/usr/bin/python3', [parts.patroni, join(root, 'patroni.yml')], {
      ...ordinaryAccount(),
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.#environment(),
    });
    first(patroni);
    this.#patroni = patroni;
    for (const stream of [patroni.stdout, patroni.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        const news = text
          .split('\n')
          .filter(
            (line) => !/no action|in progress|Lock owner|(rejecting|accepting) connections|is starting up/.test(line),
          );
        this.#said = `${this.#said}${news.join('\n')}`.slice(-8_000);
      });
    }
  }

  async control(...args: readonly string[]): Promise<string> {
    const { root, parts } = this.#options;
    const { stdout } = await promisify(execFile)(
      '/usr/bin/python3',
      [join(dirname(parts.patroni), 'patronictl'), '-c', join(root, 'patroni.yml'), ...args],
      { cwd: root, env: this.#environment() },
    );
    return stdout;
  }

  /** kill -9 of Patroni, of the postmaster and of all its processes. */
  async kill(): Promise<void> {
    const ended =
      this.#patroni?.exitCode === null && this.#patroni.signalCode === null ? once(this.#patroni, 'exit') : null;
    this.#signalAll('SIGKILL');
    await ended;
    this.#patroni = null;
  }

  /** The machine stands still, with all that runs on it. */
  freeze(): void {
    this.#signalAll('SIGSTOP');
  }

  thaw(): void {
    this.#signalAll('SIGCONT');
  }

  /** As the superuser. @returns the first value of the first row, null where the server does not answer */
  async ask(statement: string): Promise<unknown> {
    const client = new pg.Client({
      ...{ host: '127.0.0.1', port: this.port, user: 'postgres', password: PASSWORD, database: 'isotherm' },
      connectionTimeoutMillis: 1_000,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<Record<string, unknown>>(statement);
      return Object.values(rows[0] ?? {})[0];
    } catch {
      return null;
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** The moment it takes writes, of performance.now(). @param lookMs it is asked so often */
  async promoted(lookMs = 20): Promise<number> {
    const deadline = performance.now() + PATIENCE_MS;
    while ((await this.ask('SELECT pg_is_in_recovery()')) !== false) {
      if (performance.now() > deadline) throw new Error(`${this.name} was not promoted\n${this.#said}`);
      await sleep(lookMs);
    }
    return performance.now();
  }

  /** Its Patroni, which would start anew what ends, then all of PostgreSQL. */
  pids(): number[] {
    const postmaster = this.#postmaster();
    return [this.#patroni?.pid, postmaster, ...childrenOf(postmaster)].flatMap((pid) => pid ?? []);
  }

  #signalAll(signal: NodeJS.Signals): void {
    for (const each of this.pids()) {
      try {
        process.kill(each, signal);
      } catch {
        // It has ended.
      }
    }
  }

  #postmaster(): number | undefined {
    try {
      const file = readFileSync(join(this.#options.root, this.name, 'data/postmaster.pid'), 'utf8');
      const pid = Number(file.split('\n', 1)[0]);
      // What was killed leaves its file, and the number may be somebody else's by now.
      return /postgres/.test(readFileSync(`/proc/${pid}/comm`, 'utf8')) ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  #environment(): Record<string, string> {
    const { root, parts, etcd, name, port, apiPort } = this.#options;
    const unpacked = join(parts.patroni, '../..');
    return {
      PATH: `${parts.bin}:/usr/bin:/bin`,
      HOME: join(root, name),
      LANG: 'C.UTF-8',
      PYTHONPATH: join(unpacked, 'lib/python3/dist-packages'),
      PYTHONDONTWRITEBYTECODE: '1',
      // Where PostgreSQL is only unpacked its libpq lies beside it.
      LD_LIBRARY_PATH: [join(parts.bin, '../../../x86_64-linux-gnu'), join(unpacked, 'lib/x86_64-linux-gnu')].join(':'),
      SECRETS: join(root, 'secrets'),
      PATRONI_NAME: name,
      PATRONI_ETCD3_HOSTS: etcd,
      PATRONI_POSTGRESQL_LISTEN: `127.0.0.1:${port}`,
      PATRONI_POSTGRESQL_CONNECT_ADDRESS: `127.0.0.1:${port}`,
      PATRONI_RESTAPI_LISTEN: `127.0.0.1:${apiPort}`,
      PATRONI_RESTAPI_CONNECT_ADDRESS: `127.0.0.1:${apiPort}`,
      PATRONI_RESTAPI_USERNAME: 'patroni',
      PATRONI_RESTAPI_PASSWORD: PASSWORD,
      PATRONI_POSTGRESQL_DATA_DIR: join(root, name, 'data'),
      PATRONI_POSTGRESQL_BIN_DIR: parts.bin,
      PATRONI_POSTGRESQL_PGPASS: join(root, name, 'pgpass'),
      PATRONI_SUPERUSER_USERNAME: 'postgres',
      PATRONI_SUPERUSER_PASSWORD: PASSWORD,
      PATRONI_REPLICATION_USERNAME: 'replicator',
      PATRONI_REPLICATION_PASSWORD: PASSWORD,
      PATRONI_REWIND_USERNAME: 'rewinder',
      PATRONI_REWIND_PASSWORD: PASSWORD,
    };
  }
}

function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whom PostgreSQL runs as where the tests are root: anybody with a name, since initdb asks for it. */
export function ordinaryAccount(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = /^(postgres|nobody):.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0] ?? '';
  const [, , uid = '', gid = ''] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
