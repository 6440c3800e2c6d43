/**
 * `npm run upgrade -- --from COMMIT`: an installation of that version in five processes over one PostgreSQL, under load, is made one of
 * this version process by process, with both side by side in between (docs/scaling.md, "A new version while it runs"). At the end nothing
 * that was acknowledged is lost or there twice, and of each alert one was told once. Prints what each step made the load wait; exit code 1
 * where something is wrong.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Receiver } from '../alerts/testing/receiver.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { type Database, openDatabase, startEmbeddedPostgres } from '../storage/index.ts';
import { Api, eventually } from './api.ts';
import { builtProgram } from './built-program.ts';
import type { Acknowledgement } from './chaos/sender.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';
import { Load, pause } from './upgrade/load.ts';
import { commitOf, programOf } from './upgrade/program-of.ts';

const WORKER = 'ingest,trace,rules,alerts';
/** In the order they are made anew. */
const SHAPE = [
  ['worker-1', WORKER],
  ['worker-2', WORKER],
  ['web-1', 'web,storage'],
  ['broker-1', 'broker'],
  ['broker-2', 'broker'],
] as const;
type Name = (typeof SHAPE)[number][0];
const LOGGERS = 4;
const TEMPERATURE = 1;

const { values } = parseArgs({
  options: { from: { type: 'string' }, 'beside-seconds': { type: 'string', default: '5' } },
});
const commit = values.from === undefined ? null : commitOf(values.from);
const besideMs = Number(values['beside-seconds']) * 1_000;
if (commit === null || !Number.isFinite(besideMs)) {
  const given = values.from === undefined ? '' : `: this clone has no commit "${values.from}"`;
  process.stderr.write(`upgrade: allowed: --from COMMIT [--beside-seconds S]${given}\n`);
  process.exit(2);
}

const root = mkdtempSync(join(tmpdir(), 'isotherm-upgrade-'));
// PostgreSQL refuses to be root, and has to come through.
chmodSync(root, 0o755);
const dataDir = join(root, 'data');
const config = join(root, 'isotherm.yaml');
const receiver = new Receiver();
const processes = new Map<Name, IsothermProcess>();
const wrong: string[] = [];
let turn = 0;
process.exit(await main(commit));

