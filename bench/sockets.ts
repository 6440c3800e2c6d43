/**
 * Many open pages: 1,000 sockets over the real program, each in the room of a logger of its own, at 10,000 readings a second in all. How long
 * a reading takes from its publishing to the socket that watches it, and what becomes of the others when one page freezes.
 *
 *   node bench/sockets.ts [SOCKETS] [READINGS_A_SECOND] [SECONDS] [READINGS_A_MESSAGE]
 *
 * A room is told at most four times a second, the newest value of each key: what a newer one replaced is not waited for.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { Accounts } from '../access/index.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase, runningEmbeddedUrl } from '../storage/index.ts';
import { type IsothermProcess, startIsotherm } from '../tests/isotherm-process.ts';
import { spentMs } from './cpu.ts';

const TARGET_P99_MS = 300;
const AT_ONCE = 50;
/** Engine.IO pings every 25 s and waits 20 s for an answer. */
const CUT_WITHIN_MS = 50_000;

interface Order {
  readonly url: string;
  /** Of each logger. */
  readonly passwords: readonly string[];
  readonly rate: number;
  readonly each: number;
  readonly seconds: number;
}

interface Sent {
  readonly readings: number;
  readonly acknowledged: number;
  /** From publishing to PUBACK, which is sent once the readings are committed; p50 and p99, ms. */
  readonly durable: readonly [number, number];
  readonly seconds: number;
}

if (process.argv[2] === 'publisher') {
  // They stay connected from one order to the next.
  const clients: mqtt.MqttClient[] = [];
  process.on('message', (order: Order) => void publish(order, clients));
} else {
  const [sockets, rate, seconds, each] = [2, 3, 4, 5].map((index) => Number(process.argv[index]));
  await measure({ sockets: sockets || 1_000, rate: rate || 10_000, seconds: seconds || 60, each: each || 5 });
}

interface Asked {
  readonly sockets: number;
  readonly rate: number;
  readonly seconds: number;
  readonly each: number;
}

