/**
 * The log with its readings on NATS JetStream against the log in PostgreSQL, in one run: readings appended and consumed a
 * second, on one server and on three (`sync_interval: always`); and how long acknowledgements stay away when the leader of
 * the stream is killed with -9.
 *
 *   node bench/nats-log.ts [--kills 10] [--seconds 3] [--partitions 1]
 *
 * Servers, database and this process share one machine: figures are ratios within the run. Of each wait it says how much was
 * the servers' own election, seen by somebody who asks them every 20 ms.
 */
import { parseArgs } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { encodeReadings, systemTime } from '../domain/index.ts';
import {
  APPEND_OVER_ELECTION_MS,
  type Database,
  type NatsOptions,
  natsHome,
  type PostgresLog,
} from '../storage/index.ts';
import { NatsServer } from '../storage/testing/nats-server.ts';
import { systemPart } from '../tests/parts.ts';
import { benchRecord, startLog } from './bench-log.ts';
import { cpuMs } from './cpu.ts';
import { inEmptyDatabase } from './empty-database.ts';

const READINGS = 5_000;
const DEVICES = 50;
const CALLS = 8;
const LOOK_MS = 20;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '1' },
  },
});
const [kills, seconds, partitions] = [values.kills, values.seconds, values.partitions].map(Number) as [
  number,
  number,
  number,
];

const path = systemPart('nats-server');
if (path === null) process.exit(1);
await inEmptyDatabase((database) => measure(database, path));

async function measure(database: Database, path: string): Promise<void> {
  const servers: NatsServer[] = [];
  try {
    const inPostgres = await throughput('PostgreSQL', database, null);
    const one = await NatsServer.start(path);
    servers.push(one);
    await forget(database);
    await throughput('NATS, one server', database, one.options({ partitions }), inPostgres);
    await forget(database);
    const three = await NatsServer.cluster(path, 3);
    servers.push(...three);
    const nats = three[0]?.options({
      ...{
        partitions,
        replicas: 3,
        servers: three.map(({ url }) => url),
        monitors: three.map(({ monitorUrl }) => monitorUrl),
      },
    });
    if (nats === undefined) throw new Error('three servers');
    await throughput('NATS, three servers', database, nats, inPostgres);
    await forget(database);
    if (kills > 0) await failover(database, { ...nats, partitions: 1, stream: `${nats.stream}-kills` }, three);
  } finally {
    for (const server of servers) await server.remove();
  }
}

/** As if nothing had ever been appended. */
async function forget(database: Database): Promise<void> {
  await database.query('DROP TRIGGER IF EXISTS log_readings_on_streams ON log_readings');
  await database.query(
    'TRUNCATE log_readings, log_head, log_segments, log_streams, log_stream_marks, log_divisions, log_checkpoints, log_consumers',
  );
}

interface Throughput {
  readonly appended: number;
  readonly consumed: number;
}

async function throughput(
  name: string,
  database: Database,
  nats: NatsOptions | null,
  than: Throughput | null = null,
): Promise<Throughput> {
  const log = await openLog(database, nats);
  const payload = readings(READINGS);
  const until = systemTime.monotonic() + seconds * 1_000;
  const [from, cpu] = [systemTime.monotonic(), cpuMs()];
  let records = 0;
  const caller = async () => {
    while (systemTime.monotonic() < until) {
      await log.append([benchRecord(payload)]);
      records++;
    }
  };
  await Promise.all(Array.from({ length: CALLS }, caller));
  const appended = (records * READINGS * 1_000) / (systemTime.monotonic() - from);
  const cpuAppending = cpuMs() - cpu;
  await log.stop();
  const reading = await openLog(database, nats);
  let read = 0;
  const consumer = reading.consumer({
    ...{ name: 'bench', families: ['readings'], isMandatory: false },
    handler: {
      // Of several partitions each has a part of a record.
      handle: async ({ records: batch }) => {
        for (const { payload } of batch) read += Buffer.from(payload.buffer, payload.byteOffset).readUInt32LE(0);
      },
    },
  });
  const readFrom = systemTime.monotonic();
  await consumer.start();
  await consumer.passed(await reading.heads());
  const consumed = (read * 1_000) / (systemTime.monotonic() - readFrom);
  await reading.stop();
  if (read !== records * READINGS) throw new Error(`${name}: ${records * READINGS} readings appended, ${read} read`);
  const times = (ours: number, theirs: number | undefined) =>
    theirs === undefined ? '' : `, ${(ours / theirs).toFixed(2)} of PostgreSQL’s`;
  print(
    `${name}: appended ${rate(appended)} readings/s${times(appended, than?.appended)} ` +
      `(${(cpuAppending / records).toFixed(2)} ms of this process a record of ${READINGS}), ` +
      `consumed ${rate(consumed)} readings/s${times(consumed, than?.consumed)}`,
  );
  return { appended, consumed };
}

