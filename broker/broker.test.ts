import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLogger, silentMeter, systemTime, UnavailableError } from '../domain/index.ts';
import { Broker, type BrokerOptions, commandsTopic, type InboundMessage, type Principal } from './index.ts';
import { TEST_CERT, TEST_KEY } from './testing/certificate.ts';
import { RawClient } from './testing/raw-client.ts';

const READINGS = 'isotherm/v1/devices/logger-7/readings';
const STATUS = 'isotherm/v1/gateways/gw-1/status';

interface Held {
  readonly message: InboundMessage;
  readonly done: (error?: Error) => void;
}

/** Holds every message until the test settles it. */
class Desk {
  readonly held: Held[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly accept = (message: InboundMessage, done: (error?: Error) => void): void => {
    this.held.push({ message, done });
    for (const resolve of this.#waiting.splice(0)) resolve();
  };

  async next(): Promise<Held> {
    while (this.held.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const held = this.held.shift();
    if (held === undefined) throw new Error('nothing held');
    return held;
  }
}

/** Password = id; the id's beginning says what it is. */
async function authenticate(_client: string, username: string, password: string): Promise<Principal | null> {
  if (password !== username) return null;
  if (username === 'away') throw new UnavailableError('DATABASE_AWAY', 'the database is away');
  if (username.startsWith('bridge-')) return { kind: 'service', id: username };
  return { kind: 'device', id: username };
}

const running: Broker[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((broker) => broker.stop()));
});

async function broker(options: Partial<BrokerOptions> = {}): Promise<{ broker: Broker; port: number; desk: Desk }> {
  const desk = new Desk();
  const started = new Broker({
    host: '127.0.0.1',
    port: 0,
    authenticate,
    accept: desk.accept,
    time: systemTime,
    logger: silentLogger,
    meter: silentMeter,
    ...options,
    limits: { refusalJitterMs: 10, ...options.limits },
  });
  running.push(started);
  return { broker: started, port: (await started.start()).mqtt, desk };
}

describe('acknowledgement', () => {
  test('a message is acknowledged when it was accepted, and not before', async () => {
    const { port, desk } = await broker();
    const logger = await RawClient.signIn(port, 'logger-7');
    logger.publish(READINGS, '{"temperature":5.1}', 17);
    const { message, done } = await desk.next();
    expect(message).toMatchObject({
      clientId: 'logger-7',
      principal: { kind: 'device', id: 'logger-7' },
      topic: READINGS,
      qos: 1,
      packetId: 17,
      isDup: false,
    });
    expect(Buffer.from(message.payload).toString()).toBe('{"temperature":5.1}');
    logger.send({ cmd: 'pingreq' });
    expect(logger.received('puback')).toBe(0);
    done();
    expect(await logger.next('puback')).toMatchObject({ messageId: 17 });
    expect(await logger.next('pingresp')).not.toBeNull();
  });

  test('a message that was not accepted is not acknowledged; sent again on a new connection it is', async () => {
    const { port, desk } = await broker();
    const logger = await RawClient.signIn(port, 'logger-7');
    logger.publish(READINGS, '{"temperature":5.1}', 1);
    logger.publish(READINGS, '{"temperature":5.2}', 2);
    const first = await desk.next();
    (await desk.next()).done(new UnavailableError('LOG_UNAVAILABLE', 'stalled'));
    first.done();
    await logger.closed();
    expect(logger.received('puback')).toBeLessThanOrEqual(1);
    const again = await RawClient.signIn(port, 'logger-7');
    again.publish(READINGS, '{"temperature":5.2}', 2, { dup: true });
    const resent = await desk.next();
    expect(resent.message).toMatchObject({ isDup: true, packetId: 2 });
    resent.done();
    expect(await again.next('puback')).toMatchObject({ messageId: 2 });
  });

  test('a client library resends by itself what was refused', async () => {
    const { port, desk } = await broker();
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: 'logger-7',
      username: 'logger-7',
      password: 'logger-7',
      reconnectPeriod: 5,
    });
    const published = client.publishAsync(READINGS, '{"temperature":5.1}', { qos: 1 });
    const first = await desk.next();
    first.done(new Error('stalled'));
    const resent = await desk.next();
    // mqtt.js leaves DUP unset here: a repeat is known by its packet identifier and payload, not by its flag.
    expect(resent.message).toMatchObject({ packetId: first.message.packetId, payload: first.message.payload });
    resent.done();
    await published;
    await client.endAsync(true);
  });

