import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Receiver } from '../../alerts/testing/receiver.ts';
import { ensurePage } from '../../dashboards/page-build.ts';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { type Database, openDatabase, startEmbeddedPostgres } from '../../storage/index.ts';
import { NatsServer } from '../../storage/testing/nats-server.ts';
import { Api } from '../api.ts';
import { builtProgram } from '../built-program.ts';
import type { Acknowledgement } from '../chaos/sender.ts';
import { type IsothermProcess, isotherm, startIsotherm } from '../isotherm-process.ts';
import { alertsOf, type Found, messagesOf, readingsOf } from './comparison.ts';
import { Dock, GATEWAY, READER } from './dock.ts';
import { Load, pause } from './load.ts';
import { OpenPage } from './open-page.ts';
import { programOf } from './program-of.ts';

/** A process: its name, and what of `serve --only` it runs. */
export type Stage = readonly [name: string, parts: string];

export interface RollingUpgradeOptions {
  /** Commit of the version before; null: this one, which is only started again. */
  readonly from: string | null;
  /** In the order they are made anew. */
  readonly stages: readonly Stage[];
  readonly loggers: number;
  /** How long load goes on before anything, and after each step, ms. */
  readonly warmUpMs: number;
  readonly besideMs: number;
  /** A gateway of before with a reader, which is the last that is made anew. */
  readonly hasGateway?: boolean;
  /** A page of before stays open in a browser. */
  readonly hasPage?: boolean;
  /** Servers of NATS that have the readings of the log; none: PostgreSQL has them. */
  readonly nats?: { readonly program: string; readonly servers: 1 | 3 };
  /** So many streams of readings `isotherm log partitions` makes, while that stage is made anew (docs/decisions/0269). */
  readonly partitions?: Readonly<Record<string, number>>;
  /** Told each line of what was found. */
  readonly say: (text: string) => void;
}

const USER = { username: 'upgrader', password: 'correct horse battery staple up' };

/**
 * An installation of the version before in several processes over one PostgreSQL, under load, is made one of this version process by
 * process, with both side by side in between (docs/scaling.md, "A new version while it runs"). At the end nothing that was
 * acknowledged is lost or there twice, and of each alert one was told once.
 *
 * @returns what is wrong
 */
export async function rollingUpgrade(options: RollingUpgradeOptions): Promise<string[]> {
  const upgrade = new RollingUpgrade(options);
  try {
    return await upgrade.run();
  } catch (error) {
    return [...upgrade.wrong, String(error instanceof Error ? error.stack : error), ...upgrade.logs()];
  } finally {
    await upgrade.stop();
  }
}

class RollingUpgrade {
  readonly wrong: string[] = [];
  readonly #options: RollingUpgradeOptions;
  readonly #root = mkdtempSync(join(tmpdir(), 'isotherm-upgrade-'));
  readonly #dataDir = join(this.#root, 'data');
  readonly #config = join(this.#root, 'isotherm.yaml');
  readonly #receiver = new Receiver();
  readonly #processes = new Map<string, IsothermProcess>();
  readonly #stops: (() => Promise<unknown>)[] = [];
  #env: Readonly<Record<string, string>> = {};
  #dock: Dock | null = null;
  #page: OpenPage | null = null;
  #turn = 0;

