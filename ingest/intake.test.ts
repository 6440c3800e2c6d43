import { beforeEach, describe, expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from '../codecs/batch/index.ts';
import {
  decodeJson,
  decodeReadings,
  type GatewayBatch,
  ManualTime,
  METRICS,
  type Quarantined,
  ReadingBuilder,
  type RefusalCount,
  SPEAKS_FOR_ALL,
  silentLogger,
  silentMeter,
} from '../domain/index.ts';
import { type GatewayStatus, Intake, type IntakeLimits, type IntakeMessage } from './index.ts';
import { MemoryLog } from './testing/memory-log.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');

let time: ManualTime;
let log: MemoryLog;
let intake: Intake;
let statuses: [string, GatewayStatus][];

beforeEach(() => {
  time = new ManualTime(NOW);
  log = new MemoryLog();
  statuses = [];
  intake = started();
});

function started(limits: Partial<IntakeLimits> = {}): Intake {
  return new Intake({
    speaksFor: SPEAKS_FOR_ALL,
    log,
    time,
    logger: silentLogger,
    meter: silentMeter,
    limits,
    onGatewayStatus: (gateway, status) => statuses.push([gateway, status]),
  });
}

interface Sent {
  readonly clientId?: string;
  readonly firstArrival?: number;
  readonly refusal?: NonNullable<IntakeMessage['refusal']>;
}

/** Resolves as the broker would acknowledge; rejects with what it would disconnect for. */
function send(topic: string, payload: string | Uint8Array, sent: Sent = {}): Promise<void> {
  const { clientId = topic.split('/')[3] ?? 'logger-7' } = sent;
  const message = { ...sent, clientId, topic, payload: Buffer.from(payload), arrival: time.now() };
  return new Promise((resolve, reject) => {
    intake.accept(message, (error) => (error === undefined ? resolve() : reject(error)));
  });
}

const from = (device: string, payload: string, sent: Sent = {}) =>
  send(`isotherm/v1/devices/${device}/readings`, payload, sent);

/** Every reading in the log, in order: `device/metric@time=value`, time in seconds from NOW. */
function logged(): string[] {
  return log.records
    .filter(({ kind }) => kind === 'readings')
    .flatMap(({ payload }) => {
      const { count, devices, device, metric, time, value } = decodeReadings(payload);
      return Array.from({ length: count }, (_, i) => {
        const name = METRICS.find(({ code }) => code === metric[i])?.name;
        return `${devices[device[i] ?? -1]}/${name}@${((time[i] ?? 0) - NOW) / 1000}=${value[i]}`;
      });
    });
}

function quarantined(): Quarantined[] {
  return log.records
    .filter(({ kind }) => kind === 'quarantine')
    .flatMap(({ payload }) => decodeJson<Quarantined[]>(payload));
}

/** How many were refused, by source and reason. */
function counted(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, payload } of log.records) {
    if (kind !== 'refusals') continue;
    for (const { source, reason, count } of decodeJson<RefusalCount[]>(payload)) {
      counts[`${source} ${reason}`] = (counts[`${source} ${reason}`] ?? 0) + count;
    }
  }
  return counts;
}

/** Commits wait until released; each release lets one append through. */
function holdCommits(): { release: () => void; fail: (error: Error) => void; begun: () => Promise<void> } {
  const held: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let onBegun: (() => void) | null = null;
  log.commit = () =>
    new Promise((resolve, reject) => {
      held.push({ resolve, reject });
      onBegun?.();
    });
  return {
    release: () => held.shift()?.resolve(),
    fail: (error) => held.shift()?.reject(error),
    begun: async () => {
      if (held.length === 0) await new Promise<void>((resolve) => (onBegun = resolve));
    },
  };
}

test('a reader that speaks MQTT itself is heard in the trace family, and others of its kind are not known', async () => {
  const event = { type: 'SIMPLE', data: { idHex: '30AB', antenna: 1, peakRssi: -39 } };
  await send('isotherm/v1/dialects/zebra-fx/dock-1', JSON.stringify(event));
  expect(log.records).toMatchObject([{ family: 'trace', kind: 'sightings', source: 'dock-1', sequence: null }]);
  await send('isotherm/v1/dialects/none/dock-1', '{}');
  expect(quarantined()).toMatchObject([{ reason: 'TOPIC_UNKNOWN' }]);
});