  test('QoS 2 is accepted at PUBLISH, and a QoS 0 message that is not accepted costs no connection', async () => {
    const { port, desk } = await broker();
    const logger = await RawClient.signIn(port, 'logger-7');
    logger.publish(READINGS, '{}', 5, { qos: 2 });
    (await desk.next()).done();
    expect(await logger.next('pubrec')).toMatchObject({ messageId: 5 });
    logger.send({ cmd: 'pubrel', messageId: 5 });
    expect(await logger.next('pubcomp')).toMatchObject({ messageId: 5 });
    logger.publish(READINGS, '{}', 0, { qos: 0 });
    (await desk.next()).done(new Error('stalled'));
    logger.send({ cmd: 'pingreq' });
    expect(await logger.next('pingresp')).not.toBeNull();
  });

  test('past its bound of messages in flight the broker fails fast instead of gathering more', async () => {
    const { port, desk } = await broker({ limits: { inFlightMessages: 1 } });
    const [first, second] = await Promise.all([RawClient.signIn(port, 'a'), RawClient.signIn(port, 'b')]);
    first.publish('isotherm/v1/devices/a/readings', '{}', 1);
    const held = await desk.next();
    second.publish('isotherm/v1/devices/b/readings', '{}', 1);
    await second.closed();
    expect(second.received('puback')).toBe(0);
    held.done();
    expect(await first.next('puback')).toMatchObject({ messageId: 1 });
  });

  test('stopping lets messages under way be acknowledged first', async () => {
    const { broker: stopping, port, desk } = await broker();
    const logger = await RawClient.signIn(port, 'logger-7');
    logger.publish(READINGS, '{}', 9);
    const { done } = await desk.next();
    const stopped = stopping.stop();
    done();
    expect(await logger.next('puback')).toMatchObject({ messageId: 9 });
    await stopped;
    await logger.closed();
  });
});

