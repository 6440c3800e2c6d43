import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts } from '../../access/index.ts';
import { silentLogger, systemTime } from '../../domain/index.ts';
import type { Chance } from '../../simulators/portal/random.ts';
import { SimulatedReader } from '../../simulators/reader/index.ts';
import { type Database, openDatabase } from '../../storage/index.ts';
import { Api } from '../api.ts';
import { builtProgram } from '../built-program.ts';
import { startGateway } from '../gateway-process.ts';
import { type IsothermProcess, isotherm, startIsotherm } from '../isotherm-process.ts';
import { systemPart } from '../parts.ts';
import { Link } from './link.ts';
import { NatsThree } from './nats-three.ts';
import { ownMachine } from './own-machine.ts';
import { PostgresAlone, type PostgresHome, signal, stateOf } from './postgres.ts';
import { PostgresPair } from './postgres-pair.ts';
import type { Disk, Loss, Survives } from './power/disk.ts';
import { disksOf } from './power/disks.ts';
import { RedisAlone } from './redis-alone.ts';
import {
  LEADER,
  linksOf,
  MACHINE,
  PRIMARY,
  processesOf,
  RECEIVER_LINK,
  REDIS,
  redisLinksOf,
  type Shape,
  tellersOf,
} from './shape.ts';
import { WhoeverIsTold } from './whoever-is-told.ts';

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

/** An installation of the given shape. Between any two that speak to each other stands a {@link Link}. */
export class System {
  readonly shape: Shape;
  readonly dataDir = mkdtempSync(join(realpathSync(tmpdir()), 'isotherm-chaos-'));
  readonly links: Readonly<Record<string, Link>>;
  readonly reader = new SimulatedReader({ time: systemTime });
  readonly receiver = new WhoeverIsTold();
  /** Processes that ended though nobody told them to. */
  readonly fallen: string[] = [];
  /** Largest resident memory of each process so far, MB. */
  readonly peakMb = new Map<string, number>();
  /** Past the links. */
  database!: Database;
  accounts!: Accounts;
  token = '';
  readonly #postgres: PostgresHome;
  readonly #nats: NatsThree | null;
  readonly #redis: RedisAlone | null;
  /** By who writes to it: each server of PostgreSQL, the gateway, and `servers`. None where they cannot lose power. */
  readonly #disks: ReadonlyMap<string, Disk>;
  /** Links of our own to the database. */
  readonly #past: Link[] = [];
  readonly #kept = new Map<string, Kept>();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #killed = new WeakSet<Kept>();
  #isStopped = false;
  #started: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;
  #memory: NodeJS.Timeout | null = null;

