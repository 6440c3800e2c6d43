/**
 * A dock at its peak over the real program: twenty doors, each with a gateway of its own over MQTT and a pallet of 1,000 tags at a time, seen
 * by both antennas. How long after the last read of a pass its verdict with every tag is on an open page's socket.
 *
 *   node bench/dock-live.ts [DOORS] [TAGS] [SECONDS] [EVERY_MS]
 *
 * Twice: a pallet a door every ten seconds (as all day), then every EVERY_MS (4,000: the peak), each for SECONDS (60). Prints p50 and p99,
 * and the processor time of the platform and its database.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { io } from 'socket.io-client';
import { Accounts } from '../access/index.ts';
import { encodeBatch } from '../codecs/batch/index.ts';
import { type Epc, gatewayTopic, type Sighting, silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase, runningEmbeddedUrl } from '../storage/index.ts';
import { startIsotherm } from '../tests/isotherm-process.ts';
import { spentMs } from './cpu.ts';
import { pallet, through, vials } from './yard.ts';

const [doors, tags, seconds, everyMs] = [2, 3, 4, 5].map((index) => Number(process.argv[index]));
const DOORS = doors || 20;
const TAGS = tags || 1_000;
const SECONDS = seconds || 60;
const PEAK_MS = everyMs || 4_000;
const ALL_DAY_MS = 10_000;
/** What a gateway gathers before it sends. */
const GATHER_MS = 250;
/** From the first to the last read of a pass. */
const PASS_MS = 2_500;
const SITE = 'site:lyon';

const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
const platform = await startIsotherm({ command: 'serve', dataDir, env: { ISOTHERM_LOG_LEVEL: 'error' } });
const url = await runningEmbeddedUrl(dataDir);
if (url === null) throw new Error('the platform runs without its database');
const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
const accounts = new Accounts({ database, time: systemTime });
const token = await accounts.tokens.create({ name: 'bench', role: 'admin' });
const browser = io(`${platform.httpUrl}/live`, { auth: { token }, transports: ['websocket'] });
try {
  for (const id of [SITE, 'site:berlin', 'site:yard']) {
    await ask('PUT', `places/${encodeURIComponent(id)}`, { kind: 'site', name: id, parent: null, zone: 'UTC' });
  }
  const gateways = [];
  for (let n = 0; n < DOORS; n++) gateways.push(await gatewayAt(n));
  let first = 0;
  for (const [name, every] of [
    ['as all day', ALL_DAY_MS],
    ['at the peak', PEAK_MS],
  ] as const) {
    const rounds = Math.max(1, Math.floor((SECONDS * 1_000) / every));
    const count = DOORS * rounds;
    const noticed = performance.now();
    for (let n = first; n < first + count; n++) await announce(n);
    await settled();
    const serials = (count * TAGS * 1_000) / (performance.now() - noticed);
    console.log(`${count} notices of ${TAGS} serials each, one by one over the API: ${Math.round(serials)} serials/s`);
    await play(name, { gateways, first, rounds, every });
    first += count;
  }
  for (const { client } of gateways) await client.endAsync();
} finally {
  browser.close();
  await database.close();
  await platform.stop();
  await rm(dataDir, { recursive: true, force: true });
}

interface Gateway {
  readonly id: string;
  readonly portal: string;
  readonly client: mqtt.MqttClient;
  sequence: number;
}