async function main(from: string): Promise<number> {
  mkdirSync(dataDir);
  const postgres = await startEmbeddedPostgres({ dataDir: join(root, 'database'), time: systemTime });
  const env = { DATABASE_URL: postgres.url, ISOTHERM_LOG_LEVEL: 'warn' };
  let load: Load | null = null;
  let database: Database | null = null;
  try {
    const secret = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
    const channels = [{ id: 'hook', kind: 'webhook', url: await receiver.start(), secret }];
    writeFileSync(config, JSON.stringify({ alerts: { channels, route: { channel: 'hook' } } }));
    const before = await programOf(from, join(root, 'before'));
    const now = await builtProgram();
    say(`program of ${from.slice(0, 8)} built`);
    const command = async (program: string, ...args: string[]) => {
      const { code, stdout, stderr } = await isotherm(args, { dataDir, env, program });
      if (code !== 0) throw new Error(`isotherm ${args.join(' ')}: ${code} ${stderr}`);
      return stdout.trim();
    };
    const begin = async (name: Name, only: string, program: string) => {
      const args = ['--only', only, '--config', config];
      processes.set(name, await startIsotherm({ command: 'serve', args, dataDir, env, program }));
    };

    await command(before, 'migrate');
    const passwords = new Map<string, string>();
    for (let n = 0; n < LOGGERS; n++) {
      const { password } = JSON.parse(await command(before, 'device', 'create', `up-${n}`)) as { password: string };
      passwords.set(`up-${n}`, password);
    }
    const token = await command(before, 'token', 'create', 'upgrade', '--role', 'admin');
    // The first one builds the page.
    for (const [name, only] of SHAPE.slice(0, 1)) await begin(name, only, before);
    await Promise.all(SHAPE.slice(1).map(([name, only]) => begin(name, only, before)));
    say(`${SHAPE.length} processes of it run`);

    const next = (part: string) => {
      const there = SHAPE.flatMap(([name]) => (name.startsWith(part) ? (processes.get(name) ?? []) : []));
      return there[turn++ % there.length];
    };
    // As a balancer: to one that is there.
    const mqttUrl = () => next('broker')?.mqttUrl ?? 'mqtt://127.0.0.1:9';
    const httpUrl = () => next('')?.httpUrl ?? 'http://127.0.0.1:9';
    const base = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 60 * 3_600_000;
    load = new Load({ passwords, mqttUrl, httpUrl, token, base });
    await new Api(httpUrl(), token).send('POST', '/shipments', load.shipment());
    load.start();
    await step('before anything', load, () => pause(3 * besideMs));
    await step('migrate', load, () => command(now, 'migrate'));
    for (const [name, only] of SHAPE) {
      await step(name, load, async () => {
        const old = processes.get(name);
        // What it has under way ends with it; nothing new is led to it.
        processes.delete(name);
        const began = performance.now();
        const code = await old?.stop();
        const stopped = performance.now();
        if (code !== 0) wrong.push(`${name} of before ended with ${code}: ${old?.log().slice(-500)}`);
        await begin(name, only, now);
        await pause(besideMs);
        return `stopped in ${ms(stopped - began)}, the new one ready after ${ms(performance.now() - besideMs - stopped)}`;
      });
    }
    await step('all of this version', load, () => pause(besideMs));
    await load.end();
    database = await openDatabase({ url: postgres.url, logger: silentLogger, time: systemTime, maxConnections: 2 });
    await compare(load, database, new Api(httpUrl(), token));
    await command(now, 'audit', 'verify');
    for (const [name, one] of processes) {
      const code = await one.stop();
      if (code !== 0) wrong.push(`${name} ended with ${code}`);
    }
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    if (new Set(ids).size !== ids.length) wrong.push(`${ids.length - new Set(ids).size} messages twice`);
  } catch (error) {
    wrong.push(String(error instanceof Error ? error.stack : error));
    for (const [name, one] of processes) wrong.push(`${name}: ${one.log().split('\n').slice(-5).join('\n')}`);
  } finally {
    await Promise.all([...processes.values()].map((one) => one.stop()));
    await database?.close();
    await receiver.stop();
    await postgres.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
  for (const text of wrong) process.stderr.write(`WRONG ${text}\n`);
  return wrong.length === 0 ? 0 : 1;
}

/** Plays it and says what was acknowledged meanwhile, and after how long. */
async function step(what: string, { acknowledgements }: Load, work: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  const outcome = await work();
  const took = ms(performance.now() - began);
  const waits = Object.entries(acknowledgements).map(([door, all]) => {
    const waited = waitsOf(all.filter(({ at }) => at >= began));
    return `${door} ${waited.length} acknowledged, p99 ${ms(quantile(waited, 0.99))}, longest ${ms(quantile(waited, 1))}`;
  });
  say(
    `${what}: ${took}${typeof outcome === 'string' && /stopped/.test(outcome) ? ` (${outcome})` : ''}; ${waits.join('; ')}`,
  );
}

async function compare(load: Load, database: Database, api: Api): Promise<void> {
  const counts = { readings: 0, lost: 0, doubled: 0, differing: 0 };
  const stored = async (device: string) => {
    const { rows } = await database.query<{ time: number; value: number }>(
      `SELECT (extract(epoch FROM r.time) * 1000)::float8 AS time, r.value FROM devices AS d
       CROSS JOIN LATERAL readings_between(d.id, $2::int2, '-infinity', 'infinity') AS r WHERE d.name = $1`,
      [device, TEMPERATURE],
    );
    return rows;
  };
  for (const [device, sent] of load.sent) {
    const rows = await eventually(
      `what ${device} sent is stored`,
      () => stored(device),
      (found) => new Set(found.map(({ time }) => time)).size >= sent.size,
    ).catch(() => stored(device));
    const times = new Set(rows.map(({ time }) => time));
    counts.readings += sent.size;
    counts.lost += [...sent.keys()].filter((time) => !times.has(time)).length;
    counts.doubled += rows.length - times.size;
    counts.differing += rows.filter(({ time, value }) => sent.get(time) !== value).length;
  }
  say(
    `${counts.readings} readings acknowledged: ${counts.lost} lost, ${counts.doubled} doubled, ${counts.differing} differing`,
  );
  if (counts.lost + counts.doubled + counts.differing > 0) wrong.push('readings');

  interface Alert {
    readonly id: string;
    readonly rule: { readonly id: string };
    readonly subject: { readonly device?: string };
  }
  const expected = load.devices.reduce((sum, device) => sum + load.excursionsOf(device), 0);
  const ofLoad = ({ subject }: Alert) => subject.device?.startsWith('up-') === true;
  const ofExcursion = ({ rule }: Alert) => rule.id === 'too-warm-2-8';
  const opened = () =>
    receiver.received.flatMap(({ body }) => {
      const { type, data } = JSON.parse(body) as { type: string; data: { alert: Alert } };
      return type === 'alert.opened' && ofLoad(data.alert) ? [data.alert.id] : [];
    });
  const alerts = await eventually(
    'each excursion is an alert',
    async () => (await api.all<Alert>('/alerts')).filter(ofLoad),
    (found) => found.filter(ofExcursion).length >= expected,
  );
  await eventually(
    'each alert was told',
    async () => new Set(opened()).size,
    (told) => told >= alerts.length,
  ).catch((error: Error) => wrong.push(error.message));
  const told = opened();
  const untold = alerts.filter(({ id }) => !told.includes(id)).length;
  const found = alerts.filter(ofExcursion).length;
  const others = [...new Set(alerts.filter((alert) => !ofExcursion(alert)).map(({ rule }) => rule.id))];
  const twice = told.length - new Set(told).size;
  say(
    `${expected} excursions: ${found} alerts of them and ${alerts.length - found} others (${others.join(', ')}); ` +
      `${told.length} told as new, ${twice} of them twice, ${untold} never; ${receiver.received.length} messages in all`,
  );
  if (found !== expected) wrong.push(`${found} alerts of ${expected} excursions`);
  if (untold > 0 || twice > 0) wrong.push('an alert was told twice, or never');
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

function say(text: string): void {
  process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${text}\n`);
}