describe('durability', () => {
  test('messages that come together are appended as one record and settled together', async () => {
    await Promise.all([
      from('logger-7', '{"temperature":5.1}'),
      from('logger-8', '[{"humidity":40},{"shock":1,"time":"2026-11-22T09:59:59Z"}]'),
    ]);
    expect(log.appends).toBe(1);
    expect(log.records).toMatchObject([{ family: 'readings', kind: 'readings', source: 'mqtt', arrival: NOW }]);
    expect(logged()).toEqual(['logger-7/temperature@0=5.1', 'logger-8/humidity@0=40', 'logger-8/shock@-1=1']);
  });

  test('while an append is under way the next group gathers, and no message is settled before its own commit', async () => {
    const commits = holdCommits();
    const settled: string[] = [];
    const first = from('a', '{"temperature":1}').then(() => settled.push('a'));
    await commits.begun();
    const second = from('b', '{"temperature":2}').then(() => settled.push('b'));
    const third = from('c', '{"temperature":3}').then(() => settled.push('c'));
    expect(settled).toEqual([]);
    commits.release();
    await first;
    await commits.begun();
    expect(settled).toEqual(['a']);
    commits.release();
    await Promise.all([second, third]);
    expect(settled).toEqual(['a', 'b', 'c']);
    expect(log.appends).toBe(2);
  });

  test('when an append fails every message of its group is left to be sent again, and the resend is taken', async () => {
    const commits = holdCommits();
    const results = Promise.allSettled([from('a', '{"temperature":1}'), from('b', '{"temperature":2}')]);
    await commits.begun();
    commits.fail(new Error('the disk is full'));
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(log.records).toEqual([]);
    log.commit = async () => {};
    await from('a', '{"temperature":1}');
    expect(logged()).toEqual(['a/temperature@0=1']);
  });

  test('a stalled append fails its messages, those behind it, and new ones at once, until the log answers', async () => {
    const commits = holdCommits();
    const first = from('a', '{"temperature":1}');
    await commits.begun();
    await time.advance(3_000);
    const second = from('b', '{"temperature":2}');
    const both = Promise.allSettled([first, second]);
    await time.advance(1_000);
    expect((await both).map((result) => result.status === 'rejected' && result.reason.code)).toEqual([
      'LOG_STALLED',
      'LOG_STALLED',
    ]);
    await expect(from('c', '{"temperature":3}')).rejects.toMatchObject({ code: 'LOG_STALLED' });
    log.commit = async () => {};
    commits.release();
    await time.advance(1);
    await from('d', '{"temperature":4}');
    expect(logged()).toEqual(['a/temperature@0=1', 'd/temperature@4.001=4']);
  });

  test('bounds of messages and bytes fail fast', async () => {
    intake = started({ pendingMessages: 2, pendingBytes: 60 });
    const commits = holdCommits();
    const first = from('a', '{"temperature":1}');
    await commits.begun();
    await expect(from('b', `{"temperature":2}${' '.repeat(60)}`)).rejects.toMatchObject({ code: 'INTAKE_FULL' });
    const second = from('c', '{"temperature":3}');
    await expect(from('d', '{"temperature":4}')).rejects.toMatchObject({ code: 'INTAKE_FULL' });
    commits.release();
    await first;
    await commits.begun();
    commits.release();
    await second;
  });

  test('stopping settles what was taken and takes nothing more', async () => {
    const commits = holdCommits();
    const taken = from('a', '{"temperature":1}');
    await commits.begun();
    const stopped = intake.stop();
    await expect(from('b', '{"temperature":2}')).rejects.toMatchObject({ code: 'INTAKE_STOPPED' });
    commits.release();
    await taken;
    await stopped;
    expect(time.waiting()).toEqual([]);
  });

  test('a device keeps its partition, whatever home the log has', async () => {
    log = new MemoryLog(4);
    intake = started();
    const devices = Array.from({ length: 40 }, (_, i) => `logger-${i}`);
    await Promise.all(devices.map((device) => from(device, '{"temperature":5}')));
    expect(new Set(log.records.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2, 3]));
    expect(logged().toSorted()).toEqual(devices.map((device) => `${device}/temperature@0=5`).toSorted());
  });

  test('a group of very many readings becomes several records of one append', async () => {
    const message = `[${Array.from({ length: 10_000 }, (_, i) => `{"time":${NOW - i},"temperature":5}`).join(',')}]`;
    await Promise.all(Array.from({ length: 11 }, (_, i) => from(`logger-${i}`, message)));
    expect(log.appends).toBe(1);
    expect(log.records.map(({ payload }) => decodeReadings(payload).count)).toEqual([50_000, 50_000, 10_000]);
  });
});

