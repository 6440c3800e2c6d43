import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts } from '../../access/index.ts';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { SimulatedReader } from '../../simulators/reader/index.ts';
import { type Database, type EmbeddedPostgres, openDatabase, startEmbeddedPostgres } from '../../storage/index.ts';
import { Api } from '../api.ts';
import { builtProgram } from '../built-program.ts';
import { type IsothermProcess, isotherm, startIsotherm } from '../isotherm-process.ts';
import { LINKS, type LinkName, type ProcessName } from './drawing.ts';
import { Link } from './link.ts';

const WORKER = 'ingest,trace,rules,alerts';
/** What each process is told to do; there may be one `storage` (docs/scaling.md). */
const PARTS = { door: 'broker', first: `${WORKER},storage`, second: WORKER } as const;
type Served = keyof typeof PARTS;
export const GATEWAY = 'gw-chaos';
export const READER = 'dock-1';

/** A process that is started again as soon as it has ended, as an init system does. */
interface Kept {
  pid: number;
  kill(): Promise<void>;
  stop(): Promise<unknown>;
  log?(): string;
  readonly ended: Promise<unknown>;
}

/**
 * A small installation: PostgreSQL, a process with the broker and the web, two that work (one stands by), a gateway with its spool, and
 * a reader. Between any two that speak to each other stands a {@link Link}.
 */
