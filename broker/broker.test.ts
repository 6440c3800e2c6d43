import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { dialectOf } from '../codecs/payloads/index.ts';
import { commandsTopic, silentLogger, silentMeter, systemTime, UnavailableError } from '../domain/index.ts';
import { Broker, type BrokerOptions, type InboundMessage, type Principal } from './index.ts';
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
    sourceOf: (topic) => dialectOf(topic)?.source ?? null,
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
    const { packetId, payload, arrival } = first.message;
    expect(resent.message).toMatchObject({ packetId, payload, firstArrival: arrival });
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

describe('a repeat', () => {
  const REPEATED = '{"temperature":9}';

  async function taken(desk: Desk): Promise<InboundMessage> {
    const { message, done } = await desk.next();
    done();
    return message;
  }

  // A sensor that wakes, says {"temperature":9.0} with packet identifier 1 and sleeps: 11 PUBACKs, one reading stored.
  test.each([1, 2] as const)(
    'the same packet identifier and payload in a new clean session is a new message once QoS %d was acknowledged',
    async (qos) => {
      const { port, desk } = await broker();
      for (let wake = 0; wake < 3; wake++) {
        const sensor = await RawClient.signIn(port, 'logger-7');
        sensor.publish(READINGS, REPEATED, 1, { qos });
        const { arrival, firstArrival } = await taken(desk);
        expect(firstArrival).toBe(arrival);
        await sensor.next(qos === 1 ? 'puback' : 'pubrec');
        if (wake === 1) sensor.send({ cmd: 'disconnect' });
        else sensor.drop();
        await sensor.closed();
      }
    },
  );

  test('so it is on one connection', async () => {
    const { port, desk } = await broker();
    const sensor = await RawClient.signIn(port, 'logger-7');
    for (let n = 0; n < 3; n++) {
      sensor.publish(READINGS, REPEATED, 1, { dup: n === 2 });
      const { arrival, firstArrival } = await taken(desk);
      expect(firstArrival).toBe(arrival);
      await sensor.next('puback');
    }
  });

  test('one that was refused is repeated, DUP or not, and new again after its acknowledgement', async () => {
    const { port, desk } = await broker();
    const first = await RawClient.signIn(port, 'logger-7');
    first.publish(READINGS, REPEATED, 1);
    const refused = await desk.next();
    refused.done(new Error('stalled'));
    await first.closed();
    const second = await RawClient.signIn(port, 'logger-7');
    second.publish(READINGS, REPEATED, 1);
    expect((await taken(desk)).firstArrival).toBe(refused.message.arrival);
    await second.next('puback');
    second.publish(READINGS, REPEATED, 1);
    const third = await taken(desk);
    expect(third.firstArrival).toBe(third.arrival);
  });

  test('one whose connection ended before its PUBACK was written is repeated; another payload, id or client is new', async () => {
    const { port, desk } = await broker();
    const first = await RawClient.signIn(port, 'logger-7');
    first.publish(READINGS, REPEATED, 1);
    const cut = await desk.next();
    first.drop();
    await first.closed();
    const second = await RawClient.signIn(port, 'logger-7');
    // In flight still.
    second.publish(READINGS, REPEATED, 1);
    expect((await taken(desk)).firstArrival).toBe(cut.message.arrival);
    await second.next('puback');
    second.publish(READINGS, REPEATED, 2);
    const held = await desk.next();
    second.drop();
    await second.closed();
    held.done();
    const third = await RawClient.signIn(port, 'logger-7');
    third.publish(READINGS, '{"temperature":9.5}', 2);
    const other = await taken(desk);
    expect(other.firstArrival).toBe(other.arrival);
    const stranger = await RawClient.signIn(port, 'logger-8');
    stranger.publish('isotherm/v1/devices/logger-8/readings', REPEATED, 2);
    const foreign = await taken(desk);
    expect(foreign.firstArrival).toBe(foreign.arrival);
  });

  // MQTT-4.3.3-2: what a session has received and not released is the same message, whatever became of the PUBREC.
  test('a QoS 2 message that a lasting session has not released is not handed on again', async () => {
    const { port, desk } = await broker();
    const first = await RawClient.signIn(port, 'logger-7', { clean: false });
    first.publish(READINGS, REPEATED, 1, { qos: 2 });
    await taken(desk);
    await first.next('pubrec');
    first.drop();
    await first.closed();
    const second = await RawClient.signIn(port, 'logger-7', { clean: false });
    second.publish(READINGS, REPEATED, 1, { qos: 2, dup: true });
    expect(await second.next('pubrec')).toMatchObject({ messageId: 1 });
    second.send({ cmd: 'pubrel', messageId: 1 });
    await second.next('pubcomp');
    second.publish(READINGS, REPEATED, 1, { qos: 2 });
    await taken(desk);
    await second.next('pubrec');
    expect(desk.held).toEqual([]);
  });

  test('after a restart DUP decides: with it the message is of when it came before, without it is new', async () => {
    const earlierArrival = async ({ clientId }: { clientId: string }) => (clientId === 'logger-7' ? 1_000 : null);
    const { port, desk } = await broker({ earlierArrival });
    const first = await RawClient.signIn(port, 'logger-7');
    first.publish(READINGS, REPEATED, 1, { dup: true });
    expect((await taken(desk)).firstArrival).toBe(1_000);
    await first.next('puback');
    first.publish(READINGS, REPEATED, 2);
    const fresh = await taken(desk);
    expect(fresh.firstArrival).toBe(fresh.arrival);
    first.drop();
    await first.closed();
    // Heard since the start: what was not acknowledged is known here.
    const second = await RawClient.signIn(port, 'logger-7');
    second.publish(READINGS, REPEATED, 1, { dup: true });
    const later = await taken(desk);
    expect(later.firstArrival).toBe(later.arrival);
    const unheard = await RawClient.signIn(port, 'logger-8');
    unheard.publish('isotherm/v1/devices/logger-8/readings', REPEATED, 1, { dup: true });
    const unknown = await taken(desk);
    expect(unknown.firstArrival).toBe(unknown.arrival);
  });
});

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