describe('quarantine', () => {
  test('what cannot be decoded is acknowledged, and durable as quarantine before it is', async () => {
    const commits = holdCommits();
    const sent = from('logger-7', 'temperature=5');
    await commits.begun();
    commits.release();
    await sent;
    expect(quarantined()).toEqual([
      {
        arrival: NOW,
        source: 'logger-7',
        topic: 'isotherm/v1/devices/logger-7/readings',
        reason: 'PAYLOAD_NOT_JSON',
        detail: expect.stringContaining('not JSON'),
        payload: Buffer.from('temperature=5').toString('base64'),
      },
    ]);
  });

  test('a good reading and its bad neighbour go into the log with one append', async () => {
    await from('logger-7', '{"temperature":5,"humidty":40}');
    expect(log.appends).toBe(1);
    expect(logged()).toEqual(['logger-7/temperature@0=5']);
    expect(quarantined()).toMatchObject([{ reason: 'FIELD_UNKNOWN', detail: expect.stringContaining('humidty') }]);
  });

  // A field that nobody knows used to leave one entry for each message, all day.
  test('a field that costs only itself has an entry once an hour, and is counted each time', async () => {
    for (let n = 0; n < 3; n++) {
      await from('logger-7', '{"temperature":5,"co2":812}');
      await time.advance(10_000);
    }
    await time.advance(3_600_000);
    await from('logger-7', '{"temperature":5,"co2":812}');
    await intake.stop();
    expect(quarantined().map(({ reason }) => reason)).toEqual(['FIELD_UNKNOWN', 'FIELD_UNKNOWN']);
    expect(counted()).toEqual({ 'logger-7 FIELD_UNKNOWN': 4 });
    expect(logged()).toHaveLength(4);
  });

  test('where nothing of a message is taken, each message has its entry', async () => {
    await from('logger-7', '{"Temperature":5}');
    await from('logger-7', '{"Temperature":5}');
    expect(quarantined().map(({ reason }) => reason)).toEqual(['FIELD_UNKNOWN', 'FIELD_UNKNOWN']);
  });

  test('what was published on a topic of somebody else is kept under its sender, with the reason', async () => {
    const refusal = { reason: 'TOPIC_FOREIGN', detail: 'not yours' } as const;
    await send('isotherm/v1/devices/logger-8/readings', '{"temperature":5}', { clientId: 'logger-7', refusal });
    expect(logged()).toEqual([]);
    expect(quarantined()).toMatchObject([{ source: 'logger-7', reason: 'TOPIC_FOREIGN', detail: 'not yours' }]);
    expect(counted()).toEqual({ 'logger-7 TOPIC_FOREIGN': 1 });
  });

  test('what a stock client says of itself all day where nobody decodes it has an entry an hour a topic', async () => {
    for (let n = 0; n < 4; n++) await send('homie/5/logger-7/UNHEARD', 'Online', { clientId: 'logger-7' });
    await send('homie/5/logger-7/OF', 'Online', { clientId: 'logger-7' });
    await intake.stop();
    expect(quarantined().map(({ topic }) => topic)).toEqual(['homie/5/logger-7/UNHEARD', 'homie/5/logger-7/OF']);
    expect(counted()).toEqual({ 'logger-7 TOPIC_UNKNOWN': 5 });
    expect(log.originals).toHaveLength(2);
  });

  test.each([
    'isotherm/v1/devices/logger-7/other',
    'isotherm/v1/devices/logger-7//readings',
    'isotherm/v1/devices/a/b/readings',
    'nobody/logger-7/SENSOR',
    'isotherm/v1/gateways/gw-1/other',
  ])('a topic nobody decodes (%s) is kept', async (topic) => {
    await send(topic, '{"temperature":5}', { clientId: 'logger-7' });
    expect(quarantined()).toMatchObject([{ source: 'logger-7', topic, reason: 'TOPIC_UNKNOWN' }]);
  });
});

