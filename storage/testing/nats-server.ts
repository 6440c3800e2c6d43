// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEachFile } from '../../tests/testing/after-file.ts';
import { freePort } from '../../tests/testing/free-port.ts';
import type { NatsOptions } from '../log/nats/options.ts';

export interface NatsServerOptions {
  /** As in its configuration; default `always`. */
  readonly syncInterval?: string;
  /** Default 8MB. */
  readonly maxPayload?: string;
  /** With accounts of their own for the user `app` and, in the system account, `system`; both with the password `secret`. */
  readonly hasAccounts?: boolean;
  /** Beside others, by the ports of their routes. `advertise`: the port that the others tell one another it has; clients are told of none. */
  readonly cluster?: {
    readonly name: string;
    readonly port: number;
    readonly routes: readonly number[];
    readonly advertise?: number;
  };
}

const ACCOUNTS = `accounts {
  SYSTEM { users: [{ user: system, password: secret }] }
  APP { jetstream: enabled, users: [{ user: app, password: secret }] }
}
system_account: SYSTEM`;

/** A NATS server on ports of its own, its store in a folder of its own; gone after the test file. */
export class NatsServer {
  readonly #path: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'isotherm-nats-'));
  readonly #options: NatsServerOptions;
  #ports = { client: -1, monitor: -1 };
  #process: ChildProcess | null = null;
  #isPaused = false;

  private constructor(path: string, options: NatsServerOptions) {
    this.#path = path;
    this.#options = options;
  }

  static async start(path: string, options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(path, options);
    afterEachFile(() => server.remove());
    await server.start();
    return server;
  }

  /** Servers that keep copies for one another. */
  static async cluster(path: string, size: number): Promise<readonly NatsServer[]> {
    const routes = await Promise.all(Array.from({ length: size }, () => freePort()));
    const options = (port: number) => ({ cluster: { name: `server-${port}`, port, routes } });
    return Promise.all(routes.map((port) => NatsServer.start(path, options(port))));
  }

  /** As it is called within its cluster. */
  get name(): string {
    return this.#options.cluster?.name ?? '';
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#ports.client}`;
  }

  /** As one of its users ({@link NatsServerOptions.hasAccounts}). */
  urlOf(user: 'app' | 'system', password = 'secret'): string {
    return `nats://${user}:${password}@127.0.0.1:${this.#ports.client}`;
  }

  get monitorUrl(): string {
    return `http://127.0.0.1:${this.#ports.monitor}`;
  }

  /** As an installation would be set up for it, with streams that no other test has. */
  options(more: Partial<NatsOptions> = {}): NatsOptions {
    return {
      ...{ servers: [this.url], monitors: [this.monitorUrl], replicas: 1, partitions: 1, acceptsUnsynced: false },
      ...{ stream: `test-${randomUUID().slice(0, 8)}`, credentials: null, system: null, ...more },
    };
  }

  /** The same for a cluster, each of whose servers has a copy. */
  static optionsOf(servers: readonly NatsServer[], more: Partial<NatsOptions> = {}): NatsOptions {
    const [first] = servers;
    if (first === undefined) throw new Error('a cluster of no server');
    const addresses = { servers: servers.map(({ url }) => url), monitors: servers.map(({ monitorUrl }) => monitorUrl) };
    return first.options({ replicas: servers.length, ...addresses, ...more });
  }

  /** On the ports that it had. */
  async start(): Promise<void> {
    const { syncInterval = 'always', maxPayload = '8MB', hasAccounts = false, cluster } = this.#options;
    const routes = cluster?.routes.map((port) => `nats://127.0.0.1:${port}`) ?? [];
    const advertise = cluster?.advertise === undefined ? '' : `, advertise: "127.0.0.1:${cluster.advertise}"`;
    const file = join(this.#folder, 'server.conf');
    writeFileSync(
      file,
      `listen: 127.0.0.1:${this.#ports.client}
      http: 127.0.0.1:${this.#ports.monitor}
      ports_file_dir: ${JSON.stringify(this.#folder)}
      max_payload: ${maxPayload}
      ${hasAccounts ? ACCOUNTS : ''}
      ${cluster === undefined ? '' : `server_name: ${cluster.name}, cluster { name: test, listen: "127.0.0.1:${cluster.port}", routes: ${JSON.stringify(routes)}, no_advertise: true${advertise} }`}
      jetstream { store_dir: ${JSON.stringify(join(this.#folder, 'store'))}, max_file_store: 100TB${syncInterval === '' ? '' : `, sync_interval: ${syncInterval}`} }`,
    );
    const process = spawn(this.#path, ['-c', file], { stdio: 'ignore' });
    this.#process = process;
    this.#ports = await this.#portsOf(process);
    await this.#answers(process);
  }

  /** With SIGKILL unless told otherwise; resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const process = this.#process;
    this.#process = null;
    if (process === null) return;
    const gone = once(process, 'exit');
    process.kill(signal);
    await gone;
  }

  /** It answers nothing from here until {@link resume}. */
  async pause(): Promise<void> {
    const { pid } = this.#process ?? {};
    if (pid === undefined) return;
    this.#isPaused = true;
    this.#process?.kill('SIGSTOP');
    // Its threads go on until one of them has come to run and taken the signal, on a busy machine long enough for an answer.
    while (this.#isPaused && threadsOf(pid).some((state) => !'TZX'.includes(state))) await sleep(1);
  }

  resume(): void {
    this.#isPaused = false;
    this.#process?.kill('SIGCONT');
  }

  /** Its files of messages, of all streams. */
  blocks(): string[] {
    const store = join(this.#folder, 'store');
    return readdirSync(store, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.blk'))
      .map((name) => join(store, name));
  }

  /**
   * What is on its disk now; call it while it is not running.
   * @returns puts that back, as a disk does that had not written what came after
   */
  keep(): () => void {
    const [store, kept] = [join(this.#folder, 'store'), join(this.#folder, `kept-${randomUUID()}`)];
    cpSync(store, kept, { recursive: true });
    return () => {
      rmSync(store, { recursive: true });
      cpSync(kept, store, { recursive: true });
    };
  }

  async remove(): Promise<void> {
    this.resume();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #portsOf(server: ChildProcess): Promise<{ client: number; monitor: number }> {
    for (;;) {
      if (hasEnded(server)) throw new Error('nats-server has ended');
      const name = readdirSync(this.#folder).find((one) => one.endsWith(`${server.pid}.ports`));
      const text = name === undefined ? '' : readFileSync(join(this.#folder, name), 'utf8');
      if (text.endsWith('}')) {
        const { nats = [], monitoring = [] } = JSON.parse(text) as { nats?: string[]; monitoring?: string[] };
        const portOf = (url: string | undefined) => Number(new URL(url ?? 'http://nowhere:0').port);
        return { client: portOf(nats[0]), monitor: portOf(monitoring[0]) };
      }
      await sleep(10);
    }
  }

  async #answers(server: ChildProcess): Promise<void> {
    for (;;) {
      if (hasEnded(server)) throw new Error('nats-server has ended');
      const answer = await fetch(`${this.monitorUrl}/healthz`).catch(() => null);
      if (answer?.ok === true) return;
      await sleep(10);
    }
  }
}

/** The states of a process's threads (proc_pid_stat(5)); none where it has ended. */
function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
      return stat.charAt(stat.lastIndexOf(')') + 2);
    });
  } catch {
    return [];
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