/** One sender, a record at a time, while leaders are killed. */
async function failover(database: Database, nats: NatsOptions, servers: readonly NatsServer[]): Promise<void> {
  const log = await openLog(database, nats);
  let isOver = false;
  let acknowledgedAt = 0;
  const sending = (async () => {
    while (!isOver) {
      await log.append([benchRecord(readings(1))]);
      acknowledgedAt = systemTime.monotonic();
    }
  })();
  const waits: number[] = [];
  const ours: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const leader = await whole(nats, servers);
    await leader.kill();
    const at = systemTime.monotonic();
    const elected = elect(nats, servers, leader);
    while (acknowledgedAt < at) await systemTime.sleep('bench', 1);
    const wait = acknowledgedAt - at;
    const election = (await elected) - at;
    waits.push(wait);
    ours.push(Math.max(wait - election, 0));
    print(`kill ${kill + 1}: acknowledged again after ${ms(wait)}, of which the election ${ms(election)}`);
    await leader.start();
  }
  isOver = true;
  await sending;
  await log.stop();
  const at = (of: readonly number[], share: number) =>
    ms(of.toSorted((a, b) => a - b)[Math.min(Math.floor(of.length * share), of.length - 1)] ?? 0);
  print(
    `${kills} leaders killed: acknowledged again p50 ${at(waits, 0.5)}, p99 ${at(waits, 0.99)}; ` +
      `beyond the election p50 ${at(ours, 0.5)}, p99 ${at(ours, 0.99)}`,
  );
}

/** Once all three have all of it. @returns the leader */
async function whole(nats: NatsOptions, servers: readonly NatsServer[]): Promise<NatsServer> {
  const connection = await connect({ servers: nats.servers.map((url) => new URL(url).host) });
  try {
    const manager = await jetstreamManager(connection, { timeout: 1_000 });
    for (;;) {
      const info = await manager.streams.info(`${nats.stream}-0`).catch(() => null);
      const { leader = '', replicas = [] } = info?.cluster ?? {};
      const found = servers.find(({ name }) => name === leader);
      const isWhole = replicas.length === servers.length - 1 && replicas.every(({ current }) => current);
      if (found !== undefined && isWhole) return found;
      await systemTime.sleep('bench', LOOK_MS);
    }
  } finally {
    await connection.close();
  }
}

/** When another one leads, on the monotonic clock; asked of a server that lives. */
async function elect(nats: NatsOptions, servers: readonly NatsServer[], killed: NatsServer): Promise<number> {
  const alive = servers.filter((server) => server !== killed).map(({ url }) => new URL(url).host);
  const connection = await connect({ servers: alive });
  try {
    for (;;) {
      const question = connection.request(`$JS.API.STREAM.INFO.${nats.stream}-0`, '', { timeout: LOOK_MS * 5 });
      const answer = await question
        .then((message) => message.json<{ cluster?: { leader?: string } }>())
        .catch(() => null);
      const leader = answer?.cluster?.leader;
      if (leader !== undefined && leader !== killed.name) return systemTime.monotonic();
      await systemTime.sleep('bench', LOOK_MS);
    }
  } finally {
    await connection.close();
  }
}

async function openLog(database: Database, nats: NatsOptions | null): Promise<PostgresLog> {
  if (nats === null) return startLog(database);
  return startLog(database, { home: await natsHome(nats), limits: { appendTimeoutMs: APPEND_OVER_ELECTION_MS } });
}

/** As a door groups them: so many, of some devices. */
function readings(count: number): Uint8Array {
  return encodeReadings({
    count,
    devices: Array.from({ length: DEVICES }, (_, device) => `bench-${device}`),
    time: new Float64Array(count).map((_, row) => 1_700_000_000_000 + row * 1_000),
    value: new Float64Array(count).map((_, row) => 5 + (row % 7) / 10),
    device: new Uint32Array(count).map((_, row) => row % DEVICES),
    metric: new Uint8Array(count).fill(0),
  });
}

function rate(readings: number): string {
  return Math.round(readings).toLocaleString('en');
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