test('a listener that throws costs its message a place in quarantine, not the process', async () => {
  intake = new Intake({
    speaksFor: SPEAKS_FOR_ALL,
    log,
    time,
    logger: silentLogger,
    meter: silentMeter,
    onGatewayStatus: () => {
      throw new Error('oops');
    },
  });
  await send('isotherm/v1/gateways/gw-1/status', '{"state":"online"}');
  expect(quarantined()).toMatchObject([{ reason: 'DECODER_FAILED', detail: 'a decoder failed: oops' }]);
});

describe('a message without a time', () => {
  test('is of when it was first sent, where the broker says that it is a repeat', async () => {
    await from('logger-7', '{"temperature":5}');
    await time.advance(60_000);
    await from('logger-7', '{"temperature":5}', { firstArrival: NOW });
    // Only the slow half understands this one.
    await from('logger-7', '{"temperature":5e0}', { firstArrival: NOW });
    expect(logged()).toEqual(Array.from({ length: 3 }, () => 'logger-7/temperature@0=5'));
  });

  test('is of when it arrived otherwise, equal as it may be to the one before', async () => {
    await from('logger-7', '{"temperature":5}');
    await time.advance(30_000);
    await from('logger-7', '{"temperature":5}');
    expect(logged()).toEqual(['logger-7/temperature@0=5', 'logger-7/temperature@30=5']);
  });
});

// With our clock eleven minutes behind every good reading was acknowledged into quarantine, and lost to its owner.
describe('when it is our own clock that is behind', () => {
  const at = (ms: number) => `{"time":"${new Date(time.now() + ms).toISOString()}","temperature":5}`;

  test('messages are refused, to be sent again, and nothing of them is kept', async () => {
    await from('a', at(660_000));
    await from('b', at(660_000));
    const before = log.records.length;
    await time.advance(1_000);
    await expect(from('c', at(660_000))).rejects.toMatchObject({ code: 'CLOCK_WRONG' });
    await expect(from('d', '{"temperature":5}')).rejects.toMatchObject({ code: 'CLOCK_WRONG' });
    await expect(from('e', at(0))).rejects.toMatchObject({ code: 'CLOCK_WRONG' });
    expect(log.records).toHaveLength(before);
    expect(logged()).toEqual([]);
  });

  test('one sender alone is its own fault: its readings wait in quarantine', async () => {
    for (let n = 0; n < 5; n++) await from('a', at(660_000 + n));
    expect(quarantined().map(({ reason }) => reason)).toEqual(Array.from({ length: 5 }, () => 'TIME_AHEAD'));
  });
});

