import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectAsync } from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Broker } from './index.ts';
import { TEST_CERT, TEST_KEY } from './testing/certificate.ts';
import { authenticate, broker, Desk, READINGS, STATUS } from './testing/desk.ts';
import { RawClient } from './testing/raw-client.ts';

describe('the protocol', () => {
  // They used to be closed without a word (MQTT-3.1.2-2).
  test.each([0, 1, 2, 5, 6, 9, 127])('protocol level %d is answered with CONNACK 1', async (level) => {
    const { port } = await broker();
    const client = await RawClient.open(port);
    client.write(Buffer.from([0x10, 16, 0, 4, 0x4d, 0x51, 0x54, 0x54, level, 2, 0, 60, 0, 4, 0x61, 0x62, 0x63, 0x64]));
    expect(await client.next('connack')).toMatchObject({ returnCode: 1 });
    await client.closed();
  });

  // MQTT-2.3.1-1: it used to be acknowledged.
  test.each([1, 2] as const)('a QoS %d PUBLISH with packet identifier 0 ends the connection', async (qos) => {
    const { port, desk } = await broker();
    const client = await RawClient.signIn(port, 'logger-7');
    const topic = Buffer.from(READINGS);
    const body = Buffer.concat([Buffer.from([0, topic.length]), topic, Buffer.from([0, 0]), Buffer.from('{}')]);
    client.write(Buffer.concat([Buffer.from([0x30 | (qos << 1), body.length]), body]));
    await client.closed();
    expect([client.received('puback'), client.received('pubrec'), desk.held]).toEqual([0, 0, []]);
  });

  test.each([
    ['SUBSCRIBE', Buffer.from([0x82, 6, 0, 0, 0, 1, 0x61, 1])],
    ['UNSUBSCRIBE', Buffer.from([0xa2, 5, 0, 0, 0, 1, 0x61])],
    ['SUBSCRIBE with wrong flags', Buffer.from([0x80, 6, 0, 1, 0, 1, 0x61, 1])],
    ['PUBLISH with QoS 3', Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1])],
    ['PUBLISH on a topic with a wildcard', Buffer.from([0x32, 5, 0, 1, 0x23, 0, 1])],
    ['PUBLISH on an empty topic', Buffer.from([0x32, 4, 0, 0, 0, 1])],
    ['PUBLISH on a topic with NUL', Buffer.from([0x32, 6, 0, 2, 0x61, 0, 0, 1])],
    ['second CONNECT', Buffer.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x61])],
  ])('a %s ends the connection unanswered', async (_what, bytes) => {
    const { port, desk } = await broker();
    const client = await RawClient.signIn(port, 'logger-7');
    client.write(bytes);
    await client.closed();
    expect(desk.held).toEqual([]);
    expect([client.received('suback'), client.received('unsuback'), client.received('puback')]).toEqual([0, 0, 0]);
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

  // A Mosquitto bridge with its default settings, and Zigbee2MQTT, could not connect for the wills they leave.
  test.each(['$SYS/broker/connection/gw-1/state', 'zigbee2mqtt/bridge/state', 'tele/plug/LWT', 'shelly/online'])(
    'a will on %s is taken for what it is: the client may connect, and its death is no message',
    async (topic) => {
      const { port, desk } = await broker();
      const will = { topic, payload: Buffer.from('0'), qos: 1, retain: true };
      // 0x84: a Mosquitto bridge says that it is one in the top bit of the protocol level.
      const gateway = await RawClient.signIn(port, 'gw-1', { will, bridgeMode: true });
      gateway.publish('$SYS/broker/connection/gw-1/state', '1', 1, { retain: true });
      expect(await gateway.next('puback')).toMatchObject({ messageId: 1 });
      gateway.publish('isotherm/v1/devices/gw-1/readings', '{}', 2);
      (await desk.next()).done();
      await gateway.next('puback');
      gateway.drop();
      const after = await RawClient.signIn(port, 'gw-2');
      after.publish('isotherm/v1/devices/gw-2/readings', '{}', 1);
      expect((await desk.next()).message.clientId).toBe('gw-2');
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

  // It used to wait for the second connection to close, which it does without a limit as well: it never says CONNECT.
  test('connections beyond the limit are closed before they have said anything, and the first ones go on', async () => {
    const { port, desk } = await broker({ limits: { connections: 1, connectTimeoutMs: 3_600_000 } });
    const first = await RawClient.signIn(port, 'a');
    const second = await RawClient.open(port);
    const outcome = await Promise.race([second.closed(), RawClient.connectAnswer(second, 'b')]);
    expect(outcome ?? 'closed').toBe('closed');
    first.publish('isotherm/v1/devices/a/readings', '{}', 1);
    (await desk.next()).done();
    expect(await first.next('puback')).not.toBeNull();
    first.drop();
    await first.closed();
  });

  // One address that opened every place and said nothing kept everybody out.
  test('an address may have only so many connections that have not signed in; those that have do not count', async () => {
    const { port } = await broker({ limits: { strangersPerAddress: 1, connectTimeoutMs: 3_600_000 } });
    const signedIn = await RawClient.signIn(port, 'a');
    const silent = await RawClient.open(port);
    const turnedAway = await RawClient.open(port);
    const outcome = await Promise.race([turnedAway.closed(), RawClient.connectAnswer(turnedAway, 'b')]);
    expect(outcome ?? 'closed').toBe('closed');
    expect(await RawClient.connectAnswer(silent, 'c')).toMatchObject({ returnCode: 0 });
    const next = await RawClient.signIn(port, 'd');
    for (const client of [signedIn, silent, next]) {
      client.drop();
      await client.closed();
    }
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
    onTestFinished(() => secure.stop());
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