async function play(
  name: string,
  given: {
    readonly gateways: readonly Gateway[];
    readonly first: number;
    readonly rounds: number;
    readonly every: number;
  },
): Promise<void> {
  const { gateways, first, rounds, every } = given;
  /** When the last read of the pass at a door was sent; its verdict is awaited. */
  const waiting = new Map<string, number[]>();
  const took: number[] = [];
  const onPass = ({ pass }: { pass: { id: string; portal: string; counts: { seen: number } } }) => {
    if (pass.counts.seen < TAGS || told.has(pass.id)) return;
    const sent = waiting.get(pass.portal)?.shift();
    if (sent === undefined) return;
    told.add(pass.id);
    took.push(performance.now() - sent);
  };
  const told = new Set<string>();
  browser.on('pass', onPass);
  const before = await spentMs(database, platform.pid);
  const from = performance.now();
  const passes = Array.from({ length: rounds }, (_, round) =>
    gateways.map(async (gateway, door) => {
      const starts = from + round * every + (door * every) / gateways.length;
      await sleep(Math.max(0, starts - performance.now()));
      await pass(gateway, first + round * gateways.length + door);
      const list = waiting.get(gateway.portal) ?? [];
      waiting.set(gateway.portal, [...list, performance.now()]);
    }),
  ).flat();
  await Promise.all(passes);
  const sentIn = performance.now() - from;
  for (let wait = 0; took.length < passes.length && wait < 1_200; wait++) await sleep(100);
  const after = await spentMs(database, platform.pid);
  browser.off('pass', onPass);
  const sightings = passes.length * (TAGS + 1) * 2;
  const sorted = took.toSorted((a, b) => a - b);
  const quantile = (q: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN);
  console.log(
    `${name}: ${gateways.length} doors, ${TAGS} tags each every ${every / 1_000} s, ${Math.round((sightings * 1_000) / sentIn)} sightings/s sent; ` +
      `${took.length} of ${passes.length} verdicts, ms from a pass’s last read to its verdict on a socket: p50 ${quantile(0.5)}, p99 ${quantile(0.99)}, ` +
      `worst ${quantile(1)}; processor time a thousand sightings: platform ${(((after.ours - before.ours) * 1_000) / sightings).toFixed(1)} ms, ` +
      `database ${(((after.database - before.database) * 1_000) / sightings).toFixed(1)} ms; load ${loadavg()[0]?.toFixed(1)}`,
  );
}

/** One pallet: what its gateway gathered, as it gathers it. */
async function pass(gateway: Gateway, n: number): Promise<void> {
  const began = Date.now();
  const all = through(0, [pallet(n), ...vials(n * TAGS, TAGS)]);
  const reads = all.map((read, index): Sighting => {
    const firstSeen = began + Math.floor((index * PASS_MS) / all.length);
    return { ...read, reader: `${gateway.id}-reader`, firstSeen, lastSeen: firstSeen + 100 };
  });
  for (let sent = 0; sent < reads.length; ) {
    await sleep(GATHER_MS);
    const until = reads.findIndex(({ firstSeen }) => firstSeen > Date.now());
    const part = reads.slice(sent, until < 0 ? reads.length : until);
    sent += part.length;
    await send(gateway, part);
  }
}

async function send(gateway: Gateway, sightings: readonly Sighting[]): Promise<void> {
  const at = Date.now();
  const complete = [{ reader: `${gateway.id}-reader`, at }];
  const batch = { gateway: gateway.id, sequence: ++gateway.sequence, at, sightings, gpi: [], gaps: [], complete };
  await gateway.client.publishAsync(gatewayTopic(gateway.id, 'batches'), Buffer.from(encodeBatch(batch)), { qos: 1 });
}

async function gatewayAt(n: number): Promise<Gateway> {
  const id = `gw-${n}`;
  const portal = `dock-${n}`;
  const antennas = (['outside', 'inside'] as const).map((side, i) => ({
    ...{ reader: `${id}-reader`, antenna: i + 1, side },
  }));
  await ask('PUT', `portals/${portal}`, {
    name: portal,
    site: SITE,
    inside: SITE,
    outside: 'site:yard',
    antennas,
    quiet: '1s',
  });
  const password = await accounts.credentials.create(id);
  const client = await mqtt.connectAsync(platform.mqttUrl, { clientId: id, username: id, password });
  const joined = await new Promise<{ readonly ok: boolean }>((resolve) => {
    browser.emit('subscribe', { room: `portal:${portal}` }, resolve);
  });
  if (!joined.ok) throw new Error(`no room of ${portal}`);
  return { id, portal, client, sequence: 0 };
}

async function announce(n: number): Promise<void> {
  const children: Epc[] = vials(n * TAGS, TAGS);
  const [departs, arrives] = [-2, 2].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
  await ask('POST', 'shipments', {
    ...{ id: `SHP-${n}`, profile: '2-8C', origin: 'site:berlin', destination: SITE, departs, arrives },
    units: [{ sscc: pallet(n), devices: [], children, from: departs }],
    products: [],
  });
}

async function ask(method: string, path: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${platform.httpUrl}/api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

/** The tracer has worked in all that was heard. */
async function settled(): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ behind: boolean }>(
      `SELECT coalesce(max(position), 0) > (SELECT max(position) FROM log_checkpoints WHERE consumer = 'tracer' AND family = 'trace')
         AS behind FROM log_trace`,
    );
    if (rows[0]?.behind !== true) return;
    await sleep(50);
  }
}
