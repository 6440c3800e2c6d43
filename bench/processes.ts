/**
 * What it costs to split intake and rules over processes: one, two and four processes with `broker` and as many with `rules`
 * (and as many shares), one with writer, tracer and storage, one PostgreSQL. The same load over MQTT, then more
 * of it from the log to evaluators that were stopped meanwhile. Prints readings a second, processor time of each process and of
 * PostgreSQL for a million readings, and how much more that is than with one of each.
 *
 * Each round begins with a load that is not counted, since a process that has just started compiles what it does, and with what the
 * processes spend at rest.
 *
 *   node bench/processes.ts [million readings of a load, default 2]; bounded: at most seven minutes
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts } from '../access/index.ts';
import { silentLogger, slotOf, systemTime } from '../domain/index.ts';
import { type Database, migrate, openDatabase, startEmbeddedPostgres } from '../storage/index.ts';
import { type IsothermProcess, startIsotherm } from '../tests/isotherm-process.ts';
import { spentMs } from './cpu.ts';
import type { Load, Order, Report, Request } from './publisher.ts';

const MILLIONS = Number(process.argv[2] ?? 2);
const COUNTS = [1, 2, 4] as const;
/** As many of each share, however many there are. */
const LOGGERS_A_SHARE = 8;
const READINGS = 100;
const WINDOW = 8;
const LOGGERS = LOGGERS_A_SHARE * 4;
/** As many as are not counted, and as many as wait for evaluators that were stopped. */
const OTHERS = 0.3;
const LOAD_SECONDS = 120;
const REST_MS = 5_000;
const UNTIL = systemTime.monotonic() + 415_000;
const RULES = `rules:
  - { id: too-warm, kind: threshold, metric: temperature, above: 8, for: 10m, severity: critical }
  - { id: too-cold, kind: threshold, metric: temperature, below: 2, for: 10m, severity: critical }
  - { id: mean, kind: mkt, metric: temperature, above: 8, window: 24h, severity: warning }
  - { id: silent, kind: silence, metric: temperature, after: 30m }
`;

interface Spent {
  readonly name: string;
  readonly ms: number;
}

const say = (text: string) => process.stdout.write(`${text}\n`);
say(`${MILLIONS} M readings, ${READINGS} a message, load ${loadavg()[0]?.toFixed(1)}`);
let alone: number | null = null;
for (const count of COUNTS) {
  const cost = await measure(count);
  if (alone === null) alone = cost;
  else
    say(
      `  overhead of the split                       ${((cost / alone - 1) * 100).toFixed(0)} % more processor time a reading`,
    );
}

