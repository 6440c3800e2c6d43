/**
 * Acknowledged single-reading QoS 1 messages per second: Broker and Intake over a log that takes 5 ms a commit, beside a
 * bare aedes that acknowledges at once, turn about in one run. Publishers are a process of their own and write
 * pre-built packets with a window of unacknowledged ones, so that they cost the broker's side nothing.
 *
 * node bench/mqtt-intake.ts [seconds a round] [rounds] [readings a message]; ends by itself.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes } from 'aedes';
import mqttPacket from 'mqtt-packet';
import { Broker } from '../broker/index.ts';
import { SPEAKS_FOR_ALL, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Intake } from '../ingest/index.ts';
import { MemoryLog } from '../ingest/testing/memory-log.ts';
import { median } from './timing.ts';

const CONNECTIONS = 8;
/** Unacknowledged messages a connection: enough to fill a commit's time. */
const WINDOW = 400;
/** Packets a connection has ready; it goes round. */
const PREPARED = 20_000;
const COMMIT_MS = 5;

interface Order {
  readonly port: number;
  readonly seconds: number;
  readonly readings: number;
}

interface Report {
  readonly acknowledged: number;
  readonly seconds: number;
}

if (process.argv[2] === 'publisher') process.on('message', (order: Order) => void publish(order));
else await measure(Number(process.argv[2] ?? 4), Number(process.argv[3] ?? 2), Number(process.argv[4] ?? 1));

async function measure(seconds: number, rounds: number, readings: number): Promise<void> {
  const publisher = fork(new URL(import.meta.url), ['publisher']);
  const results: Record<'bare' | 'isotherm', number[]> = { bare: [], isotherm: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const kind of ['bare', 'isotherm'] as const) {
      const server = await (kind === 'bare' ? bareAedes() : isotherm());
      const report = await run(publisher, { port: server.port, seconds: round === 0 ? 1 : seconds, readings });
      await server.stop();
      const rate = report.acknowledged / report.seconds;
      // The first round warms up.
      if (round > 0) results[kind].push(rate);
      process.stderr.write(`${round === 0 ? 'warm-up ' : ''}${kind}: ${Math.round(rate)} messages/s\n`);
    }
  }
  publisher.kill();
  const bare = median(results.bare);
  const own = median(results.isotherm);
  const line = { readingsAMessage: readings, bare: Math.round(bare), isotherm: Math.round(own), ratio: own / bare };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function bareAedes(): Promise<{ port: number; stop(): Promise<void> }> {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: async () => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function isotherm(): Promise<{ port: number; stop(): Promise<void> }> {
  const log = new MemoryLog();
  log.commit = async () => {
    await sleep(COMMIT_MS);
    log.records.length = 0;
  };
  const parts = { time: systemTime, logger: silentLogger, meter: silentMeter };
  const intake = new Intake({ speaksFor: SPEAKS_FOR_ALL, ...parts, log });
  const broker = new Broker({
    ...parts,
    host: '127.0.0.1',
    port: 0,
    authenticate: async (id) => ({ kind: 'device', id }),
    accept: intake.accept,
  });
  const { mqtt } = await broker.start();
  return {
    port: mqtt,
    stop: async () => {
      await broker.stop();
      await intake.stop();
    },
  };
}

function run(publisher: ChildProcess, order: Order): Promise<Report> {
  return new Promise((resolve) => {
    publisher.once('message', (report: Report) => resolve(report));
    publisher.send(order);
  });
}

/** In the publishers' process. */
async function publish({ port, seconds, readings }: Order): Promise<void> {
  const ids = Array.from({ length: CONNECTIONS }, (_, i) => `logger-${i}`);
  const prepared = ids.map((id) => prepare(id, readings));
  const until = performance.now() + seconds * 1_000;
  const counts = await Promise.all(ids.map((id, i) => publishOn(port, id, prepared[i] ?? [], until)));
  const report: Report = { acknowledged: counts.reduce((sum, count) => sum + count, 0), seconds };
  process.send?.(report);
}

/** @returns how many of its messages were acknowledged in time */
function publishOn(port: number, id: string, packets: Buffer[], until: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const credentials = { clientId: id, username: id, password: Buffer.from(id) };
  socket.write(mqttPacket.generate({ cmd: 'connect', keepalive: 0, clean: true, ...credentials }));
  return new Promise((resolve, reject) => {
    let bytes = -4; // CONNACK has four bytes, and so has each PUBACK.
    let next = 0;
    const send = (count: number) => {
      const from = next;
      next = Math.min(packets.length, from + count);
      socket.write(Buffer.concat(packets.slice(from, next)));
      if (next === packets.length) next = 0;
      const missing = count - (next === 0 ? packets.length - from : next - from);
      if (missing > 0) send(missing);
    };
    let answered = 0;
    socket.on('data', (chunk) => {
      const isFirst = bytes < 0;
      bytes += chunk.length;
      if (performance.now() >= until) {
        socket.destroy();
        resolve(Math.max(0, Math.floor(bytes / 4)));
        return;
      }
      const acknowledged = Math.floor(bytes / 4) - answered;
      answered += acknowledged;
      if (isFirst || acknowledged > 0) send(isFirst ? WINDOW : acknowledged);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Math.max(0, Math.floor(bytes / 4))));
  });
}

function prepare(id: string, readings: number): Buffer[] {
  const now = Date.now();
  const topic = `isotherm/v1/devices/${id}/readings`;
  const count = Math.max(WINDOW * 2, Math.floor(PREPARED / readings));
  return Array.from({ length: count }, (_, i) => {
    const rows = Array.from({ length: readings }, (_, k) => {
      const time = new Date(now - ((count - i) * readings - k) * 10).toISOString();
      return `{"time":"${time}","temperature":${(5 + ((i + k) % 50) / 10).toFixed(1)}}`;
    });
    const payload = readings === 1 ? (rows[0] ?? '') : `[${rows.join(',')}]`;
    return mqttPacket.generate({
      cmd: 'publish',
      topic,
      payload,
      qos: 1,
      messageId: (i % 65_535) + 1,
      retain: false,
      dup: false,
    });
  });
}
