import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { systemTime } from '../domain/index.ts';
import { AcknowledgedPublisher } from './acknowledged-publisher.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';
import { systemPart } from './parts.ts';
import { freePort } from './testing/free-port.ts';

/*
 * deploy/compose without an engine: two PostgreSQL by its start script, processes of Isotherm with the environment and the
 * secrets of its services, and its balancer in front, all on loopback. Then one after another is killed.
 */

const program = systemPart('pg_basebackup');
const haproxy = systemPart('haproxy');
const isMissing = program === null || haproxy === null;

const root = mkdtempSync(join(tmpdir(), 'isotherm-large-'));
// PostgreSQL refuses to be root, and has to come through.
chmodSync(root, 0o755);
const folder = join(root, 'compose');
const dataDir = join(root, 'data');
const compose = parse(readFileSync(join(import.meta.dirname, '../deploy/compose/docker-compose.yml'), 'utf8'), {
  merge: true,
}) as { services: Record<string, { command: string[]; environment: Record<string, string>; image: string }> };

const servers = new Map<string, ChildProcess>();
const processes = new Map<string, IsothermProcess>();
const ports: Record<string, number> = {};
let balancer: ChildProcess | undefined;
let balancerPorts = { mqtt: 0, http: 0 };

/** Of a service as Compose would give it, with addresses on loopback. */
function environmentOf(name: string): Record<string, string> {
  const given = Object.entries(compose.services[name]?.environment ?? {});
  return Object.fromEntries(
    given.map(([key, value]) => [
      key,
      value
        .replace('/run/secrets', join(folder, 'secrets'))
        .replaceAll('0.0.0.0', '127.0.0.1')
        .replace(/\$\{INSIDE_SUBNET\}/, '127.0.0.0/8')
        .replace(/\$\{PUBLIC_URL\}/, 'http://localhost:8080')
        .replace(/\$\{READINGS_PACK\}/, 'true'),
    ]),
  );
}

/** The image's entrypoint in a few lines: a cluster where there is none, what is to be done once in it, then the server. */
const ENTRYPOINT = `#!/bin/bash
set -euo pipefail
shift
export PGHOST=$RUN
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username=postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile="$POSTGRES_PASSWORD_FILE" -D "$PGDATA" >/dev/null
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -k $RUN -p 5432" -w start >/dev/null
  bash ${join(folder, 'postgres/first.sh')}
  pg_ctl -D "$PGDATA" -m fast -w stop >/dev/null
fi
exec postgres -D "$PGDATA" -p "$PORT" -k "$RUN" -c listen_addresses=127.0.0.1 "$@"
`;