describe('who may do what', () => {
  // One such message used to block its client's queue for ever: cut off, it came back with the same one, 12 times a minute.
  test.each([
    ['logger-7', 'isotherm/v1/devices/logger-8/readings', 'TOPIC_FOREIGN'],
    ['logger-7', 'isotherm/v1/gateways/logger-70/batches', 'TOPIC_FOREIGN'],
    ['logger-7', commandsTopic('device', 'logger-7'), 'TOPIC_FOREIGN'],
    ['logger-7', 'isotherm/v1/dialects/zebra-fx/logger-8', 'TOPIC_FOREIGN'],
    ['gw-1', 'isotherm/v1/gateways/gw-2/status', 'TOPIC_FOREIGN'],
    ['bridge-1', READINGS, 'TOPIC_FOREIGN'],
    ['isotherm', 'isotherm/v1/other', 'TOPIC_UNKNOWN'],
    ['logger-7', 'isotherm/v1/devices/', 'TOPIC_UNKNOWN'],
    ['logger-7', 'isotherm/v1/dialects/none/logger-7', 'TOPIC_UNKNOWN'],
    ['logger-7', 'sensors/logger-7/state', 'TOPIC_UNKNOWN'],
    ['gw-1', '$SYS/broker/heartbeat', 'TOPIC_UNKNOWN'],
  ])('%s publishing on %s is acknowledged, handed on with the reason, and goes on', async (id, topic, reason) => {
    const { port, desk } = await broker();
    const client = await RawClient.signIn(port, id);
    client.publish(topic, '{}', 1);
    const { message, done } = await desk.next();
    expect(message.refusal).toMatchObject({ reason, detail: expect.stringContaining(topic) });
    done();
    expect(await client.next('puback')).toMatchObject({ messageId: 1 });
    client.publish(`isotherm/v1/devices/${id}/readings`, '{}', 2);
    (await desk.next()).done();
    expect(await client.next('puback')).toMatchObject({ messageId: 2 });
  });

  test.each([
    ['logger-7', 'isotherm/v1/dialects/zebra-fx/logger-7'],
    ['bridge-1', 'isotherm/v1/dialects/impinj-r700/dock-1'],
    ['logger-7', 'isotherm/v1/devices/logger-7//readings'],
  ])('%s may publish on %s', async (id, topic) => {
    const { port, desk } = await broker();
    const client = await RawClient.signIn(port, id);
    client.publish(topic, '{}', 1);
    const { message, done } = await desk.next();
    expect(message.refusal).toBeNull();
    done();
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
    const address = '127.0.0.1';
    expect(lines).toEqual([
      { client: 'logger-7', username: 'logger-7', address, reason: 'credentials', err: undefined },
    ]);
  });

  // A stranger that gives another name each time wrote a line for each, as long as the name it chose.
  test('a stranger under many names costs a few short lines', async () => {
    const lines: { client: string }[] = [];
    const logger = { ...silentLogger, warn: (fields: { client: string }) => void lines.push(fields) };
    const { port } = await broker({ logger: logger as unknown as BrokerOptions['logger'] });
    for (let n = 0; n < 30; n++) {
      const client = await RawClient.signIn(port, `${'x'.repeat(4_000)}${n}`);
      await client.closed();
    }
    expect(lines).toHaveLength(10);
    expect(Math.max(...lines.map((line) => JSON.stringify(line).length))).toBeLessThan(500);
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

  // Zigbee2MQTT, Tasmota and Shelly subscribe when they connect, and some give up where that is refused.
  test('a client may listen under its own name in its dialect, and is sent nothing but what we send', async () => {
    const { broker: sending, port, desk } = await broker();
    const plug = await RawClient.signIn(port, 'plug-1');
    const filters = [
      ...['cmnd/plug-1/#', 'zigbee2mqtt/plug-1/set', 'plug-1/rpc', 'homie/5/plug-1/relay/on/set'],
      ...['spBv1.0/STATE/isotherm', 'spBv1.0/site/NCMD/plug-1'],
      ...[
        'cmnd/plug-2/#',
        'cmnd/+/POWER',
        'zigbee2mqtt/#',
        '+/rpc',
        '#',
        'plug-1',
        'homie/5/+/#',
        'spBv1.0/site/NCMD/#',
      ],
    ];
    const subscriptions = filters.map((topic) => ({ topic, qos: 1 as const }));
    plug.send({ cmd: 'subscribe', messageId: 3, subscriptions });
    expect(await plug.next('suback')).toMatchObject({ granted: filters.map((_, i) => (i < 6 ? 1 : 128)) });
    expect(await plug.next('publish')).toMatchObject({ topic: 'spBv1.0/STATE/isotherm' });
    // What a client publishes there, retained or not, reaches nobody.
    const other = await RawClient.signIn(port, 'plug-2');
    other.publish('cmnd/plug-1/POWER', 'ON', 1, { retain: true });
    (await desk.next()).done();
    await other.next('puback');
    await sending.publish('cmnd/plug-1/POWER', Buffer.from('OFF'));
    expect(await plug.next('publish')).toMatchObject({ topic: 'cmnd/plug-1/POWER', payload: Buffer.from('OFF') });
    expect(plug.received('publish')).toBe(0);
    const service = await RawClient.signIn(port, 'bridge-1');
    service.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'zigbee2mqtt/#', qos: 1 }] });
    expect(await service.next('suback')).toMatchObject({ granted: [1] });
    const namesake = await RawClient.signIn(port, 'isotherm');
    namesake.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'isotherm/#', qos: 1 }] });
    expect(await namesake.next('suback')).toMatchObject({ granted: [128] });
  });

  // A service was granted `spBv1.0/+/NCMD/#` and then sent nothing of it.
  test('what is sent down reaches an edge node, and the service that speaks for it, at their own topics alone', async () => {
    const { broker: sending, port } = await broker();
    const node = await RawClient.signIn(port, 'node-1');
    const other = await RawClient.signIn(port, 'node-2');
    const service = await RawClient.signIn(port, 'bridge-1');
    const listen = (client: RawClient, ...topics: string[]) => {
      client.send({
        cmd: 'subscribe',
        messageId: 9,
        subscriptions: topics.map((topic) => ({ topic, qos: 1 as const })),
      });
      return client.next('suback');
    };
    expect(await listen(node, 'spBv1.0/site/NCMD/node-1/#', 'spBv1.0/site/DCMD/node-1/#')).toMatchObject({
      granted: [1, 1],
    });
    expect(await listen(other, 'spBv1.0/site/NCMD/node-2')).toMatchObject({ granted: [1] });
    expect(await listen(service, 'spBv1.0/+/NCMD/+')).toMatchObject({ granted: [1] });
    await sending.publish('spBv1.0/site/NCMD/node-1', Buffer.from('rebirth'), { qos: 0 });
    const command = { topic: 'spBv1.0/site/NCMD/node-1', payload: Buffer.from('rebirth'), retain: false };
    expect(await node.next('publish')).toMatchObject(command);
    expect(await service.next('publish')).toMatchObject(command);
    other.send({ cmd: 'pingreq' });
    await other.next('pingresp');
    expect(other.received('publish')).toBe(0);
  });

  test('an edge node is told that its host is there when it asks, and that it goes when the broker stops', async () => {
    const { broker: host, port, desk } = await broker();
    const node = await RawClient.signIn(port, 'node-1');
    node.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'spBv1.0/STATE/isotherm', qos: 1 }] });
    const birth = await node.next('publish');
    expect(birth).toMatchObject({ topic: 'spBv1.0/STATE/isotherm', qos: 1, retain: true });
    const { online, timestamp } = JSON.parse(String((birth as { payload: Buffer }).payload));
    expect([online, Math.abs(Date.now() - timestamp) < 60_000]).toEqual([true, true]);
    // Nobody else may say it.
    const sly = await RawClient.signIn(port, 'isotherm');
    sly.publish('spBv1.0/STATE/isotherm', '{"online":false}', 1, { retain: true });
    (await desk.next()).done();
    await sly.next('puback');
    node.send({ cmd: 'pingreq' });
    await node.next('pingresp');
    expect(node.received('publish')).toBe(0);
    await host.stop();
    const death = await node.next('publish');
    expect(JSON.parse(String((death as { payload: Buffer }).payload))).toEqual({ online: false, timestamp });
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
      both.publish(topic, '{}', 9);
      const { message, done } = await desk.next();
      expect(message.refusal).toMatchObject({ reason: 'TOPIC_FOREIGN' });
      done();
      await both.next('puback');
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