export class System {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'isotherm-chaos-'));
  readonly links: Readonly<Record<LinkName, Link>>;
  readonly reader = new SimulatedReader({ time: systemTime });
  /** Processes that ended though nobody told them to. */
  readonly fallen: string[] = [];
  /** Largest resident memory of each process so far, MB. */
  readonly peakMb = new Map<string, number>();
  /** Past the links. */
  database!: Database;
  accounts!: Accounts;
  token = '';
  #postgres: EmbeddedPostgres | undefined;
  readonly #kept = new Map<Exclude<ProcessName, 'postgres'>, Kept>();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #killed = new WeakSet<Kept>();
  #isStopped = false;
  #memory: NodeJS.Timeout | null = null;

  constructor() {
    const nowhere = { host: '127.0.0.1', port: 1 };
    this.links = Object.fromEntries(LINKS.map((name) => [name, new Link(nowhere)])) as Record<LinkName, Link>;
  }

  get spoolDir(): string {
    return join(this.dataDir, 'spool');
  }

  /** Through the link of the clients. */
  api(): Api {
    return new Api(`http://127.0.0.1:${this.links['clients-door'].port}`, this.token);
  }

  /** A device's, through the link of the loggers. */
  mqttUrl = (): string => `mqtt://127.0.0.1:${this.links['loggers-door'].port}`;

  async start(): Promise<void> {
    // PostgreSQL refuses to be root, and has to come through.
    chmodSync(this.dataDir, 0o755);
    const postgres = await startEmbeddedPostgres({ dataDir: join(this.dataDir, 'database'), time: systemTime });
    this.#postgres = postgres;
    const sockets = new URL(postgres.url).searchParams.get('host') ?? '';
    for (const name of LINKS) {
      if (name.endsWith('-postgres')) this.links[name].target = { path: join(sockets, '.s.PGSQL.5432') };
    }
    await Promise.all(Object.values(this.links).map((link) => link.start()));
    this.database = await openDatabase({
      ...{ url: postgres.url, logger: silentLogger, time: systemTime, maxConnections: 3 },
    });
    this.accounts = new Accounts({ database: this.database, time: systemTime });
    await this.reader.start();
    this.links['gateway-reader'].target = { host: '127.0.0.1', port: this.reader.port };
    // The first brings the tables.
    await this.#begin('door');
    this.token = await this.accounts.tokens.create({ name: 'chaos', role: 'admin' });
    const password = await this.accounts.credentials.create(GATEWAY, { kind: 'gateway', speaksFor: [READER] });
    this.#configureGateway(password);
    await Promise.all((['first', 'second', 'gateway'] as const).map((name) => this.#begin(name)));
    this.#memory = setInterval(() => this.#measureMemory(), 500);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#memory !== null) clearInterval(this.#memory);
    this.heal();
    await Promise.all(this.#starting.values());
    await Promise.all([...this.#kept.values()].map((one) => one.stop()));
    await this.reader.stop();
    for (const link of Object.values(this.links)) link.stop();
    await this.database?.close();
    await this.#postgres?.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** SIGKILL, and it is started anew. @param before it is killed @param meanwhile while it is down */
  async kill(name: ProcessName, meanwhile = () => {}, before = () => {}): Promise<void> {
    if (name === 'postgres') {
      const pid = this.#postgres?.pid;
      if (pid !== undefined) signal([pid], 'SIGKILL');
      return;
    }
    await this.#starting.get(name);
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    before();
    this.#killed.add(kept);
    await kept.kill();
    meanwhile();
    this.#starting.set(name, this.#begin(name));
  }

  /** SIGSTOP or SIGCONT of a process, of PostgreSQL of all its processes. */
  signal(name: ProcessName, which: 'SIGSTOP' | 'SIGCONT'): void {
    signal(this.#pidsOf(name), which);
  }

  /** The gateway's files take no more bytes, or do again (setrlimit(2), RLIMIT_FSIZE: EFBIG in place of ENOSPC). */
  fillDisk(isFull: boolean): void {
    const [pid] = this.#pidsOf('gateway');
    if (pid === undefined) return;
    try {
      execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${isFull ? '0' : 'unlimited'}:`], { stdio: 'pipe' });
    } catch {
      // It has been killed: the next one has a disk with room.
    }
  }

  /** Every link open, every process running; resolves when all have been started. */
  heal(): void {
    for (const link of Object.values(this.links)) {
      link.delayMs = 0;
      if (link.state !== 'open') link.state = 'open';
    }
    for (const name of ['door', 'first', 'second', 'gateway', 'postgres'] as const) this.signal(name, 'SIGCONT');
    this.fillDisk(false);
  }

  async allStarted(): Promise<void> {
    await Promise.all(this.#starting.values());
  }

  /** For a report of what does not recover: processes, links, what PostgreSQL's sessions wait for. */
  async state(): Promise<string> {
    const links = Object.entries(this.links).map(([name, { state, delayMs }]) => `${name} ${state} ${delayMs}`);
    const { rows } = await this.database.query(
      `SELECT pid, application_name AS name, state, wait_event AS waits, round(extract(epoch FROM now() - xact_start)) AS seconds,
         pg_blocking_pids(pid) AS behind, left(query, 100) AS query
       FROM pg_stat_activity WHERE datname = current_database() AND (state <> 'idle' OR wait_event_type = 'Lock')`,
    );
    const kept = [...this.#kept].map(([name, { pid }]) => `${name} ${pid} ${stateOf(pid)}`);
    const lines = [...this.#kept].flatMap(
      ([name, one]) =>
        one
          .log?.()
          .split('\n')
          .slice(-5)
          .map((line) => `${name}: ${line}`) ?? [],
    );
    return [...kept, ...links, ...this.fallen, ...rows.map((row) => JSON.stringify(row)), ...lines].join('\n');
  }

  /** `isotherm audit verify` and the like, past the links. */
  command(...args: string[]): ReturnType<typeof isotherm> {
    return isotherm(args, { dataDir: this.dataDir, env: { DATABASE_URL: this.#postgres?.url ?? '' } });
  }

  async #begin(name: Exclude<ProcessName, 'postgres'>): Promise<void> {
    while (!this.#isStopped) {
      try {
        const kept = await (name === 'gateway' ? this.#startGateway() : this.#serve(name));
        this.#kept.set(name, kept);
        void kept.ended.then((code) => {
          if (this.#isStopped || this.#killed.has(kept)) return;
          this.fallen.push(`${name} ended by itself (${code})`);
          this.#starting.set(name, this.#begin(name));
        });
        return;
      } catch (error) {
        // As long as its database is away it cannot start; an init system tries again.
        const text = error instanceof Error ? error.message : String(error);
        if (!/DATABASE|database|ECONN|connect|in time/.test(text)) this.fallen.push(`${name} does not start: ${text}`);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }
  }

  async #serve(name: Served): Promise<Kept> {
    const port = this.links[`${name}-postgres`].port;
    const started: IsothermProcess = await startIsotherm({
      ...{ command: 'serve', args: ['--only', PARTS[name]], dataDir: this.dataDir },
      env: { DATABASE_URL: `postgres://isotherm@127.0.0.1:${port}/isotherm`, ISOTHERM_LOG_LEVEL: 'warn' },
    });
    if (name === 'door') {
      const mqtt = { host: '127.0.0.1', port: Number(new URL(started.mqttUrl).port) };
      for (const link of ['loggers-door', 'gateway-door'] as const) this.links[link].target = mqtt;
      this.links['clients-door'].target = { host: '127.0.0.1', port: Number(new URL(started.httpUrl).port) };
    }
    return started;
  }

  #configureGateway(password: string): void {
    mkdirSync(this.spoolDir);
    const config = {
      ...{ id: GATEWAY, dataDir: this.spoolDir, gatherMs: 20, updateMs: 300 },
      mqtt: { url: `mqtt://127.0.0.1:${this.links['gateway-door'].port}`, password },
      readers: [
        {
          ...{
            id: READER,
            host: '127.0.0.1',
            port: this.links['gateway-reader'].port,
            keepaliveMs: 1_000,
            answerMs: 3_000,
          },
          antennas: [{ antenna: 1 }, { antenna: 2 }],
        },
      ],
    };
    writeFileSync(join(this.dataDir, 'gateway.yaml'), JSON.stringify(config));
  }

  async #startGateway(): Promise<Kept> {
    const args = [await builtProgram(), 'gateway', '--config', join(this.dataDir, 'gateway.yaml')];
    const child = spawn(process.execPath, args, { cwd: this.dataDir, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<string>((resolve) => child.once('exit', (code, by) => resolve(`${code ?? by}`)));
    let said = '';
    child.stderr.on('data', (bytes) => {
      said = `${said}${bytes}`.slice(-4_000);
    });
    const isRunning = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
    if (!isRunning) throw new Error(said);
    child.stdout.resume();
    const end = async (by: NodeJS.Signals) => {
      child.kill(by);
      await ended;
    };
    return { pid: pidOf(child), ended, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
  }

  #pidsOf(name: ProcessName): number[] {
    if (name !== 'postgres') return [this.#kept.get(name)?.pid ?? []].flat();
    const pid = this.#postgres?.pid;
    return pid === undefined ? [] : [pid, ...childrenOf(pid)];
  }

  #measureMemory(): void {
    for (const [name, { pid }] of this.#kept) {
      try {
        const mb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
        this.peakMb.set(name, Math.max(mb, this.peakMb.get(name) ?? 0));
      } catch {
        // It has ended.
      }
    }
  }
}

function pidOf({ pid = 0 }: ChildProcess): number {
  return pid;
}

/** proc_pid_stat(5). */
function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return 'ended';
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function signal(pids: readonly number[], which: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, which);
    } catch {
      // It has ended meanwhile.
    }
  }
}
