import { describe, expect, test } from 'vitest';
import { commandsTopic, silentLogger } from '../domain/index.ts';
import type { BrokerOptions } from './index.ts';
import { broker, READINGS } from './testing/desk.ts';
import { RawClient } from './testing/raw-client.ts';

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
