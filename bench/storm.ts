/**
 * A storm over the real program: so many devices of one site are out of range and then silent within a minute. How many
 * notifications a route has of it, what they count, how fast its alerts are opened, and how long the inbox, an alert and
 * the statistics take meanwhile; then all come back, and its end is told once.
 *
 *   node bench/storm.ts [DEVICES]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts } from '../access/index.ts';
import { Receiver } from '../alerts/testing/receiver.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase, runningEmbeddedUrl } from '../storage/index.ts';
import { startIsotherm } from '../tests/isotherm-process.ts';

const DEVICES = Number(process.argv[2]) || 5_000;
const SITE = 'site:berlin';
const RULES = `rules:
  - { id: at-once, kind: threshold, metric: temperature, above: 8, severity: critical }
  - { id: silent, kind: silence, metric: temperature, after: 30s, severity: warning }
`;
/** Two routes: one for people, one for machines; each groups what happens at one site. */
const ROUTING = `route:
  name: all
  to: [{ channel: people }]
  group: { by: [site], wait: 90s, interval: 1m }
  repeat: never
  routes:
    - { name: machines, to: [{ channel: machines }], group: { by: [site], wait: 90s, interval: 1m }, repeat: never, continue: true }
    - { name: rest }
`;

interface Told {
  readonly type: string;
  readonly channel: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly at: number;
}

