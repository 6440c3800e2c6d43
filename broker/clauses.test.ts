import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { commandsTopic, HOST_STATE_TOPIC, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Broker, type InboundMessage } from './index.ts';
import { RawClient } from './testing/raw-client.ts';

// MQTT 3.1.1, clause by clause; docs/mqtt-clauses.md says which test holds which.

const READINGS = 'isotherm/v1/devices/logger-7/readings';
const COMMANDS = commandsTopic('device', 'logger-7');

const running: Broker[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((broker) => broker.stop()));
});

async function broker(): Promise<{ broker: Broker; port: number; taken: InboundMessage[] }> {
  const taken: InboundMessage[] = [];
  const started = new Broker({
    ...{ host: '127.0.0.1', port: 0, time: systemTime, logger: silentLogger, meter: silentMeter },
    authenticate: async (_id, username, password) => (password === username ? { kind: 'device', id: username } : null),
    accept: (message, done) => {
      taken.push(message);
      done();
    },
  });
  running.push(started);
  return { broker: started, port: (await started.start()).mqtt, taken };
}

function packet(first: number, ...parts: (Buffer | string | number[])[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part !== 'string') return Buffer.from(part);
      const bytes = Buffer.from(part);
      return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
    }),
  );
  return Buffer.concat([Buffer.of(first, body.length), body]);
}

/** CONNECT of logger-7, with these connect flags and what they announce. */
function connect(flags: number, ...rest: (Buffer | string | number[])[]): Buffer {
  return packet(0x10, 'MQTT', [4, flags, 0, 60], ...rest);
}

const ILL_FORMED = Buffer.from([0, 2, 0xc3, 0x28]);
const SURROGATE = Buffer.from([0, 3, 0xed, 0xa0, 0x80]);

describe('CONNECT', () => {
  test.each([
    ['MQTT-3.1.0-1', 'anything before it', packet(0x32, READINGS, [0, 1], Buffer.from('{}'))],
    ['MQTT-3.1.2-1', 'another protocol name', packet(0x10, 'MQTX', [4, 2, 0, 60], 'logger-7')],
    ['MQTT-3.1.2-3', 'its reserved flag set', connect(0xc3, 'logger-7', 'logger-7', 'logger-7')],
    ['MQTT-3.1.2-13', 'QoS of a will and no will', connect(0xca, 'logger-7', 'logger-7', 'logger-7')],
    ['MQTT-3.1.2-15', 'a will to retain and no will', connect(0xe2, 'logger-7', 'logger-7', 'logger-7')],
    ['MQTT-3.1.2-14', 'a will of QoS 3', connect(0xde, 'logger-7', 'a', 'b', 'logger-7', 'logger-7')],
    ['MQTT-3.1.2-22', 'a password without a user name', connect(0x42, 'logger-7', 'logger-7')],
    ['MQTT-3.1.2-19', 'a user name announced and none there', connect(0xc2, 'logger-7')],
    ['MQTT-2.2.2-2', 'flags in its fixed header', packet(0x11, 'MQTT', [4, 2, 0, 60], 'logger-7')],
  ])('%s: %s ends the connection without CONNACK', async (_clause, _what, bytes) => {
    const { port } = await broker();
    const client = await RawClient.open(port);
    client.write(bytes);
    await client.closed();
    expect(client.received('connack')).toBe(0);
  });

  test.each([
    ['MQTT-3.1.3-8', 'no id in a lasting session', '', false],
    ['MQTT-3.1.3-9', 'an id that is none of ours', 'logger 7', true],
  ])(
    '%s: %s is answered with CONNACK 2, and the connection ends (MQTT-3.2.2-4, MQTT-3.2.2-5)',
    async (_c, _w, clientId, clean) => {
      const { port } = await broker();
      const client = await RawClient.open(port);
      client.write(connect(clean ? 0xc2 : 0xc0, clientId, 'logger-7', 'logger-7'));
      expect(await client.next('connack')).toMatchObject({ returnCode: 2, sessionPresent: false });
      await client.closed();
    },
  );

  test('MQTT-3.1.3-5: 1 to 23 letters and digits are an id', async () => {
    const { port } = await broker();
    for (const id of ['a', '0123456789abcdefghijABC']) {
      const client = await RawClient.open(port);
      expect(await RawClient.connectAnswer(client, id)).toMatchObject({ returnCode: 0 });
    }
  });

  test('MQTT-3.1.4-2: the same id again ends the connection that was there', async () => {
    const { port } = await broker();
    const first = await RawClient.signIn(port, 'logger-7');
    const second = await RawClient.signIn(port, 'logger-7');
    await first.closed();
    second.send({ cmd: 'pingreq' });
    expect(await second.next('pingresp')).not.toBeNull();
  });

  test('MQTT-3.1.4-5: what is sent behind a CONNECT that is refused is not looked at', async () => {
    const { port, taken } = await broker();
    const client = await RawClient.open(port);
    client.write(
      Buffer.concat([
        connect(0xc2, 'logger-7', 'logger-7', 'wrong'),
        packet(0x32, READINGS, [0, 1], Buffer.from('{}')),
      ]),
    );
    expect(await client.next('connack')).toMatchObject({ returnCode: 4, sessionPresent: false });
    await client.closed();
    expect(taken).toEqual([]);
  });

  test('MQTT-3.2.2-1 to 3: a session is present where a lasting one was left, and only then (MQTT-3.1.2-6)', async () => {
    const { port } = await broker();
    const present = async (clean: boolean) => {
      const client = await RawClient.open(port);
      client.write(connect(clean ? 0xc2 : 0xc0, 'logger-7', 'logger-7', 'logger-7'));
      const connack = await client.next('connack');
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: COMMANDS, qos: 1 }] });
      await client.next('suback');
      client.send({ cmd: 'disconnect' });
      await client.closed();
      return (connack as { sessionPresent?: boolean }).sessionPresent;
    };
    expect([await present(false), await present(false), await present(true), await present(false)]).toEqual([
      ...[false, true, false, false],
    ]);
  });

  test('MQTT-3.1.2-24: a client that says nothing for one and a half times its keep alive is disconnected', async () => {
    const { port } = await broker();
    const from = performance.now();
    const client = await RawClient.signIn(port, 'logger-7', { keepalive: 1 });
    await client.closed();
    expect(performance.now() - from).toBeGreaterThan(1_400);
  });
});