async function measure({ sockets: count, rate, seconds, each }: Asked): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
  const most = String(count + 100);
  const platform = await startIsotherm({
    command: 'serve',
    dataDir,
    env: {
      ISOTHERM_LOG_LEVEL: 'error',
      ISOTHERM_HTTP_MAX_CONNECTIONS: most,
      ISOTHERM_HTTP_MAX_CONNECTIONS_PER_ADDRESS: most,
    },
  });
  const databaseUrl = await runningEmbeddedUrl(dataDir);
  if (databaseUrl === null) throw new Error('the platform runs without its database');
  const database = await openDatabase({ url: databaseUrl, logger: silentLogger, time: systemTime });
  const publisher = fork(new URL(import.meta.url), ['publisher']);
  const watching: Socket[] = [];
  try {
    const accounts = new Accounts({ database, time: systemTime });
    // The platform lets nobody in before there is somebody who can run it.
    await accounts.users.create({ name: 'admin', role: 'admin', password: 'a few odd words' });
    const token = await accounts.tokens.create({ name: 'bench', role: 'logistics' });
    const passwords: string[] = [];
    for (let n = 0; n < count; n++)
      passwords.push(await accounts.credentials.create(`logger-${n}`, { kind: 'device' }));
    const url = platform.mqttUrl;
    const took: number[] = [];
    const lost: number[] = [];
    const opened = performance.now();
    for (let n = 0; n < count - 1; n += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - 1 - n) }, (_, k) => n + k);
      watching.push(...(await Promise.all(some.map((device) => watch(platform, token, device)))));
    }
    const last = count - 1;
    const frozen = await freeze(platform, token, last);
    console.log(
      `${count} sockets open in ${((performance.now() - opened) / 1_000).toFixed(1)} s, each in a room of its own`,
    );
    for (const [n, socket] of watching.entries()) {
      socket.on('readings', ({ readings }: { readings: { time: string }[] }) => {
        const now = Date.now();
        for (const { time } of readings) took.push(now - Date.parse(time));
      });
      socket.on('disconnect', () => lost.push(n));
    }
    // So that what is still being compiled and rolled out does not count.
    await run(publisher, { url, passwords, rate, each, seconds: 5 });
    took.length = 0;
    const before = await spentMs(database, platform.pid);
    const sent = await run(publisher, { url, passwords, rate, each, seconds });
    const after = await spentMs(database, platform.pid);
    if (took.length === 0) throw new Error('no reading reached a socket');
    const at = (share: number) => Math.round(quantile(took, share));
    const published = sent.readings / sent.seconds;
    console.log(
      `${Math.round(published)} readings/s published (${(published / rate).toFixed(2)} of ${rate} asked), ${sent.acknowledged === sent.readings ? 'all' : sent.acknowledged} acknowledged, ` +
        `in messages of ${each}; ${Math.round(took.length / sent.seconds)} values/s reached ${watching.length} sockets`,
    );
    console.log(
      `reading to socket, ms: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)} (asked: under ${TARGET_P99_MS}; ${(at(0.99) / TARGET_P99_MS).toFixed(2)} of it), worst ${at(1)}; ` +
        `of that to PUBACK p50 ${Math.round(sent.durable[0])}, p99 ${Math.round(sent.durable[1])}`,
    );
    console.log(
      `processor time a thousand readings: platform ${(((after.ours - before.ours) * 1_000) / sent.readings).toFixed(1)} ms, ` +
        `database ${(((after.database - before.database) * 1_000) / sent.readings).toFixed(1)} ms; load ${loadavg()[0]?.toFixed(1)}`,
    );
    const cutAfter = await Promise.race([frozen.cut, sleep(CUT_WITHIN_MS, null)]);
    console.log(
      `the frozen one was ${cutAfter === null ? 'NOT cut' : `cut ${(cutAfter / 1_000).toFixed(0)} s after it froze`}; ${lost.length} of the other ${watching.length} were; ` +
        `the platform counts ${await openSockets(platform)} open`,
    );
  } finally {
    publisher.kill();
    for (const socket of watching) socket.close();
    await database.close();
    await platform.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function watch({ httpUrl }: IsothermProcess, token: string, n: number): Promise<Socket> {
  const socket = io(`${httpUrl}/live`, {
    auth: { token },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  const { ok } = (await socket.timeout(30_000).emitWithAck('subscribe', { room: `device:logger-${n}` })) as {
    ok: boolean;
  };
  if (!ok) throw new Error(`no room of logger-${n}`);
  return socket;
}

/** A page that is there and takes nothing more. `cut`: how long after that the platform let go of it, ms. */
async function freeze(platform: IsothermProcess, token: string, n: number): Promise<{ readonly cut: Promise<number> }> {
  const socket = new WebSocket(`${platform.httpUrl.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      // Engine.IO is open, then the namespace, then the room is joined (Socket.IO's protocol, version 5).
      if (text.startsWith('0')) socket.send(`40/live,${JSON.stringify({ token })}`);
      else if (text.startsWith('40/live,')) socket.send(`42/live,0["subscribe",{"room":"device:logger-${n}"}]`);
      else if (text.startsWith('43/live,0')) resolve();
    });
  });
  socket.pause();
  const since = performance.now();
  const open = await openSockets(platform);
  const cut = (async () => {
    while ((await openSockets(platform)) >= open) await sleep(250);
    return performance.now() - since;
  })();
  return { cut };
}

async function openSockets({ httpUrl }: IsothermProcess): Promise<number> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(/^isotherm_dashboards_sockets(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1]);
}

function run(publisher: ChildProcess, order: Order): Promise<Sent> {
  return new Promise((resolve, reject) => {
    publisher.once('message', (sent: Sent) => resolve(sent));
    publisher.once('exit', (code) => reject(new Error(`the publisher ended with ${code}`)));
    publisher.send(order);
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** In a process of its own: every device speaks in turn, evenly over time, and signs in for itself. */
async function publish({ url, passwords, rate, each, seconds }: Order, clients: mqtt.MqttClient[]): Promise<void> {
  const devices = passwords.length;
  for (let n = clients.length; n < devices; n += AT_ONCE) {
    const some = passwords.slice(n, n + AT_ONCE).map((password, k) => {
      const id = `logger-${n + k}`;
      return mqtt.connectAsync(url, { clientId: id, username: id, password });
    });
    clients.push(...(await Promise.all(some)));
  }
  const sent: Promise<unknown>[] = [];
  const [messages, apart] = [rate / each, (1_000 * devices) / rate];
  const durable: number[] = [];
  let acknowledged = 0;
  const from = performance.now();
  for (let n = 0; performance.now() - from < seconds * 1_000; ) {
    for (const due = ((performance.now() - from) / 1_000) * messages; n < due; n++) {
      const now = Date.now();
      const readings = Array.from({ length: each }, (_, k) => ({
        time: Math.round(now - (each - 1 - k) * apart),
        temperature: 4 + (n % 30) / 10,
      }));
      const topic = `isotherm/v1/devices/logger-${n % devices}/readings`;
      const published = performance.now();
      const told = clients[n % devices]?.publishAsync(topic, JSON.stringify(readings), { qos: 1 });
      if (told !== undefined)
        sent.push(
          told.then(() => {
            acknowledged += each;
            durable.push(performance.now() - published);
          }),
        );
    }
    await sleep(10);
  }
  const took = (performance.now() - from) / 1_000;
  await Promise.all(sent);
  const readings = sent.length * each;
  process.send?.({
    readings,
    acknowledged,
    seconds: took,
    durable: [quantile(durable, 0.5), quantile(durable, 0.99)],
  } satisfies Sent);
}