  constructor(options: RollingUpgradeOptions) {
    this.#options = options;
    // PostgreSQL refuses to be root, and has to come through.
    chmodSync(this.#root, 0o755);
    mkdirSync(this.#dataDir);
  }

  async run(): Promise<string[]> {
    const { besideMs, from, stages, say, warmUpMs } = this.#options;
    const [before, now, database] = await Promise.all([
      from === null
        ? builtProgram()
        : programOf(from, join(this.#root, 'before'), { hasPage: this.#options.hasPage === true }),
      builtProgram(),
      this.#startParts(),
      // Or the first process of this version would build it, and be ready so much later.
      ensurePage({ logger: silentLogger }),
    ]);
    say(`program of ${from?.slice(0, 8) ?? 'this version'} built`);
    await this.#command(before, 'migrate');
    // One alone, as on the first day: of two of before that met NATS for the first time at once, one ended (until 906c9b73).
    const [first, ...others] = stages;
    if (first !== undefined) await this.#begin(first, before);
    const [{ passwords, token }] = await Promise.all([
      this.#register(before),
      ...others.map((stage) => this.#begin(stage, before)),
    ]);
    await this.#startDock(before);
    say(`${stages.length} processes of it run`);
    const base = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 60 * 3_600_000;
    // As a balancer: to one that is there.
    const mqttUrl = () => this.#next('broker')?.mqttUrl ?? 'mqtt://127.0.0.1:9';
    const httpUrl = () => this.#next('')?.httpUrl ?? 'http://127.0.0.1:9';
    const load = new Load({ passwords, mqttUrl, httpUrl, token, base });
    await new Api(httpUrl(), token).send('POST', '/shipments', load.shipment());
    load.start();
    await this.#step('before anything', load, () => pause(warmUpMs));
    await this.#openPage(load);
    await this.#step('migrate', load, () => this.#command(now, 'migrate'));
    for (const [name, parts] of stages) {
      const raised = this.#raise(name, load, now);
      await Promise.all([raised, this.#step(name, load, () => this.#replace(name, parts, now))]);
    }
    if (this.#dock !== null) {
      await this.#step('gateway', load, async () => {
        const code = await this.#dock?.replace(now);
        if (code !== '0') this.wrong.push(`the gateway of before ended with ${code}`);
        await pause(besideMs);
      });
    }
    await this.#step('all of this version', load, () => pause(besideMs));
    await load.end();
    const api = new Api(httpUrl(), token);
    await this.#noteStreams(database);
    this.#note(await readingsOf(load, database));
    this.#note(await alertsOf(load, api, this.#receiver));
    if (this.#dock !== null) this.#note(await this.#dock.end(database));
    if (this.#page !== null) this.#note(await this.#page.goesOn(api));
    await this.#command(now, 'audit', 'verify');
    await Promise.all([...this.#processes].map(([name]) => this.#end(name)));
    this.#note(messagesOf(this.#receiver));
    return this.wrong;
  }

  /** What was started, last first. */
  async stop(): Promise<void> {
    await this.#page?.close();
    await this.#dock?.stop();
    await Promise.all([...this.#processes.values()].map((one) => one.stop()));
    for (const stop of this.#stops.reverse()) await stop();
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The last lines of each process. */
  logs(): string[] {
    return [...this.#processes].map(([name, one]) => `${name}: ${one.log().split('\n').slice(-5).join('\n')}`);
  }

  async #startParts(): Promise<Database> {
    const postgres = await startEmbeddedPostgres({ dataDir: join(this.#root, 'database'), time: systemTime });
    this.#stops.push(() => postgres.stop());
    const secret = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
    const channels = [{ id: 'hook', kind: 'webhook', url: await this.#receiver.start(), secret }];
    this.#stops.push(() => this.#receiver.stop());
    writeFileSync(this.#config, JSON.stringify({ alerts: { channels, route: { channel: 'hook' } } }));
    this.#env = { DATABASE_URL: postgres.url, ISOTHERM_LOG_LEVEL: 'warn', ...(await this.#startNats()) };
    const database = await openDatabase({
      url: postgres.url,
      logger: silentLogger,
      time: systemTime,
      maxConnections: 2,
    });
    this.#stops.push(() => database.close());
    return database;
  }

  async #startNats(): Promise<Record<string, string>> {
    const { nats } = this.#options;
    if (nats === undefined) return {};
    const { program, servers } = nats;
    const all = servers === 1 ? [await NatsServer.start(program)] : await NatsServer.cluster(program, servers);
    this.#stops.push(() => Promise.all(all.map((one) => one.remove())));
    return {
      NATS_URL: all.map(({ url }) => url).join(),
      NATS_MONITOR_URL: all.map(({ monitorUrl }) => monitorUrl).join(),
      ISOTHERM_NATS_REPLICAS: String(servers),
    };
  }

  async #register(program: string): Promise<{ passwords: ReadonlyMap<string, string>; token: string }> {
    const ids = Array.from({ length: this.#options.loggers }, (_, n) => `up-${n}`);
    const [token, ...passwords] = await Promise.all([
      this.#command(program, 'token', 'create', 'upgrade', '--role', 'admin'),
      ...ids.map((id) => this.#credential(program, id)),
    ]);
    if (this.#options.hasPage === true) {
      await this.#command(program, 'user', 'create', USER.username, '--role', 'admin', '--password-stdin');
    }
    return { passwords: new Map(ids.map((id, n) => [id, passwords[n] ?? ''])), token };
  }

  async #credential(program: string, id: string, ...more: string[]): Promise<string> {
    return (JSON.parse(await this.#command(program, 'device', 'create', id, ...more)) as { password: string }).password;
  }

  async #startDock(program: string): Promise<void> {
    if (this.#options.hasGateway !== true) return;
    const kind = ['--kind', 'gateway', '--speaks-for', READER];
    const password = await this.#credential(program, GATEWAY, ...kind);
    this.#dock = new Dock(this.#root);
    for (const [name, { mqttUrl }] of this.#processes) if (mqttUrl !== '') this.#dock.lead(name, mqttUrl);
    await this.#dock.start(program, password);
  }

  async #begin([name, parts]: Stage, program: string): Promise<void> {
    const args = ['--only', parts, '--config', this.#config];
    const options = { command: 'serve', args, dataDir: this.#dataDir, env: this.#env, program } as const;
    const started = await startIsotherm(options);
    this.#processes.set(name, started);
    if (started.mqttUrl !== '') this.#dock?.lead(name, started.mqttUrl);
    this.#page?.lead(name, started.httpUrl);
  }

  async #replace(name: string, parts: string, program: string): Promise<string> {
    const { besideMs } = this.#options;
    const began = performance.now();
    await this.#end(name);
    const stopped = performance.now();
    await this.#begin([name, parts], program);
    const ready = performance.now();
    await pause(besideMs);
    return `stopped in ${ms(stopped - began)}, the new one ready after ${ms(ready - stopped)}`;
  }

  async #raise(stage: string, load: Load, program: string): Promise<void> {
    const partitions = this.#options.partitions?.[stage];
    if (partitions === undefined) return;
    await this.#step(`${partitions} streams`, load, async () => {
      const said = await this.#command(program, 'log', 'partitions', String(partitions));
      const expected = `readings are parted over ${partitions} streams`;
      if (said !== expected) this.wrong.push(`isotherm log partitions ${partitions} said: ${said}`);
    });
  }

  /** Of those that were made while it ran: how many there are, and how many hold something. */
  async #noteStreams(database: Database): Promise<void> {
    const most = Math.max(0, ...Object.values(this.#options.partitions ?? {}));
    if (most === 0) return;
    const { rows } = await database.query<{ streams: number; used: number; lost: number }>(
      `SELECT count(*)::int AS streams, count(*) FILTER (WHERE last_sequence >= first_sequence)::int AS used,
         (SELECT count(*) FROM log_holes)::int AS lost FROM log_streams`,
    );
    const { streams = 0, used = 0, lost = 0 } = rows[0] ?? {};
    const said = `${streams} streams, ${used} of them with messages, ${lost} holes`;
    this.#note({ said, wrong: streams === most && used > 1 && lost === 0 ? [] : [said] });
  }

  async #end(name: string): Promise<void> {
    const old = this.#processes.get(name);
    // What it has under way ends with it; nothing new is led to it.
    this.#processes.delete(name);
    const code = await old?.stop();
    if (code !== 0) this.wrong.push(`${name} ended with ${code}: ${old?.log().slice(-500)}`);
  }

  async #openPage(load: Load): Promise<void> {
    if (this.#options.hasPage !== true) return;
    const httpUrls = new Map([...this.#processes].map(([name, { httpUrl }]) => [name, httpUrl]));
    this.#page = await OpenPage.open(httpUrls, { ...USER, logger: load.devices[0] ?? '' });
  }

  /** The next of those with a part. */
  #next(part: string): IsothermProcess | undefined {
    const { stages } = this.#options;
    const there = stages.flatMap(([name, parts]) => (parts.includes(part) ? (this.#processes.get(name) ?? []) : []));
    return there[this.#turn++ % there.length];
  }

  async #command(program: string, ...args: string[]): Promise<string> {
    const stdin = args.includes('--password-stdin') ? USER.password : '';
    const { code, stdout, stderr } = await isotherm(args, { dataDir: this.#dataDir, env: this.#env, program, stdin });
    if (code !== 0) throw new Error(`isotherm ${args.join(' ')}: ${code} ${stderr}`);
    return stdout.trim();
  }

  #note({ said, wrong }: Found): void {
    this.#options.say(said);
    this.wrong.push(...wrong);
  }

  /** Plays it and says what was acknowledged meanwhile, and after how long. */
  async #step(what: string, { acknowledgements }: Load, work: () => Promise<unknown>): Promise<void> {
    const began = performance.now();
    const outcome = await work();
    const took = ms(performance.now() - began);
    const waits = Object.entries(acknowledgements).map(([door, all]) => {
      const waited = waitsOf(all.filter(({ at }) => at >= began));
      return `${door} ${waited.length} acknowledged, p99 ${ms(quantile(waited, 0.99))}, longest ${ms(quantile(waited, 1))}`;
    });
    const how = typeof outcome === 'string' && /stopped/.test(outcome) ? ` (${outcome})` : '';
    this.#options.say(`${what}: ${took}${how}; ${waits.join('; ')}`);
  }
}

function waitsOf(all: readonly Acknowledgement[]): number[] {
  return all.map(({ madeAt, at }) => at - madeAt).toSorted((a, b) => a - b);
}

function quantile(ordered: readonly number[], share: number): number {
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? Number.NaN;
}

function ms(value: number): string {
  return `${(value / 1_000).toFixed(2)} s`;
}