describe('a packet that is malformed ends the connection, unanswered (MQTT-4.8.0-1)', () => {
  test.each([
    ['MQTT-1.5.3-1', 'a topic that is not UTF-8', packet(0x32, ILL_FORMED, [0, 1], Buffer.from('{}'))],
    ['MQTT-1.5.3-1', 'a topic with half a surrogate', packet(0x32, SURROGATE, [0, 1], Buffer.from('{}'))],
    ['MQTT-1.5.3-2', 'a topic with NUL', packet(0x32, 'a\0b', [0, 1], Buffer.from('{}'))],
    ['MQTT-3.8.3-1', 'a filter that is not UTF-8', packet(0x82, [0, 1], ILL_FORMED, [1])],
    ['MQTT-4.7.3-2', 'a filter with NUL', packet(0x82, [0, 1], 'a\0b', [1])],
    ['MQTT-4.7.3-1', 'a filter of no length', packet(0x82, [0, 1], '', [1])],
    ['MQTT-4.7.1-2', 'a # that is not a level of its own', packet(0x82, [0, 1], 'a#', [1])],
    ['MQTT-4.7.1-2', 'a # that is not the last', packet(0x82, [0, 1], 'a/#/b', [1])],
    ['MQTT-4.7.1-3', 'a + that is not a level of its own', packet(0x82, [0, 1], 'a/b+', [1])],
    ['MQTT-3.3.2-2', 'a topic with a wildcard', packet(0x32, 'a/+', [0, 1], Buffer.from('{}'))],
    ['MQTT-3.3.1-4', 'a PUBLISH of QoS 3', packet(0x36, READINGS, [0, 1], Buffer.from('{}'))],
    ['MQTT-2.3.1-1', 'a PUBLISH of QoS 1 with packet identifier 0', packet(0x32, READINGS, [0, 0], Buffer.from('{}'))],
    ['MQTT-3.8.3-3', 'a SUBSCRIBE that asks for nothing', packet(0x82, [0, 1])],
    ['MQTT-3-8.3-4', 'a SUBSCRIBE with QoS 3', packet(0x82, [0, 1], COMMANDS, [3])],
    ['MQTT-3-8.3-4', 'a SUBSCRIBE with a reserved bit', packet(0x82, [0, 1], COMMANDS, [0x11])],
    ['MQTT-3.10.3-2', 'an UNSUBSCRIBE of nothing', packet(0xa2, [0, 1])],
    ['MQTT-3.8.1-1', 'SUBSCRIBE with other flags', packet(0x80, [0, 1], COMMANDS, [1])],
    ['MQTT-3.10.1-1', 'UNSUBSCRIBE with other flags', packet(0xa0, [0, 1], COMMANDS)],
    ['MQTT-3.6.1-1', 'PUBREL with other flags', packet(0x60, [0, 1])],
    ['MQTT-3.14.1-1', 'DISCONNECT with other flags', packet(0xe1)],
    ['MQTT-2.2.2-2', 'PINGREQ with other flags', packet(0xc1)],
    ['MQTT-2.2.2-2', 'PUBACK with other flags', packet(0x41, [0, 1])],
    ['MQTT-3.1.0-2', 'a second CONNECT', connect(0xc2, 'logger-7', 'logger-7', 'logger-7')],
    ['MQTT-2.2.2-2', 'a packet of type 0', packet(0x00)],
    ['MQTT-2.2.2-2', 'a packet of type 15', packet(0xf0)],
  ])('%s: %s', async (_clause, _what, bytes) => {
    const { port, taken } = await broker();
    const client = await RawClient.signIn(port, 'logger-7');
    client.write(bytes);
    await client.closed();
    expect(taken).toEqual([]);
    expect(
      ['puback', 'suback', 'unsuback', 'pingresp', 'pubcomp'].map((cmd) => client.received(cmd as 'puback')),
    ).toEqual([...[0, 0, 0, 0, 0]]);
  });
});