const receivers = { people: new Receiver(), machines: new Receiver() };
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-storm-'));
let hotAt: number | null = null;
const started = systemTime.monotonic();
const say = (text: string) => {
  const seconds = ((systemTime.monotonic() - started) / 1_000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${text}  (load ${loadavg()[0]?.toFixed(1)})\n`);
};
const channels: object[] = [];
for (const [id, receiver] of Object.entries(receivers)) {
  const secret = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
  channels.push({ id, kind: 'webhook', url: await receiver.start(), secret });
}
writeFileSync(join(dataDir, 'rules.yaml'), RULES);
writeFileSync(join(dataDir, 'routing.yaml'), ROUTING);
const alerts = { channels, routing: 'routing.yaml' };
writeFileSync(join(dataDir, 'isotherm.yaml'), JSON.stringify({ rules: { file: 'rules.yaml' }, alerts }));
const args = ['--config', join(dataDir, 'isotherm.yaml')];
const platform = await startIsotherm({ command: 'serve', args, dataDir, env: { ISOTHERM_LOG_LEVEL: 'error' } });
const url = await runningEmbeddedUrl(dataDir);
if (url === null) throw new Error('the platform runs without its database');
const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
try {
  const accounts = new Accounts({ database, time: systemTime });
  const token = await accounts.tokens.create({ name: 'bench', role: 'admin' });
  const headers = { authorization: `Bearer ${token}` };
  await allAtOneSite();
  const names = Array.from({ length: DEVICES }, (_, n) => `storm-${n}`);
  const send = async (celsius: number) => {
    const now = Date.now();
    for (let from = 0; from < DEVICES; from += 1_000) {
      const lines = names.slice(from, from + 1_000).map((name) => `air,device=${name} temperature=${celsius} ${now}`);
      const body = lines.join('\n');
      const path = `${platform.httpUrl}/api/v2/write?precision=ms`;
      const { status } = await fetch(path, { method: 'POST', headers, body });
      if (status !== 204) throw new Error(`readings were answered ${status}`);
    }
  };
  await send(5);
  await sleep(5_000);
  say(`${DEVICES} devices of ${SITE} are heard; now all are at 12 °C, and then silent`);
  await send(12);
  // A reading holds until the next one: the second shows that the first lasted.
  await sleep(3_000);
  await send(12);
  const sentAt = systemTime.monotonic();
  const page = { isOn: true, inbox: [] as number[], alert: [] as number[], statistics: [] as number[] };
  const looking = lookAt(page, headers);
  const opened = await until(`${2 * DEVICES} alerts`, 600_000, async () => {
    const { rows } = await database.query<{ hot: number; silent: number }>(
      `SELECT count(*) FILTER (WHERE rule = 'at-once')::int AS hot, count(*) FILTER (WHERE rule = 'silent')::int AS silent FROM alerts`,
    );
    const { hot = 0, silent = 0 } = rows[0] ?? {};
    if (hot >= DEVICES && hotAt === null) {
      hotAt = systemTime.monotonic();
      say(
        `${hot} excursions are alerts: ${Math.round((hot * 1_000) / (hotAt - sentAt))} alerts/s since they were sent`,
      );
    }
    return hot >= DEVICES && silent >= DEVICES;
  });
  say(`and ${DEVICES} silences: ${Math.round((opened - sentAt) / 1_000)} s after the last reading`);
  await until('the groups are told of all', 200_000, async () =>
    everyRoute((all) => all.some(({ counts }) => (counts.alerts ?? 0) >= 2 * DEVICES)),
  );
  page.isOn = false;
  await looking;
  for (const one of told()) say(`${one.channel}: ${one.type} ${JSON.stringify(one.counts)}`);
  for (const what of ['inbox', 'alert', 'statistics'] as const) {
    const sorted = page[what].toSorted((a, b) => a - b);
    const quantile = (q: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(0);
    say(`${what} meanwhile: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms of ${sorted.length}`);
  }
  const before = told().length;
  // Back in range and heard again, for as long as it takes to be told.
  const backAt = systemTime.monotonic();
  let sendAgain = 0;
  await until('the end is told on every route', 600_000, async () => {
    if (systemTime.monotonic() > sendAgain) {
      await send(5);
      sendAgain = systemTime.monotonic() + 15_000;
    }
    return everyRoute((all) => all.some(({ type }) => type === 'group.ended'));
  });
  say(`its end was told ${Math.round((systemTime.monotonic() - backAt) / 1_000)} s after all came back`);
  for (const one of told().slice(before)) say(`${one.channel}: ${one.type} ${JSON.stringify(one.counts)}`);
} finally {
  await database.close();
  await platform.stop();
  for (const receiver of Object.values(receivers)) await receiver.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function allAtOneSite(): Promise<void> {
  await database.query(
    `INSERT INTO places (id, kind, name, zone, position) VALUES ($1, 'site', 'Berlin', 'Europe/Berlin', 1)`,
    [SITE],
  );
  await database.query(
    `INSERT INTO attachments_histories (history, value, since, until, position, source, holds) VALUES (1, $1, 0, NULL, 1, 'bench', true)`,
    [SITE],
  );
  await database.query(
    `INSERT INTO attachments_members (subject, history) SELECT 'storm-' || n, 1 FROM generate_series(0, $1::int - 1) AS n`,
    [DEVICES],
  );
}

function told(): readonly Told[] {
  const all: Told[] = [];
  for (const [channel, { received }] of Object.entries(receivers)) {
    for (const { body } of received) {
      const { type, data } = JSON.parse(body) as { type: string; data: { group?: { counts: Told['counts'] } } };
      all.push({ type, channel, counts: data.group?.counts ?? {}, at: 0 });
    }
  }
  return all;
}

function everyRoute(holds: (all: readonly Told[]) => boolean): boolean {
  return Object.keys(receivers).every((id) => holds(told().filter(({ channel }) => channel === id)));
}

/** As a page does, one request after the other, four times a second. */
async function lookAt(
  page: { isOn: boolean; inbox: number[]; alert: number[]; statistics: number[] },
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const ask = async (path: string, into: number[]) => {
    const from = systemTime.monotonic();
    const response = await fetch(`${platform.httpUrl}/api/v1${path}`, { headers });
    const body = (await response.json()) as { items?: { id: string }[] };
    into.push(systemTime.monotonic() - from);
    if (response.status !== 200) throw new Error(`${path} was answered ${response.status}`);
    return body;
  };
  while (page.isOn) {
    const { items = [] } = await ask('/alerts?state=open&limit=50', page.inbox);
    if (items[0] !== undefined) await ask(`/alerts/${items[0].id}`, page.alert);
    await ask('/statistics/alerts?by=rule', page.statistics);
    await sleep(250);
  }
}

async function until(what: string, mostMs: number, isTrue: () => Promise<boolean> | boolean): Promise<number> {
  for (const end = systemTime.monotonic() + mostMs; systemTime.monotonic() < end; ) {
    if (await isTrue()) return systemTime.monotonic();
    await sleep(250);
  }
  for (const one of told()) say(`${one.channel}: ${one.type} ${JSON.stringify(one.counts)}`);
  throw new Error(`waited ${mostMs / 1_000} s for: ${what}`);
}