describe('who may do what', () => {
  test.each([
    ['logger-7', 'isotherm/v1/devices/logger-8/readings'],
    ['logger-7', 'isotherm/v1/gateways/logger-70/batches'],
    ['logger-7', commandsTopic('device', 'logger-7')],
    ['logger-7', 'tele/logger-8/SENSOR'],
    ['isotherm', 'isotherm/v1/other'],
    ['gw-1', 'isotherm/v1/gateways/gw-2/status'],
    ['gw-1', '$SYS/broker/heartbeat'],
    ['bridge-1', READINGS],
  ])('%s is disconnected for publishing on %s, unacknowledged', async (id, topic) => {
    const { port, desk } = await broker();
    const client = await RawClient.signIn(port, id);
    client.publish(topic, '{}', 1);
    await client.closed();
    expect(client.received('puback')).toBe(0);
    expect(desk.held).toEqual([]);
  });

  test.each([
    ['logger-7', 'tele/logger-7/SENSOR'],
    ['logger-7', 'isotherm/v1/dialects/tive/logger-7'],
    ['gw-1', 'ruuvi/gw-1/AA:BB'],
    ['bridge-1', 'application/12/device/0101010101010101/event/up'],
    ['bridge-1', 'v3/app@tenant/devices/probe-4/up'],
  ])('%s may publish on %s', async (id, topic) => {
    const { port, desk } = await broker();
    const client = await RawClient.signIn(port, id);
    client.publish(topic, '{}', 1);
    (await desk.next()).done();
    expect(await client.next('puback')).not.toBeNull();
  });

  test('a stranger, a wrong password and a borrowed name are refused', async () => {
    const { port } = await broker();
    const connect = async (clientId: string, username: string, password: string) => {
      const client = await RawClient.open(port);
      const connect = { cmd: 'connect', clientId, username, password: Buffer.from(password) } as const;
      client.send({ ...connect, protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 });
      const answer = await client.next('connack');
      await client.closed();
      return answer?.cmd === 'connack' ? answer.returnCode : null;
    };
    expect(await connect('logger-7', 'logger-7', 'wrong')).toBe(4);
    expect(await connect('logger-7', 'logger-8', 'logger-8')).toBe(2);
    expect(await connect('no spaces', 'no spaces', 'no spaces')).toBe(2);
    expect(await connect('away', 'away', 'away')).toBe(3);
  });

  test('wrong credentials are logged once a client and minute', async () => {
    const lines: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => lines.push(fields) };
    const { port } = await broker({ logger });
    for (let i = 0; i < 3; i++) {
      const client = await RawClient.signIn(port, 'logger-7', { password: Buffer.from('wrong') });
      await client.closed();
    }
    expect(lines).toEqual([{ client: 'logger-7', username: 'logger-7', reason: 'credentials', err: undefined }]);
  });

  test('a gateway may listen to its own commands and to nothing else', async () => {
    const { broker: sending, port } = await broker();
    const gateway = await RawClient.signIn(port, 'gw-1', { clean: false });
    const own = commandsTopic('gateway', 'gw-1');
    const foreign = commandsTopic('gateway', 'gw-2');
    const subscriptions = [
      { topic: own, qos: 1 as const },
      { topic: foreign, qos: 1 as const },
      { topic: '#', qos: 1 as const },
    ];
    gateway.send({ cmd: 'subscribe', messageId: 3, subscriptions });
    expect(await gateway.next('suback')).toMatchObject({ granted: [1, 128, 128] });
    await RawClient.signIn(port, 'gw-2');
    await sending.publish(foreign, Buffer.from('green'));
    await sending.publish(own, Buffer.from('red'));
    expect(await gateway.next('publish')).toMatchObject({ topic: own, payload: Buffer.from('red') });
    gateway.drop();
    await gateway.closed();
    await sending.publish(foreign, Buffer.from('green'));
    const back = await RawClient.signIn(port, 'gw-1', { clean: false });
    back.send({ cmd: 'pingreq' });
    await back.next('pingresp');
    const first = await back.next('publish');
    expect(first).toMatchObject({ topic: own, payload: Buffer.from('red') });
    expect(back.received('publish')).toBe(0);
  });

  // Credentials used to be a device's or a gateway's: a gateway whose credentials came from `device create` was cut off.
  test('whoever signed in may speak under its own name as a logger and as a gateway, and under no other name', async () => {
    const { port, desk } = await broker();
    const own = ['isotherm/v1/devices/dock-3/readings', 'isotherm/v1/gateways/dock-3/batches'];
    const both = await RawClient.signIn(port, 'dock-3');
    for (const [index, topic] of own.entries()) {
      both.publish(topic, '{}', index + 1);
      const { message, done } = await desk.next();
      expect(message.topic).toBe(topic);
      done();
      await both.next('puback');
    }
    for (const topic of ['isotherm/v1/devices/dock-4/readings', 'isotherm/v1/gateways/dock-4/batches']) {
      const stranger = await RawClient.signIn(port, 'dock-3');
      stranger.publish(topic, '{}', 9);
      await stranger.closed();
      expect(stranger.received('puback')).toBe(0);
    }
    expect(desk.held).toEqual([]);
  });

  test('a command to a gateway that is not there fails instead of waiting for it', async () => {
    const { broker: sending } = await broker();
    await expect(sending.publish(commandsTopic('gateway', 'gw-9'), Buffer.from('red'))).rejects.toMatchObject({
      code: 'RECIPIENT_NOT_CONNECTED',
    });
  });
});

describe('wills and states', () => {
  test('a gateway that dies is reported by its will, through accept and retained for who asks later', async () => {
    const { port, desk } = await broker();
    const will = { topic: STATUS, payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: true };
    const gateway = await RawClient.signIn(port, 'gw-1', { will });
    gateway.publish(STATUS, '{"state":"online"}', 1, { retain: true });
    (await desk.next()).done();
    await gateway.next('puback');
    gateway.drop();
    const { message, done } = await desk.next();
    expect(message).toMatchObject({ clientId: 'gw-1', topic: STATUS, packetId: null });
    done();
    const bridge = await RawClient.signIn(port, 'bridge-1');
    bridge.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'isotherm/v1/gateways/+/status', qos: 1 }],
    });
    expect(await bridge.next('publish')).toMatchObject({ retain: true, payload: Buffer.from('{"state":"offline"}') });
  });

  test.each(['isotherm/v1/gateways/gw-2/status', 'isotherm/v1/gateways/gw-1/batches', '$SYS/x'])(
    'a will on %s is refused when the gateway connects',
    async (topic) => {
      const { port } = await broker();
      const will = { topic, payload: Buffer.from('x'), qos: 1, retain: false };
      const gateway = await RawClient.signIn(port, 'gw-1', { will });
      await gateway.closed();
    },
  );

  test('when the broker stops, no gateway is reported dead', async () => {
    const { broker: stopping, port, desk } = await broker();
    const will = { topic: STATUS, payload: Buffer.from('offline'), qos: 1, retain: true };
    await RawClient.signIn(port, 'gw-1', { will });
    await stopping.stop();
    expect(desk.held).toEqual([]);
  });
});

