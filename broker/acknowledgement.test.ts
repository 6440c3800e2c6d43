import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../domain/index.ts';
import type { InboundMessage } from './index.ts';
import { broker, type Desk, READINGS } from './testing/desk.ts';
import { RawClient } from './testing/raw-client.ts';

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
