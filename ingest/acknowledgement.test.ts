import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker, type Principal } from '../broker/index.ts';
import { RawClient } from '../broker/testing/raw-client.ts';
import { decodeReadings, SPEAKS_FOR_ALL, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Intake } from './index.ts';
import { MemoryLog } from './testing/memory-log.ts';

const parts = { time: systemTime, logger: silentLogger, meter: silentMeter };
const TOPIC = 'isotherm/v1/devices/logger-7/readings';

let log: MemoryLog;
let intake: Intake;
let broker: Broker;
let port: number;

beforeEach(async () => {
  log = new MemoryLog();
  intake = new Intake({ speaksFor: SPEAKS_FOR_ALL, ...parts, log, limits: { stallMs: 50 } });
  broker = new Broker({
    ...parts,
    host: '127.0.0.1',
    port: 0,
    authenticate: async (id): Promise<Principal> => ({ kind: 'device', id }),
    accept: intake.accept,
    limits: { refusalJitterMs: 5 },
  });
  port = (await broker.start()).mqtt;
});

afterEach(async () => {
  await broker.stop();
  await intake.stop();
});

function client(): Promise<MqttClient> {
  const id = 'logger-7';
  return connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: id, username: id, password: id, reconnectPeriod: 5 });
}

function readings(): string[] {
  return log.records.flatMap(({ payload }) => {
    const { count, time, value } = decodeReadings(payload);
    return Array.from({ length: count }, (_, i) => `${time[i]}=${value[i]}`);
  });
}

test('thousands of messages from real clients are all in the log when they are acknowledged, each once', async () => {
  const now = Date.now();
  const logger = await client();
  const sent = Array.from({ length: 3_000 }, (_, i) => `${now - i}=${(i % 400) / 10}`);
  await Promise.all(
    sent.map((reading) => {
      const [time, value] = reading.split('=');
      return logger.publishAsync(TOPIC, `{"time":${time},"temperature":${value}}`, { qos: 1 });
    }),
  );
  expect(readings().toSorted()).toEqual(sent.toSorted());
  expect(log.appends).toBeLessThan(sent.length / 10);
  await logger.endAsync();
});

test('a client whose append failed or stalled gets no PUBACK, comes back by itself, and its reading is taken', async () => {
  const attempts: (() => void)[] = [];
  log.commit = () => {
    if (attempts.length === 0) {
      attempts.push(() => {});
      return Promise.reject(new Error('the disk is full'));
    }
    if (attempts.length === 1) return new Promise((resolve) => attempts.push(resolve));
    return Promise.resolve();
  };
  const logger = await client();
  let isAcknowledged = false;
  const published = logger.publishAsync(TOPIC, '{"temperature":5.5}', { qos: 1 }).then(() => {
    isAcknowledged = true;
  });
  let connections = 1;
  await new Promise<void>((resolve) => {
    // mqtt.js says `connect` only when what it resends has been acknowledged.
    logger.on('packetreceive', ({ cmd }) => {
      if (cmd !== 'connack' || ++connections !== 3) return;
      expect(isAcknowledged).toBe(false);
      // The stalled append comes through after all: the resend is then a repeat of the same moment.
      attempts[1]?.();
      resolve();
    });
  });
  await published;
  expect(new Set(readings()).size).toBe(1);
  await logger.endAsync();
});

test('a bad message does not cost the good ones behind it their acknowledgement', async () => {
  const logger = await RawClient.signIn(port, 'logger-7');
  logger.publish(TOPIC, 'not json', 1);
  logger.publish(TOPIC, '{"temperature":5}', 2);
  expect(await logger.next('puback')).toMatchObject({ messageId: 1 });
  expect(await logger.next('puback')).toMatchObject({ messageId: 2 });
  expect(log.records.map(({ kind }) => kind).toSorted()).toEqual(['quarantine', 'readings', 'refusals']);
  logger.drop();
});