describe('bounds', () => {
  test('a packet that announces too much is cut off at its header', async () => {
    const { port, desk } = await broker({ limits: { payloadBytes: 10_000 } });
    const logger = await RawClient.signIn(port, 'logger-7');
    logger.publish(READINGS, 'x'.repeat(10_000), 1);
    (await desk.next()).done();
    await logger.next('puback');
    // PUBLISH, QoS 1, remaining length 268,435,455; the body never comes.
    logger.write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f, 0x00]));
    await logger.closed();
    expect(desk.held).toEqual([]);
  });

  test('a payload over the limit is refused even where the packet is not', async () => {
    const { port, desk } = await broker({ limits: { payloadBytes: 10_000 } });
    const logger = await RawClient.signIn(port, 'logger-7');
    logger.publish(READINGS, 'x'.repeat(10_001), 1);
    await logger.closed();
    expect(desk.held).toEqual([]);
  });

  test('connections beyond the limit are closed', async () => {
    const { port } = await broker({ limits: { connections: 1 } });
    const first = await RawClient.signIn(port, 'a');
    const second = await RawClient.open(port);
    await second.closed();
    first.drop();
  });

  test('a port that is taken is named, with the setting that changes it', async () => {
    const { port } = await broker();
    const second = new Broker({
      host: '127.0.0.1',
      port,
      authenticate,
      accept: (_, done) => done(),
      time: systemTime,
      logger: silentLogger,
      meter: silentMeter,
    });
    await expect(second.start()).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `port ${port} on 127.0.0.1 is taken; change it with mqtt.port`,
    });
  });
});

describe('doors', () => {
  const signIn = { clientId: 'logger-7', username: 'logger-7', password: 'logger-7', reconnectPeriod: 0 };

  test('TLS opens where there is a certificate, on a port of its own', async () => {
    const desk = new Desk();
    const secure = new Broker({
      host: '127.0.0.1',
      port: 0,
      tls: { port: 0, key: TEST_KEY, cert: TEST_CERT },
      authenticate,
      accept: desk.accept,
      time: systemTime,
      logger: silentLogger,
      meter: silentMeter,
    });
    running.push(secure);
    const { tls } = await secure.start();
    const client = await connectAsync(`mqtts://127.0.0.1:${tls}`, { ...signIn, ca: TEST_CERT });
    const published = client.publishAsync(READINGS, '{}', { qos: 1 });
    (await desk.next()).done();
    await published;
    await client.endAsync();
  });

  test('stopping waits for nobody who is only knocking', async () => {
    const slow = new Broker({
      host: '127.0.0.1',
      port: 0,
      tls: { port: 0, key: TEST_KEY, cert: TEST_CERT },
      authenticate,
      accept: (_, done) => done(),
      time: systemTime,
      logger: silentLogger,
      meter: silentMeter,
    });
    const { mqtt, tls } = await slow.start();
    const silent = [await RawClient.open(mqtt), await RawClient.open(tls ?? 0)];
    await slow.stop();
    await Promise.all(silent.map((client) => client.closed()));
  });

  test('a web server hands WebSockets over by their upgrade', async () => {
    const { broker: behind, desk } = await broker();
    const web = createServer();
    web.on('upgrade', (request, socket, head) => behind.handleUpgrade(request, socket, head));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const { port } = web.address() as AddressInfo;
    const client = await connectAsync(`ws://127.0.0.1:${port}/mqtt`, signIn);
    const published = client.publishAsync(READINGS, '{"temperature":5.1}', { qos: 1 });
    const { message, done } = await desk.next();
    expect(Buffer.from(message.payload).toString()).toBe('{"temperature":5.1}');
    done();
    await published;
    await client.endAsync();
    web.close();
  });

  test('what comes over a WebSocket is bounded as well', async () => {
    const { broker: behind } = await broker({ limits: { payloadBytes: 2_000 } });
    const web = createServer();
    web.on('upgrade', (request, socket, head) => behind.handleUpgrade(request, socket, head));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const { port } = web.address() as AddressInfo;
    const client = await connectAsync(`ws://127.0.0.1:${port}/mqtt`, signIn);
    client.on('error', () => {});
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.publish(READINGS, 'x'.repeat(5_000), { qos: 1 });
    await closed;
    await client.endAsync(true);
    web.close();
  });
});