describe('answers', () => {
  test('MQTT-3.8.4-1 and after: SUBACK has its packet identifier and a code for each filter, in order; PINGREQ its PINGRESP (MQTT-3.12.4-1)', async () => {
    const { port } = await broker();
    const client = await RawClient.signIn(port, 'logger-7');
    const topics = [COMMANDS, '#', 'cmnd/logger-7/#', '$SYS/#', 'other'];
    const subscriptions = topics.map((topic, n) => ({ topic, qos: (n === 2 ? 2 : 1) as 1 | 2 }));
    client.send({ cmd: 'subscribe', messageId: 4711, subscriptions });
    expect(await client.next('suback')).toMatchObject({ messageId: 4711, granted: [1, 128, 2, 128, 128] });
    client.send({ cmd: 'pingreq' });
    expect(await client.next('pingresp')).not.toBeNull();
  });

  test('MQTT-3.10.4-1 to 6: UNSUBACK comes once for all filters, for those that are none too, and nothing is sent after it', async () => {
    const { broker: host, port } = await broker();
    const client = await RawClient.signIn(port, 'logger-7');
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: COMMANDS, qos: 1 }] });
    await client.next('suback');
    client.send({ cmd: 'unsubscribe', messageId: 77, unsubscriptions: [COMMANDS, 'never/subscribed'] });
    expect(await client.next('unsuback')).toMatchObject({ messageId: 77 });
    await host.publish(COMMANDS, Buffer.from('x'));
    client.send({ cmd: 'pingreq' });
    await client.next('pingresp');
    expect([client.received('publish'), client.received('unsuback')]).toEqual([0, 0]);
  });

  test('MQTT-3.8.4-3: the same filter again takes the place of the first, and what is retained comes again with RETAIN (MQTT-3.3.1-6, MQTT-3.3.1-8)', async () => {
    const { port } = await broker();
    const client = await RawClient.signIn(port, 'logger-7');
    for (const qos of [1, 0] as const) {
      client.send({ cmd: 'subscribe', messageId: 1 + qos, subscriptions: [{ topic: HOST_STATE_TOPIC, qos }] });
      expect(await client.next('suback')).toMatchObject({ granted: [qos] });
      expect(await client.next('publish')).toMatchObject({ topic: HOST_STATE_TOPIC, qos, retain: true });
    }
  });

  test('MQTT-3.3.5-1: what is sent is of the lesser QoS of message and subscription (MQTT-3.8.4-6), without RETAIN (MQTT-3.3.1-9)', async () => {
    const { broker: host, port } = await broker();
    const client = await RawClient.signIn(port, 'logger-7');
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: COMMANDS, qos: 0 }] });
    await client.next('suback');
    await host.publish(COMMANDS, Buffer.from('x'), { qos: 1 });
    expect(await client.next('publish')).toMatchObject({ qos: 0, retain: false, dup: false });
  });

  test('MQTT-4.4.0-1: what was not acknowledged is sent again in the session, with its packet identifier, in order (MQTT-4.6.0-1)', async () => {
    const { broker: host, port } = await broker();
    const client = await RawClient.signIn(port, 'logger-7', { clean: false });
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: COMMANDS, qos: 1 }] });
    await client.next('suback');
    for (const text of ['one', 'two']) await host.publish(COMMANDS, Buffer.from(text), { qos: 1 });
    const sent = [await client.next('publish'), await client.next('publish')];
    client.drop();
    await client.closed();
    const back = await RawClient.signIn(port, 'logger-7', { clean: false });
    const again = [await back.next('publish'), await back.next('publish')];
    const of = (one: unknown) => {
      const { messageId, payload } = one as { messageId: number; payload: Buffer };
      return [messageId, String(payload)];
    };
    expect(again.map(of)).toEqual(sent.map(of));
  });

  test('MQTT-4.3.3-2: PUBREC and PUBCOMP have the packet identifier of the PUBLISH (MQTT-2.3.1-6); after PUBCOMP it is a new message', async () => {
    const { port, taken } = await broker();
    const client = await RawClient.signIn(port, 'logger-7');
    for (let round = 1; round <= 2; round++) {
      client.publish(READINGS, '{"temperature":5}', 9, { qos: 2 });
      expect(await client.next('pubrec')).toMatchObject({ messageId: 9 });
      client.send({ cmd: 'pubrel', messageId: 9 });
      expect(await client.next('pubcomp')).toMatchObject({ messageId: 9 });
      expect(taken).toHaveLength(round);
    }
  });

  test('MQTT-3.14.4-3: DISCONNECT takes the will back; a connection that just ends leaves it (MQTT-3.1.2-8, MQTT-3.1.2-12)', async () => {
    const { port, taken } = await broker();
    const topic = 'isotherm/v1/gateways/gw-1/status';
    const will = { topic, payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: true };
    const polite = await RawClient.signIn(port, 'gw-1', { will });
    polite.send({ cmd: 'disconnect' });
    await polite.closed();
    const without = await RawClient.signIn(port, 'gw-1');
    without.drop();
    await without.closed();
    expect(taken).toEqual([]);
    const lost = await RawClient.signIn(port, 'gw-1', { will });
    lost.drop();
    await lost.closed();
    await expect.poll(() => taken.length).toBe(1);
  });
});