  /**
   * @param home of its own, in place of that of the shape
   * @throws {Error} a program that the shape needs is not installed
   */
  constructor(shape: Shape, home?: PostgresHome) {
    this.shape = shape;
    this.links = Object.fromEntries(linksOf(shape).map((name) => [name, new Link()]));
    const program = (name: 'pg_basebackup' | 'nats-server' | 'redis-server') => {
      const found = systemPart(name);
      if (found === null) throw new Error(`the ${shape.name} shape needs ${name}`);
      return found;
    };
    // PostgreSQL refuses to be root, and has to come through.
    chmodSync(this.dataDir, 0o755);
    this.#disks = disksOf(shape, this.dataDir);
    const [first = '', second] = shape.postgres;
    this.#postgres =
      home ??
      (second === undefined
        ? new PostgresAlone(join(this.dataDir, 'database'), this.#disks.get(first) ?? null)
        : new PostgresPair({
            ...{ program: program('pg_basebackup'), root: join(this.dataDir, 'postgres') },
            ...{ link: this.link(`${first}>${second}`), names: shape.postgres },
            diskOf: (server) => this.#disks.get(server),
          }));
    this.#nats =
      shape.nats.length === 0
        ? null
        : new NatsThree({ program: program('nats-server'), names: shape.nats, links: this.links });
    this.#redis = shape.hasRedis ? new RedisAlone(program('redis-server'), join(this.dataDir, REDIS)) : null;
  }

  link(name: string): Link {
    const link = this.links[name];
    if (link === undefined) throw new Error(`no link is called ${name}`);
    return link;
  }

  get spoolDir(): string {
    return join(this.dataDir, 'spool');
  }

  /** Through the link of the clients. */
  api(): Api {
    return new Api(`http://127.0.0.1:${this.link('clients>door').port}`, this.token);
  }

  /** A device's, through the link of the loggers. */
  mqttUrl = (): string => `mqtt://127.0.0.1:${this.link('loggers>door').port}`;

  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Also while it starts or something is played; what is played then fails. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #start(): Promise<void> {
    await Promise.all(Object.values(this.links).map((link) => link.start()));
    await this.#postgres.start();
    await this.#nats?.start();
    for (const part of Object.keys(this.shape.parts)) {
      for (const server of this.shape.postgres) this.link(`${part}>${server}`).target = this.#postgres.address(server);
      for (const server of this.shape.nats) {
        const address = this.#nats?.address(server);
        if (address !== undefined) this.link(`${part}>${server}`).target = address;
      }
    }
    await this.#redis?.start();
    for (const link of redisLinksOf(this.shape)) if (this.#redis !== null) this.link(link).target = this.#redis.address;
    await this.receiver.start();
    this.link(RECEIVER_LINK).target = this.receiver.address;
    this.#configure();
    if (this.shape.hasGateway) {
      await this.reader.start();
      this.link('gateway>reader').target = { host: '127.0.0.1', port: this.reader.port };
    }
    this.database = await this.#openDatabase();
    this.accounts = new Accounts({ database: this.database, time: systemTime });
    // The first brings the tables.
    const [first = '', ...others] = Object.keys(this.shape.parts);
    await this.#begin(first);
    this.token = await this.accounts.tokens.create({ name: 'chaos', role: 'admin' });
    if (this.shape.hasGateway) {
      const password = await this.accounts.credentials.create(GATEWAY, { kind: 'gateway', speaksFor: [READER] });
      this.#configureGateway(password);
      others.push('gateway');
    }
    await Promise.all(others.map((name) => this.#begin(name)));
    this.#memory = setInterval(() => this.#measureMemory(), 500);
  }

  async #stop(): Promise<void> {
    // What is half started is not known to who would end it.
    await this.#started?.catch(() => {});
    this.#isStopped = true;
    if (this.#memory !== null) clearInterval(this.#memory);
    this.heal();
    await Promise.all(this.#starting.values());
    await Promise.all([...this.#kept.values()].map((one) => one.stop()));
    if (this.shape.hasGateway) await this.reader.stop();
    await this.receiver.stop();
    for (const link of Object.values(this.links)) link.stop();
    await this.database?.close();
    for (const link of this.#past) link.stop();
    await this.#postgres.stop();
    await this.#nats?.stop();
    await this.#redis?.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Which of several a target is now; the target itself where it names one. */
  async resolve(target: string): Promise<string> {
    if (target === PRIMARY) return this.#postgres.primary;
    if (target === LEADER) return this.#nats?.leader().catch(() => this.shape.nats[0] ?? '') ?? '';
    return target;
  }

  /** What a process is, or a link: for figures. */
  async roleOf(name: string): Promise<string> {
    const { postgres, nats, doors, workers } = this.shape;
    if (doors.includes(name)) return 'a broker';
    if (workers.some((group) => group.includes(name))) return 'a worker';
    if (postgres.length === 1 && postgres.includes(name)) return 'PostgreSQL';
    if (postgres.includes(name)) return name === this.#postgres.primary ? 'the primary' : 'the stand-by';
    if (nats.includes(name)) return name === (await this.resolve(LEADER)) ? 'the NATS leader' : 'a NATS follower';
    if (name === REDIS) return 'Redis';
    if (name === MACHINE) return 'all processes and PostgreSQL';
    return name === 'gateway' ? 'the gateway' : name;
  }

  /** Of faults that share one of these one is played after the other. */
  groupOf(target: string): readonly string[] {
    const { postgres, workers } = this.shape;
    if (postgres.includes(target)) return postgres;
    if (target === MACHINE) return [...processesOf(this.shape), 'archive'];
    return workers.find((group) => group.join(' or ') === target) ?? [target];
  }

  /** SIGKILL, and it is started anew. @param before it is killed @param meanwhile while it is down */
  async kill(name: string, meanwhile = () => {}, before = () => {}): Promise<void> {
    if (name === REDIS) {
      before();
      await this.#redis?.kill();
      return;
    }
    if (this.shape.postgres.includes(name) || this.shape.nats.includes(name)) {
      before();
      await (this.shape.nats.includes(name) ? this.#nats : this.#postgres)?.kill(name);
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

  /**
   * Whoever is meant is killed and started again; between the two its disk has lost what was not synced.
   * @returns null where that cannot be played
   */
  async losePower(
    target: string,
    survives: Survives,
    chance: Chance,
    struck: () => void,
  ): Promise<readonly Loss[] | null> {
    if (this.#disks.size === 0 || this.#postgres.losePower === undefined) return null;
    const losses: Loss[] = [];
    const lose = (names: readonly string[]) => () => {
      const disks = names.flatMap((name) => this.#disks.get(name) ?? []);
      losses.push(...disks.map((disk) => disk.losePower(survives, chance)));
    };
    if (this.shape.postgres.includes(target)) {
      struck();
      await this.#postgres.losePower?.(target, lose([target]));
    } else if (target === MACHINE) await this.#losePowerOfAll(lose([...this.#disks.keys()]), struck);
    else await this.kill(target, lose([target]), struck);
    return losses;
  }

  async #losePowerOfAll(lose: () => void, struck: () => void): Promise<void> {
    await this.allStarted();
    struck();
    const killed = [...this.#kept].map(([name, kept]) => {
      this.#killed.add(kept);
      return { name, ended: kept.kill() };
    });
    await this.#postgres.losePower?.(this.#postgres.primary, async () => {
      await Promise.all(killed.map(({ ended }) => ended));
      lose();
    });
    for (const { name } of killed) this.#starting.set(name, this.#begin(name));
    await this.allStarted();
  }

  /** One server is killed, and its store is not what it was when it comes back. */
  async flipBitOfNats(name: string, chance: number): Promise<string> {
    let flipped: string | null = null;
    await this.#nats?.kill(name, () => {
      flipped = this.#nats?.flipBit(name, chance) ?? null;
    });
    return flipped ?? 'it has no messages';
  }

  /** A primary stands still, is replaced, and is back with its sessions before it is told so. @returns what came of it */
  async standStill(name: string, forMs: number, struck: () => void): Promise<string> {
    struck();
    return (await this.#postgres.standStill?.(name, forMs)) ?? 'there is nobody to replace it';
  }

  /** Whether every NATS server has every reading that the others have; true where there is none. */
  async areCopiesWhole(): Promise<boolean> {
    return (await this.#nats?.isWhole()) ?? true;
  }

  /** SIGSTOP or SIGCONT of a process, of PostgreSQL of all its processes. */
  signal(name: string, which: 'SIGSTOP' | 'SIGCONT'): void {
    // Who stands still does not end.
    if (this.#isStopped && which === 'SIGSTOP') return;
    if (this.shape.nats.includes(name)) this.#nats?.signal(name, which);
    else signal(this.#pidsOf(name), which);
  }

  pidOf(name: string): number | undefined {
    return this.#pidsOf(name)[0];
  }

  /** What a process of Isotherm has written to its log since it was started. */
  logOf(name: string): string {
    return this.#kept.get(name)?.log?.() ?? '';
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
    const { parts, postgres, nats } = this.shape;
    for (const name of [...Object.keys(parts), 'gateway', ...postgres, ...nats, REDIS]) this.signal(name, 'SIGCONT');
    this.fillDisk(false);
    this.receiver.fails(null);
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
    return isotherm(args, {
      dataDir: this.dataDir,
      env: { ...this.#natsPast(), DATABASE_URL: this.#urlOf(this.#past) },
    });
  }

  async #begin(name: string): Promise<void> {
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

  async #serve(name: string): Promise<Kept> {
    const nats = this.shape.nats.map((server) => `nats://127.0.0.1:${this.link(`${name}>${server}`).port}`);
    const started: IsothermProcess = await startIsotherm({
      ...{ command: 'serve', dataDir: this.dataDir },
      args: ['--only', this.shape.parts[name] ?? '', '--config', this.#config],
      under: this.shape.hasOwnMachines ? (ownMachine(this.dataDir) ?? []) : [],
      env: {
        DATABASE_URL: this.#urlOf(this.shape.postgres.map((server) => this.link(`${name}>${server}`))),
        ISOTHERM_LOG_LEVEL: 'warn',
        ...this.#natsPast(),
        ...this.#disks.get('servers')?.env,
        ...(nats.length > 0 && { NATS_URL: nats.join(',') }),
        ...(this.shape.hasRedis &&
          tellersOf(this.shape).includes(name) && {
            REDIS_URL: `redis://127.0.0.1:${this.link(`${name}>${REDIS}`).port}`,
          }),
      },
    });
    if (this.shape.doors.includes(name)) {
      const mqtt = { host: '127.0.0.1', port: Number(new URL(started.mqttUrl).port) };
      for (const link of ['loggers>door', 'gateway>door']) this.link(link).lead(name, mqtt);
      this.link('clients>door').lead(name, { host: '127.0.0.1', port: Number(new URL(started.httpUrl).port) });
    }
    return started;
  }

  /** Past the links. */
  #natsPast(): Record<string, string> {
    if (this.#nats === null) return {};
    const urls = this.shape.nats.map((server) => {
      const address = this.#nats?.address(server);
      return `nats://${address?.host}:${address?.port}`;
    });
    return { NATS_URL: urls.join(','), NATS_MONITOR_URL: this.#nats.monitorUrls.join(',') };
  }

  /** To whoever takes writes, through links that nothing is done to. */
  async #openDatabase(): Promise<Database> {
    for (const server of this.shape.postgres) {
      const link = new Link();
      link.target = this.#postgres.address(server);
      await link.start();
      this.#past.push(link);
    }
    return openDatabase({ url: this.#urlOf(this.#past), logger: silentLogger, time: systemTime, maxConnections: 3 });
  }

  get #config(): string {
    return join(this.dataDir, 'isotherm.yaml');
  }

  /** The same for every process. */
  #configure(): void {
    const alerts = this.receiver.configured(this.dataDir, this.link(RECEIVER_LINK).port);
    writeFileSync(this.#config, JSON.stringify({ alerts, rules: { shares: this.shape.shares } }));
  }

  #configureGateway(password: string): void {
    mkdirSync(this.spoolDir);
    const config = {
      ...{ id: GATEWAY, dataDir: this.spoolDir, gatherMs: 20, updateMs: 300 },
      mqtt: { url: `mqtt://127.0.0.1:${this.link('gateway>door').port}`, password },
      readers: [
        {
          ...{
            id: READER,
            host: '127.0.0.1',
            port: this.link('gateway>reader').port,
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
    const config = join(this.dataDir, 'gateway.yaml');
    return startGateway({
      program: await builtProgram(),
      config,
      cwd: this.dataDir,
      env: this.#disks.get('gateway')?.env ?? {},
    });
  }

  #pidsOf(name: string): number[] {
    if (this.shape.postgres.includes(name)) return this.#postgres.pids(name);
    if (name === REDIS) return this.#redis?.pids ?? [];
    return [this.#kept.get(name)?.pid ?? []].flat();
  }

  /** Of all servers; where there are several, whichever of them takes writes. */
  #urlOf(links: readonly Link[]): string {
    const hosts = links.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const account = this.#postgres.account ?? 'isotherm';
    return `postgres://${account}@${hosts}/isotherm${links.length > 1 ? '?target_session_attrs=read-write' : ''}`;
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
