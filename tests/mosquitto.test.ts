import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Broker } from '../broker/index.ts';
import { dialectOf } from '../codecs/payloads/index.ts';
import { decodeReadings, SPEAKS_FOR_ALL, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Intake } from '../ingest/index.ts';
import { MemoryLog } from '../ingest/testing/memory-log.ts';
import { systemPart } from './parts.ts';

// Clients as they are sold: Debian's mosquitto_pub, and Mosquitto as a bridge.

const run = promisify(execFile);
const parts = { time: systemTime, logger: silentLogger, meter: silentMeter };
const BOUND = { timeout: 30_000, interval: 50 };

let log: MemoryLog;
let intake: Intake;
let broker: Broker;
let port: number;
const children: ChildProcess[] = [];
const folders: string[] = [];

beforeEach(async () => {
  log = new MemoryLog();
  intake = new Intake({ speaksFor: SPEAKS_FOR_ALL, ...parts, log });
  broker = new Broker({
    ...parts,
    host: '127.0.0.1',
    port: 0,
    authenticate: async (id, _user, password) => (password === id ? { kind: 'device', id } : null),
    accept: intake.accept,
    sourceOf: (topic) => dialectOf(topic)?.source ?? null,
  });
  port = (await broker.start()).mqtt;
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await broker.stop();
  await intake.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function readings(): { time: number; value: number }[] {
  return log.records.flatMap(({ kind, payload }) => {
    if (kind !== 'readings') return [];
    const { count, time, value } = decodeReadings(payload);
    return Array.from({ length: count }, (_, i) => ({ time: time[i] ?? 0, value: value[i] ?? 0 }));
  });
}

// Each time a new clean session with packet identifier 1, as deep-sleep sensors do: 11 PUBACKs used to leave one reading.
test.each(['1', '2'])(
  'stock mosquitto_pub -q %s saying the same again and again leaves a reading each time',
  async (qos) => {
    const program = systemPart('mosquitto_pub');
    if (program === null) return;
    const id = 'logger-7';
    const topic = `isotherm/v1/devices/${id}/readings`;
    for (let n = 0; n < 4; n++) {
      const account = ['-i', id, '-u', id, '-P', id];
      await run(program, [
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        ...account,
        '-q',
        qos,
        '-t',
        topic,
        '-m',
        '{"temperature":9.0}',
      ]);
    }
    expect(readings().map(({ value }) => value)).toEqual([9, 9, 9, 9]);
    expect(new Set(readings().map(({ time }) => time)).size).toBe(4);
  },
);

test('a message on a foreign topic does not end a client that sends several: mosquitto_pub -l gets on', async () => {
  const program = systemPart('mosquitto_pub');
  if (program === null) return;
  const account = ['-i', 'logger-7', '-u', 'logger-7', '-P', 'logger-7'];
  const server = ['-h', '127.0.0.1', '-p', String(port)];
  const topic = 'isotherm/v1/devices/logger-8/readings';
  await run(program, [...server, ...account, '-q', '1', '-t', topic, '-m', '{"temperature":9.0}']);
  expect(readings()).toEqual([]);
  expect(log.records.map(({ kind }) => kind).toSorted()).toEqual(['quarantine', 'refusals']);
});

// Its will on $SYS/broker/connection/.../state and its protocol byte 0x84 used to refuse it for ever.
test('a Mosquitto bridge with its default settings connects and hands on what its clients say', async () => {
  const mosquitto = systemPart('mosquitto');
  const publisher = systemPart('mosquitto_pub');
  if (mosquitto === null || publisher === null) return;
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-bridge-'));
  folders.push(folder);
  const local = await freePort();
  const lines = [
    `listener ${local} 127.0.0.1`,
    'allow_anonymous true',
    'connection dock-bridge',
    `address 127.0.0.1:${port}`,
    'topic isotherm/# out 1',
    'remote_clientid dock-bridge',
    'remote_username dock-bridge',
    'remote_password dock-bridge',
  ];
  writeFileSync(join(folder, 'bridge.conf'), `${lines.join('\n')}\n`);
  const child = spawn(mosquitto, ['-c', join(folder, 'bridge.conf')], { stdio: 'ignore' });
  children.push(child);
  await vi.waitFor(() => expect(broker.isConnected('dock-bridge'), 'the bridge is connected').toBe(true), BOUND);
  const topic = 'isotherm/v1/devices/dock-bridge/readings';
  await run(publisher, ['-h', '127.0.0.1', '-p', String(local), '-q', '1', '-t', topic, '-m', '{"temperature":4.5}']);
  await vi.waitFor(() => expect(readings().map(({ value }) => value)).toEqual([4.5]), BOUND);
  expect(log.records.map(({ kind }) => kind)).toEqual(['readings']);
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(broker.isConnected('dock-bridge'), 'the bridge is gone').toBe(false), BOUND);
  expect(
    log.records.map(({ kind }) => kind),
    'its will is no message',
  ).toEqual(['readings']);
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