describe('WebSocket', () => {
  async function webSocket(protocols: string[]): Promise<WebSocket> {
    const { broker: host } = await broker();
    const server = createServer().on('upgrade', (request, socket, head) => host.handleUpgrade(request, socket, head));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt`, protocols);
    socket.once('close', () => server.close());
    await once(socket, 'open');
    return socket;
  }

  test('MQTT-6.0.0-2: packets may be cut anywhere among frames; MQTT-6.0.0-4: the protocol that is chosen is mqtt', async () => {
    const socket = await webSocket(['other', 'mqtt']);
    expect(socket.protocol).toBe('mqtt');
    const bytes = connect(0xc2, 'logger-7', 'logger-7', 'logger-7');
    for (let at = 0; at < bytes.length; at += 5) socket.send(bytes.subarray(at, at + 5));
    const answered: number[] = [];
    socket.on('message', (frame: Buffer) => answered.push(...frame));
    await expect.poll(() => answered).toEqual([0x20, 2, 0, 0]);
    socket.terminate();
  });

  test('MQTT-6.0.0-1: a text frame ends the connection', async () => {
    const socket = await webSocket(['mqtt']);
    socket.send(connect(0xc2, 'logger-7', 'logger-7', 'logger-7').toString('latin1'));
    await once(socket, 'close');
  });
});

test('docs/mqtt-clauses.md names tests that there are, and every clause that has one here', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const page = read('../docs/mqtt-clauses.md');
  const own = read('./clauses.test.ts');
  const broker = ['broker', 'acknowledgement', 'admission'].map((name) => read(`./${name}.test.ts`)).join('\n');
  const rows = [...page.matchAll(/^\| (MQTT-[\d.-]+) \| .+? \| (.+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(110);
  for (const [, clause, cell = ''] of rows) {
    const named = /^`(.+)`( ◇)?$/.exec(cell);
    if (named === null) continue;
    const [, name = '', isElsewhere] = named;
    expect([clause, (isElsewhere === undefined ? own : broker).includes(name)]).toEqual([clause, true]);
  }
  const clauses = new Set(rows.map(([, clause]) => clause));
  const tested = new Set([...own.matchAll(/^\s+\['(MQTT-[\d.-]+)'/gm)].map(([, clause]) => clause));
  expect([...tested].filter((clause) => !clauses.has(clause))).toEqual([]);
});