/** Starts a node as its container would be started. */
function startNode(name: string): { readonly child: ChildProcess; said(): string } {
  const bin = dirname(program ?? '');
  const run = join(root, `run-${name}`);
  mkdirSync(run, { recursive: true });
  const as = account();
  if (as !== undefined) chownSync(run, as.uid, as.gid);
  const settings = ['-c', 'shared_buffers=16MB', '-c', 'wal_keep_size=64MB', '-c', 'max_connections=200'];
  const child = spawn('bash', [join(folder, 'postgres/start.sh'), 'postgres', ...settings], {
    cwd: run,
    ...as,
    // All its processes go together where it is killed.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: `${join(root, 'bin')}:${bin}:/usr/bin:/bin`,
      // Where it is only unpacked its libpq lies beside it.
      LD_LIBRARY_PATH: join(bin, '../../../x86_64-linux-gnu'),
      NODE: name,
      // On one address the ports tell the nodes apart.
      SELF: `127.0.0.1:${ports[name]}`,
      FIRST: 'postgres-a',
      PEERS: ['postgres-a', 'postgres-b', 'postgres-c'].map((one) => `127.0.0.1:${ports[one]}`).join(' '),
      PGDATA: join(run, 'data'),
      PGPASS_AT: join(run, 'pgpass'),
      RUN: run,
      PORT: String(ports[name]),
      SECRETS: join(folder, 'secrets'),
      POSTGRES_PASSWORD_FILE: join(folder, 'secrets/postgres_password'),
    },
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  servers.set(name, child);
  return { child, said: () => said };
}

/** Whom PostgreSQL runs as where the tests are root: anybody with a name, since initdb asks for it. */
function account(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [, , uid = '', gid = ''] =
    /^(postgres|nobody):.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function ask(name: string, text: string): Promise<unknown> {
  const password = readFileSync(join(folder, 'secrets/postgres_password'), 'utf8');
  const client = new pg.Client({
    host: '127.0.0.1',
    port: ports[name] ?? 0,
    user: 'postgres',
    password,
    database: 'postgres',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(text);
    return Object.values(rows[0] ?? {})[0];
  } catch {
    return null;
  } finally {
    await client.end().catch(() => {});
  }
}

async function startPart(name: string): Promise<void> {
  const args = compose.services[name]?.command.slice(1) ?? [];
  processes.set(name, await startIsotherm({ command: 'serve', args, dataDir, env: environmentOf(name) }));
}

/** Its file, with the addresses of the processes that run here; the others are as if they were not there. */
async function startBalancer(): Promise<void> {
  balancerPorts = { mqtt: await freePort(), http: await freePort() };
  const alive = await freePort();
  const file = join(folder, 'haproxy.cfg');
  const text = readFileSync(file, 'utf8')
    .replaceAll(/server (\S+) \S+:(1883|8080) check( port 8080)?/g, (_, name: string, port: string, checked = '') => {
      const { httpUrl = '', mqttUrl = '' } = processes.get(name) ?? {};
      const [http, mqtt] = [httpUrl, mqttUrl].map((url) => (url === '' ? '9' : new URL(url).port));
      return `server ${name} 127.0.0.1:${port === '1883' ? mqtt : http} check${checked === '' ? '' : ` port ${http}`}`;
    })
    // As many as a laptop may open; a container is given more.
    .replace('maxconn 40000', 'maxconn 1000')
    .replace('bind :1883', `bind 127.0.0.1:${balancerPorts.mqtt}`)
    .replace('bind :8080', `bind 127.0.0.1:${balancerPorts.http}`)
    .replace('127.0.0.1:8404', `127.0.0.1:${alive}`);
  writeFileSync(file, text);
  balancer = spawn(haproxy ?? '', ['-f', file], { stdio: 'ignore' });
  await eventually(
    'the balancer leads to a web process that is ready',
    () =>
      fetch(`http://127.0.0.1:${balancerPorts.http}/readyz`).then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
  );
}

const base = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
let publisher: AcknowledgedPublisher;
let api: Api;
let next = 0;

/** One reading through the balancer, sent until it is acknowledged. @returns seconds that took */
async function acknowledged(): Promise<number> {
  const began = systemTime.monotonic();
  const publication = {
    device: 'large-1',
    payload: JSON.stringify([{ time: base + next++ * 60_000, temperature: 5 }]),
  };
  await eventually(
    'the reading is acknowledged',
    async () => {
      await publisher.publish(`mqtt://127.0.0.1:${balancerPorts.mqtt}`, [publication], () => {});
      return publisher.acknowledged.has(publication);
    },
    (isKnown) => isKnown,
    120_000,
  );
  return (systemTime.monotonic() - began) / 1_000;
}

function stored(count: number): Promise<unknown> {
  return eventually(
    `${count} readings are on the page`,
    () => api.all(`/readings?device=large-1&metric=temperature&from=${base}&to=${base + 3_600_000}`),
    (items) => items.length === count,
  );
}

beforeAll(async () => {
  if (isMissing) return;
  cpSync(join(import.meta.dirname, '../deploy/compose'), folder, { recursive: true });
  mkdirSync(dataDir);
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin/docker-entrypoint.sh'), ENTRYPOINT, { mode: 0o755 });
  for (const name of ['postgres-a', 'postgres-b', 'postgres-c']) ports[name] = await freePort();
  const hosts = Object.values(ports)
    .map((port) => `127.0.0.1:${port}`)
    .join(',');
  execFileSync('sh', ['make-secrets.sh'], { cwd: folder, env: { ...process.env, PGHOSTS: hosts } });
  // Docker binds the files themselves; the folder around them is closed.
  chmodSync(join(folder, 'secrets'), 0o755);
});

afterAll(async () => {
  balancer?.kill();
  await Promise.all([...processes.values()].map((one) => one.stop()));
  for (const { pid, exitCode, signalCode } of servers.values())
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

test.skipIf(isMissing)(
  'a primary and a stand-by come up by themselves, and nothing is committed on one alone',
  async () => {
    const first = startNode('postgres-a');
    startNode('postgres-b');
    const standby = await eventually(
      'the stand-by follows',
      () =>
        ask('postgres-a', "SELECT application_name FROM pg_stat_replication WHERE application_name LIKE 'postgres-%'"),
      (name) => name !== null && name !== undefined,
      120_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${first.said()}`);
    });
    expect(standby).toBe('postgres-b');
    expect(await ask('postgres-a', 'SHOW synchronous_standby_names')).toMatch(/^ANY 1/);
    expect(await ask('postgres-b', 'SELECT pg_is_in_recovery()')).toBe(true);
  },
  180_000,
);

test.skipIf(isMissing)(
  'the services of Compose take what comes in at the balancer, and show it there',
  async () => {
    const env = environmentOf('setup');
    expect(await isotherm(['migrate'], { dataDir, env })).toMatchObject({ code: 0 });
    const created = ['user', 'create', 'admin', '--role', 'admin', '--password-stdin', '--if-absent'];
    const stdin = readFileSync(join(folder, 'secrets/first_admin_password'), 'utf8');
    expect(await isotherm(created, { dataDir, env, stdin })).toMatchObject({ code: 0 });
    const device = await isotherm(['device', 'create', 'large-1'], { dataDir, env: environmentOf('web-1') });
    const { password } = JSON.parse(device.stdout) as { password: string };
    publisher = new AcknowledgedPublisher(new Map([['large-1', password]]));
    const token = await isotherm(['token', 'create', 'large', '--role', 'admin'], {
      dataDir,
      env: environmentOf('web-1'),
    });

    // The first from a checkout builds the page.
    await startPart('broker-1');
    await Promise.all(['broker-2', 'ingest-1', 'storage-1', 'web-1'].map(startPart));
    await startBalancer();
    api = new Api(`http://127.0.0.1:${balancerPorts.http}`, token.stdout.trim());
    await acknowledged();
    await stored(1);
    // How it is doing is nobody's business but whoever has the token.
    expect((await fetch(`http://127.0.0.1:${balancerPorts.http}/metrics`)).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${balancerPorts.http}/healthz`)).status).toBe(200);
  },
  400_000,
);

test.skipIf(isMissing)(
  'a broker that is killed is not led to any more, and nothing that was acknowledged is lost',
  async () => {
    await processes.get('broker-1')?.kill();
    processes.delete('broker-1');
    const took = await acknowledged();
    process.stdout.write(`a broker killed: the next acknowledgement ${took.toFixed(1)} s later\n`);
    await stored(2);
  },
  400_000,
);

test.skipIf(isMissing)(
  'the primary is killed, the stand-by promoted: it goes on by itself, and the former one does not come back',
  async () => {
    const primary = servers.get('postgres-a');
    process.kill(-(primary?.pid ?? 0), 'SIGKILL');
    if (primary?.exitCode === null && primary.signalCode === null) await once(primary, 'exit');
    // Nobody waits for a second stand-by: this is what docs/compose.md says to whoever has lost two of three.
    const began = systemTime.monotonic();
    expect(await ask('postgres-b', 'SELECT pg_promote()')).toBe(true);
    await ask('postgres-b', "ALTER SYSTEM SET synchronous_standby_names = ''");
    await ask('postgres-b', 'SELECT pg_reload_conf()');
    await acknowledged();
    const took = (systemTime.monotonic() - began) / 1_000;
    process.stdout.write(
      `the primary killed: the next acknowledgement ${took.toFixed(1)} s after the promotion began\n`,
    );
    await stored(3);

    // kill -9 of the server leaves its lock file; its number is nobody's by now.
    const again = startNode('postgres-a');
    const [code] = (await once(again.child, 'exit')) as [number];
    expect({ code, said: again.said() }).toEqual({
      code: 1,
      said: expect.stringContaining('is now: two would part ways'),
    });
    // With an empty volume it becomes a stand-by of the new primary.
    rmSync(join(root, 'run-postgres-a/data'), { recursive: true });
    startNode('postgres-a');
    await eventually(
      'the former primary follows',
      () =>
        ask('postgres-b', "SELECT application_name FROM pg_stat_replication WHERE application_name LIKE 'postgres-%'"),
      (name) => name === 'postgres-a',
      120_000,
    );
    expect(existsSync(join(root, 'run-postgres-a/data/standby.signal'))).toBe(true);
  },
  300_000,
);
