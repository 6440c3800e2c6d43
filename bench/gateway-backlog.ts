/**
 * How fast 200,000 tags that a reader held over an outage are where they belong: reader, gateway with its spool, then
 * the platform as `isotherm serve` runs it: broker, intake, log, tracer, database. Once without a portal, so that they are
 * only kept, and once as 2,000 pallets of 50 tags, seen by both antennas, through a portal that forms and judges passes.
 *
 *   node bench/gateway-backlog.ts
 *
 * Prints when the reader has handed over, when the last batch is acknowledged and when the last row is in the database.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts } from '../access/index.ts';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Gateway, parseGatewayConfig } from '../gateways/index.ts';
import { SimulatedReader, type SimulatedSighting } from '../simulators/reader/index.ts';
import { type Database, openDatabase, runningEmbeddedUrl } from '../storage/index.ts';
import { startIsotherm } from '../tests/isotherm-process.ts';

const TAGS = 200_000;
const PALLET = 50;
const PALLET_EVERY_MS = 30_000;
const LIMIT_MS = 300_000;

const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
const platform = await startIsotherm({ command: 'serve', dataDir, env: { ISOTHERM_LOG_LEVEL: 'error' } });
const url = await runningEmbeddedUrl(dataDir);
if (url === null) throw new Error('the platform runs without its database');
const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
try {
  const accounts = new Accounts({ database, time: systemTime });
  const token = await accounts.tokens.create({ name: 'bench', role: 'admin' });
  const crowd = Array.from({ length: TAGS }, (_, n) => ({ antenna: 1, epcHex: epc(n), at: n / 10 }));
  await measure('kept', 'crowd', crowd, accounts);
  await registerPortal(token);
  await measure('as passes', 'pallets', pallets(), accounts);
  const { rows } = await database.query<{ passes: string }>('SELECT count(*) AS passes FROM passes');
  console.log(`passes formed and judged: ${rows[0]?.passes} of ${TAGS / PALLET / 2}`);
} finally {
  await database.close();
  await platform.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function measure(
  name: string,
  id: string,
  reads: readonly (SimulatedSighting & { readonly at: number })[],
  accounts: Accounts,
): Promise<void> {
  const reader = new SimulatedReader({ time: systemTime, bufferTags: reads.length + 1, antennas: 2 });
  await reader.start();
  const gateway = new Gateway({
    config: parseGatewayConfig(
      {
        id,
        dataDir: join(dataDir, id),
        mqtt: { url: platform.mqttUrl, password: await accounts.credentials.create(id) },
        readers: [{ id, host: '127.0.0.1', port: reader.port, antennas: [{ antenna: 1 }, { antenna: 2 }] }],
      },
      'bench',
    ),
    ...{ time: systemTime, logger: silentLogger, meter: silentMeter },
  });
  await gateway.start();
  while (!reader.listensAt(1)) await sleep(10);
  reader.dropConnection();
  while (reader.isConnected) await sleep(1);
  const last = reads.at(-1)?.at ?? 0;
  const shift = Date.now() - 60_000 - last;
  for (const read of reads) reader.see({ ...read, at: read.at + shift });
  while (!reader.isConnected) await sleep(1);
  const from = performance.now();
  const report = (what: string) => {
    const ms = performance.now() - from;
    const rate = Math.round((reads.length * 1_000) / ms).toLocaleString('en');
    console.log(`${name}: ${what.padEnd(40)} ${String(Math.round(ms)).padStart(7)} ms  ${rate.padStart(8)} tags/s`);
  };
  const late = setTimeout(() => {
    throw new Error(`${name}: not done within ${LIMIT_MS} ms`);
  }, LIMIT_MS);
  while (reader.waitingTags > 0) await sleep(5);
  report('the reader has handed over');
  const done = { acknowledged: false };
  const acknowledged = (async () => {
    while (!done.acknowledged) {
      await sleep(20);
      done.acknowledged = gateway.status.spool.pending === 0;
    }
    report('the last batch is acknowledged');
  })();
  while ((await countOf(database, id)) < reads.length) await sleep(50);
  report('the last sighting is in the database');
  await acknowledged;
  clearTimeout(late);
  await gateway.stop();
  await reader.stop();
}

async function countOf(from: Database, reader: string): Promise<number> {
  const { rows } = await from.query<{ n: string }>('SELECT count(*) AS n FROM sightings WHERE reader = $1', [reader]);
  return Number(rows[0]?.n ?? 0);
}

function pallets(): (SimulatedSighting & { readonly at: number })[] {
  return Array.from({ length: TAGS }, (_, n) => {
    const pallet = Math.floor(n / (2 * PALLET));
    const step = n % (2 * PALLET);
    const antenna = step < PALLET ? 1 : 2;
    return { antenna, epcHex: epc(pallet * PALLET + (step % PALLET)), at: pallet * PALLET_EVERY_MS + antenna * 1_000 };
  });
}

function epc(n: number): string {
  return `3074257BF7194E40${n.toString(16).padStart(8, '0').toUpperCase()}`;
}

async function registerPortal(token: string): Promise<void> {
  const put = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${platform.httpUrl}/api/v1/${path}`, {
      method: 'PUT',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
  };
  for (const id of ['site:bench', 'site:yard']) {
    await put(`places/${encodeURIComponent(id)}`, { kind: 'site', name: id, parent: null, zone: 'UTC' });
  }
  const antennas = (['outside', 'inside'] as const).map((side, i) => ({ reader: 'pallets', antenna: i + 1, side }));
  await put('portals/bench', {
    name: 'bench',
    site: 'site:bench',
    inside: 'site:bench',
    outside: 'site:yard',
    antennas,
  });
}