describe('a gateway batch', () => {
  const topic = 'isotherm/v1/gateways/gw-1/batches';
  const batch: GatewayBatch = {
    gateway: 'gw-1',
    sequence: 3,
    at: NOW,
    sightings: [],
    gpi: [],
    gaps: [],
    complete: [{ reader: 'dock', at: NOW - 1_000 }],
  };

  test('becomes readings and trace in one append, under its own identity, so that a resend adds nothing', async () => {
    const builder = new ReadingBuilder();
    builder.add('probe-1', 1, NOW - 5_000, 4.5);
    builder.add('probe-2', 2, NOW - 5_000, 55);
    const bytes = encodeBatch(batch, builder.view());
    await send(topic, bytes);
    expect(log.appends).toBe(1);
    expect(log.records).toMatchObject([
      { family: 'readings', kind: 'readings', source: 'gw-1', sequence: 3 },
      { family: 'trace', kind: 'sightings', source: 'gw-1', sequence: 3, version: 1 },
    ]);
    expect(logged()).toEqual(['probe-1/temperature@-5=4.5', 'probe-2/humidity@-5=55']);
    expect(decodeBatch(log.records[1]?.payload ?? new Uint8Array())).toEqual({ batch, readings: null });
    await time.advance(1_000);
    await send(topic, bytes);
    expect(log.records).toHaveLength(2);
  });

  test('a bad reading in it costs only itself and is kept under the name of its device', async () => {
    const builder = new ReadingBuilder();
    builder.add('probe-1', 1, NOW, 4.5);
    builder.add('probe-2', 1, NOW, 900);
    builder.add('probe-2', 1, NOW + 3_600_000, 5);
    builder.add('probe-2', 77, NOW, 5);
    await send(topic, encodeBatch({ ...batch, complete: [] }, builder.view()));
    expect(logged()).toEqual(['probe-1/temperature@0=4.5']);
    expect(quarantined().map(({ source, reason, payload }) => [source, reason, decoded(payload)])).toEqual([
      ['probe-2', 'VALUE_NOT_PHYSICAL', `[{"time":${NOW},"temperature":900}]`],
      ['probe-2', 'TIME_AHEAD', `[{"time":${NOW + 3_600_000},"temperature":5}]`],
      ['probe-2', 'FIELD_UNKNOWN', `[{"time":${NOW},"metric 77":5}]`],
    ]);
  });

  test('what a reader with a wrong clock saw is kept aside, and the rest goes on', async () => {
    const seen = { reader: 'dock', antenna: 1, epcHex: '3074', epcBits: 16, count: 1, rssiDbm: null };
    const good = { ...seen, firstSeen: NOW - 1_000, lastSeen: NOW };
    const sightings = [
      good,
      { ...seen, firstSeen: NOW, lastSeen: NOW + 86_400_000 },
      { ...seen, firstSeen: 0, lastSeen: 0 },
    ];
    const complete = [{ reader: 'dock', at: NOW + 31_536_000_000 }];
    await send(topic, encodeBatch({ ...batch, sightings, complete }));
    const trace = log.records.find(({ kind }) => kind === 'sightings');
    expect(decodeBatch(trace?.payload ?? new Uint8Array()).batch).toEqual({
      ...batch,
      sightings: [good],
      complete: [],
    });
    expect(quarantined()).toMatchObject([
      { source: 'gw-1', reason: 'TIME_AHEAD', detail: expect.stringContaining('sighting of 2026-11-23') },
      { source: 'gw-1', reason: 'TIME_TOO_OLD', detail: expect.stringContaining('sighting of 1970-01-01') },
    ]);
  });

  test('that is malformed, or another gateway’s, is kept and acknowledged', async () => {
    await send(topic, new Uint8Array([1, 0, 200]));
    await send(topic, encodeBatch({ ...batch, gateway: 'gw-2' }));
    expect(quarantined()).toMatchObject([
      { source: 'gw-1', reason: 'BATCH_MALFORMED', detail: expect.stringContaining('offset') },
      { source: 'gw-1', reason: 'BATCH_FOREIGN', detail: 'the batch is of gw-2, its sender gw-1' },
    ]);
  });
});

describe('a gateway’s state', () => {
  const topic = 'isotherm/v1/gateways/gw-1/status';

  test('is passed on and not kept in the log', async () => {
    const status = { state: 'online', readers: [{ id: 'dock' }], spool: { pending: 0, oldest: null } };
    await send(topic, JSON.stringify(status));
    await send(topic, '{"state":"offline"}');
    expect(statuses).toEqual([
      ['gw-1', status],
      ['gw-1', { state: 'offline', readers: [] }],
    ]);
    expect(log.records).toEqual([]);
  });

  test('that makes no sense is kept in quarantine', async () => {
    await send(topic, '{"state":"asleep"}');
    await send(topic, 'on');
    await send(topic, '');
    expect(statuses).toEqual([]);
    expect(quarantined().map(({ reason }) => reason)).toEqual(['STATUS_MALFORMED', 'STATUS_MALFORMED']);
  });
});

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