/** @returns ms of processor time for a million readings, of all processes and PostgreSQL, over MQTT and through the rules */
async function measure(count: number): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-processes-'));
  writeFileSync(join(dataDir, 'rules.yaml'), RULES);
  const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
  const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime });
  const running = new Map<string, IsothermProcess>();
  const publishers: ChildProcess[] = [];
  const start = async (name: string, only: string) => {
    const env = { DATABASE_URL: server.url, ISOTHERM_RULES_FILE: 'rules.yaml', ISOTHERM_RULES_SHARES: String(count) };
    const own = mkdtempSync(join(dataDir, 'process-'));
    writeFileSync(join(own, 'rules.yaml'), RULES);
    const args = ['--only', only];
    running.set(
      name,
      await startIsotherm({ command: 'serve', args, dataDir: own, env: { ...env, ISOTHERM_LOG_LEVEL: 'error' } }),
    );
  };
  const startRules = () => Promise.all(numbers(count).map((n) => start(`rules ${n}`, 'rules')));
  try {
    await migrate(database, silentLogger);
    await Promise.all([
      start('writer', 'ingest,trace,storage'),
      ...numbers(count).map((n) => start(`broker ${n}`, 'broker')),
      startRules(),
    ]);
    const accounts = new Accounts({ database, time: systemTime });
    const publish = async (run: string, millions: number) => {
      const reports = await Promise.all(
        numbers(count).map(async (n) => {
          const publisher = fork(new URL('publisher.ts', import.meta.url));
          publishers.push(publisher);
          await asked(publisher, { prepare: await loadOf(accounts, `${run}-${n}`, count, millions) });
          return publisher;
        }),
      );
      const port = (n: number) => Number(new URL(running.get(`broker ${n}`)?.mqttUrl ?? '').port);
      const began = systemTime.monotonic();
      const orders = reports.map((publisher, i) => {
        const order: Order = { port: port(i + 1), seconds: LOAD_SECONDS, window: WINDOW, rate: null };
        return asked<Report>(publisher, { publish: order });
      });
      const acknowledged = (await Promise.all(orders)).reduce((sum, report) => sum + report.acknowledged, 0) * READINGS;
      return { acknowledged, seconds: (systemTime.monotonic() - began) / 1_000 };
    };

    say(`\n${count} with broker, ${count} with rules, ${count} ${count === 1 ? 'share' : 'shares'}`);
    await balanced(database, count);
    await publish('warm', MILLIONS * OTHERS);
    await Promise.all(['evaluator', 'writer'].map((name) => caughtUp(database, name)));
    const rest = await spent(database, running);
    await sleep(REST_MS);
    const before = await spent(database, running);
    const resting = difference(rest, before, REST_MS / 1_000);
    say(`  at rest, processor time a second            ${textOf(resting)}`);
    const began = systemTime.monotonic();
    const load = await publish('live', MILLIONS);
    await caughtUp(database, 'evaluator');
    const judged = (systemTime.monotonic() - began) / 1_000;
    await caughtUp(database, 'writer');
    const after = await spent(database, running);
    say(`  acknowledged over MQTT                      ${perSecond(load.acknowledged, load.seconds)}`);
    say(`  judged, of those                            ${perSecond(load.acknowledged, judged)}`);
    const cost = report(before, after, load.acknowledged);

    for (const name of [...running.keys()].filter((one) => one.startsWith('rules'))) {
      await running.get(name)?.stop();
      running.delete(name);
    }
    const behind = await publish('log', MILLIONS * OTHERS);
    // They begin while they start: the whole of them is what it took.
    const from = systemTime.monotonic();
    await startRules();
    await caughtUp(database, 'evaluator');
    const seconds = (systemTime.monotonic() - from) / 1_000;
    say(
      `  from the log, with starting and restoring   ${perSecond(behind.acknowledged, seconds)} in ${seconds.toFixed(1)} s`,
    );
    const rules = (all: readonly Spent[]) => all.filter(({ name }) => name.startsWith('rules'));
    report([], rules(await spent(database, running)), behind.acknowledged);
    return cost;
  } finally {
    for (const publisher of publishers) publisher.disconnect();
    await Promise.all([...running.values()].map((one) => one.stop()));
    await database.close();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** Loggers of every share alike. */
async function loadOf(accounts: Accounts, name: string, publishers: number, millions: number): Promise<Load> {
  const ids: string[] = [];
  const wanted = LOGGERS_A_SHARE / publishers;
  for (let i = 0; ids.length < wanted * 4; i++) {
    const id = `${name}-${i}`;
    if (ids.filter((one) => slotOf(one) % 4 === slotOf(id) % 4).length < wanted) ids.push(id);
  }
  const credentials = await Promise.all(
    ids.map(async (id) => ({ id, password: await accounts.credentials.create(id) })),
  );
  const messagesEach = Math.ceil((millions * 1e6) / (LOGGERS * READINGS));
  const from = systemTime.now() - messagesEach * READINGS * 10;
  return { credentials, messagesEach, readingsAMessage: READINGS, from };
}

function asked<T>(publisher: ChildProcess, request: Request): Promise<T> {
  return new Promise((resolve) => {
    publisher.once('message', (answer) => resolve(answer as T));
    publisher.send(request);
  });
}

/** Each process has its shares. */
async function balanced(database: Database, count: number): Promise<void> {
  await until('the shares are handed out', async () => {
    const { rows } = await database.query<{ holders: number }>(
      `SELECT count(DISTINCT holder)::int AS holders FROM owners
        WHERE name LIKE 'consumer:evaluator%' AND until > clock_timestamp()`,
    );
    return rows[0]?.holders === count;
  });
}

/** All that is in the log of readings has been taken by the consumers of that name. */
async function caughtUp(database: Database, name: string): Promise<void> {
  await until(`${name} has caught up`, async () => {
    const { rows } = await database.query<{ behind: boolean }>(
      `SELECT EXISTS (SELECT FROM log_checkpoints c JOIN log_head h USING (family, partition)
        WHERE c.consumer LIKE $1 AND c.family = 'readings' AND c.position < h.position) AS behind`,
      [`${name}%`],
    );
    return rows[0]?.behind === false;
  });
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    if (systemTime.monotonic() > UNTIL) throw new Error(`not in time: ${what}`);
    await sleep(50);
  }
}

async function spent(database: Database, running: ReadonlyMap<string, IsothermProcess>): Promise<Spent[]> {
  const all: Spent[] = [];
  for (const [name, { pid }] of running) all.push({ name, ms: (await spentMs(database, pid)).ours });
  return [...all, { name: 'PostgreSQL', ms: (await spentMs(database)).database }];
}

/** @returns ms for a million readings */
function report(before: readonly Spent[], after: readonly Spent[], readings: number): number {
  const each = difference(before, after, readings / 1e6);
  say(`  processor time a million readings           ${textOf(each)}`);
  return sumOf(each);
}

/** What each spent from one to the other, over `by`. */
function difference(before: readonly Spent[], after: readonly Spent[], by: number): Spent[] {
  const had = new Map(before.map(({ name, ms }) => [name, ms]));
  return after.map(({ name, ms }) => ({ name, ms: (ms - (had.get(name) ?? 0)) / by }));
}

function sumOf(each: readonly Spent[]): number {
  return each.reduce((sum, { ms }) => sum + ms, 0);
}

function textOf(each: readonly Spent[]): string {
  return `${sumOf(each).toFixed(0)} ms: ${each.map(({ name, ms }) => `${name} ${ms.toFixed(0)}`).join(', ')}`;
}

function perSecond(readings: number, seconds: number): string {
  return `${Math.round(readings / seconds).toLocaleString('en')} readings/s`;
}
