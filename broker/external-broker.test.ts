import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dialectOf } from '../codecs/payloads/index.ts';
import { silentLogger, silentMeter, systemTime, Troubles } from '../domain/index.ts';
import { MosquittoBroker } from '../tests/mosquitto-broker.ts';
import { ExternalBroker, type InboundMessage, type SessionClaim, type Sessions } from './index.ts';

const READINGS = 'isotherm/v1/devices/logger-7/readings';
const BOUND = { timeout: 30_000, interval: 20 };

/** Sessions of one machine, in memory: the first that is nobody's. */
class Claims implements Sessions {
  readonly names = new Map<string, 'taken' | 'left'>();
  readonly #prefix = `s${Math.random().toString(36).slice(2)}`;

  async claim(): Promise<SessionClaim> {
    let n = 1;
    while (this.names.get(`${this.#prefix}-${n}`) === 'taken') n++;
    return this.#claimed(`${this.#prefix}-${n}`);
  }

  async claimLeft(): Promise<SessionClaim | null> {
    const left = [...this.names].find(([, state]) => state === 'left');
    return left === undefined ? null : this.#claimed(left[0]);
  }

  #claimed(name: string): SessionClaim {
    this.names.set(name, 'taken');
    const release = async () => {
      if (this.names.has(name)) this.names.set(name, 'left');
    };
    return { name, lost: new AbortController().signal, release, forget: async () => void this.names.delete(name) };
  }
}

let mosquitto: MosquittoBroker | null;
let url: string;
let claims: Claims;
const running: { stop(): Promise<unknown> }[] = [];

beforeEach(async (context) => {
  mosquitto = await MosquittoBroker.start();
  if (mosquitto === null) context.skip('mosquitto is not installed');
  url = mosquitto?.url ?? '';
  claims = new Claims();
});
afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
  await mosquitto?.stop();
});

type Settle = (message: InboundMessage, done: (error?: Error) => void) => void;

interface Door {
  readonly external: ExternalBroker;
  readonly taken: InboundMessage[];
  readonly troubles: Troubles;
}

async function door(settle: Settle = (_message, done) => done(), time = systemTime, keepsFirst = false): Promise<Door> {
  const taken: InboundMessage[] = [];
  const troubles = new Troubles();
  const external = new ExternalBroker({
    ...{ address: { url }, sessions: claims, isShared: true, troubles, time, logger: silentLogger, meter: silentMeter },
    accept: (message, done) => {
      taken.push({ ...message, payload: Buffer.from(message.payload) });
      settle(message, done);
    },
    mapped: ['acme/+/telemetry'],
    sourceOf: (topic) => dialectOf(topic)?.source ?? /^acme\/([^/]+)\/telemetry$/.exec(topic)?.[1] ?? null,
    refusalOf: async (topic) =>
      topic.includes('/gateways/') ? { reason: 'BATCH_UNSIGNED', detail: 'not signed' } : null,
  });
  external.start();
  running.push(external);
  // It listens when its own state is there and a first message comes through.
  await vi.waitFor(async () => {
    const client = await publisher();
    await client.publishAsync('isotherm/v1/devices/probe/readings', '{}', { qos: 1 });
    await client.endAsync();
    expect(taken.some(({ topic }) => topic.includes('probe'))).toBe(true);
  }, BOUND);
  taken.splice(0, taken.length, ...(keepsFirst ? taken.filter(({ topic }) => !topic.includes('probe')) : []));
  return { external, taken, troubles };
}

async function publisher(options: IClientOptions = {}): Promise<MqttClient> {
  return connectAsync(url, { reconnectPeriod: 50, ...options });
}

const texts = (taken: readonly InboundMessage[]) =>
  taken.filter(({ topic }) => topic === READINGS).map(({ payload }) => String(payload));

describe('a broker of others', () => {
  test('is taken from: the topic says who speaks, and what nobody vouches for comes with its reason', async () => {
    const { taken, troubles } = await door();
    const client = await publisher();
    await client.publishAsync(READINGS, '{"temperature":5.1}', { qos: 1 });
    await client.publishAsync('tele/plug-1/SENSOR', '{}', { qos: 0 });
    await client.publishAsync('isotherm/v1/gateways/gw-1/batches', Buffer.of(1), { qos: 1 });
    await client.publishAsync('isotherm/v1/gateways/gw-1/commands', 'x', { qos: 1 });
    await client.publishAsync('other/things', 'x', { qos: 1 });
    await vi.waitFor(() => expect(taken).toHaveLength(3), BOUND);
    const found = taken.map(({ principal, refusal }) => `${principal.id} ${refusal?.reason ?? ''}`);
    expect(found.toSorted()).toEqual(['gw-1 BATCH_UNSIGNED', 'logger-7 ', 'plug-1 ']);
    expect(troubles.list()).toEqual([]);
    await client.endAsync();
  });

  test('brings what devices said of themselves before we came, and what a person has mapped', async () => {
    const early = await publisher();
    const unit = 'homie/fridge/sensor/temperature/$unit';
    const retained = [unit, 'homie/5/freezer/$description', 'homeassistant/sensor/van_temperature/unit_of_measurement'];
    for (const topic of retained) await early.publishAsync(topic, 'x', { qos: 1, retain: true });
    // A reading that is retained is none of now.
    await early.publishAsync('homie/fridge/sensor/temperature', '41', { qos: 1, retain: true });
    const { taken } = await door(undefined, systemTime, true);
    await vi.waitFor(() => expect(new Set(taken.map(({ topic }) => topic))).toEqual(new Set(retained)), BOUND);
    taken.length = 0;
    const topics = [
      ...['homie/fridge/sensor/temperature', 'homie/5/freezer/sensor/temperature', 'acme/truck-7/telemetry'],
      ...['application/1/device/0102030405060708/event/status', 'application/1/device/0102030405060708/event/location'],
      'v3/app@tenant/devices/tracker-1/location/solved',
    ];
    for (const topic of topics) await early.publishAsync(topic, '5', { qos: 1 });
    await vi.waitFor(() => expect(taken.map(({ topic }) => topic).toSorted()).toEqual(topics.toSorted()), BOUND);
    expect(taken.find(({ topic }) => topic.startsWith('acme'))?.principal.id).toBe('truck-7');
    await early.endAsync();
  });

  // Homie in °F was read as °C after each start: what the broker had kept for us came before what it is in.
  test('is asked for units before readings: what it kept for us came before the unit that it is in', async () => {
    const fridges = Array.from({ length: 200 }, (_, n) => `homie/fridge-${n}/sensor/temperature`);
    const device = await publisher();
    for (const topic of fridges) await device.publishAsync(`${topic}/$unit`, '°F', { qos: 1, retain: true });
    const first = await door();
    running.length = 0;
    await first.external.stop();
    for (const topic of fridges) await device.publishAsync(topic, '41', { qos: 1 });
    await device.publishAsync('homie/fridge-0/sensor/temperature', 'the last', { qos: 1 });
    let tries = 0;
    const { taken } = await door(
      // The first description finds the log full: the broker does not say it again.
      (message, done) => done(message.topic.endsWith('$unit') && tries++ === 0 ? new Error('full') : undefined),
      systemTime,
      true,
    );
    await vi.waitFor(() => expect(taken.some(({ payload }) => String(payload) === 'the last')).toBe(true), BOUND);
    const readings = taken.filter(({ topic }) => topic.endsWith('/temperature'));
    expect(new Set(readings.map(({ topic }) => topic)).size).toBe(200);
    for (const { topic } of readings) {
      const at = taken.findIndex((one) => one.topic === topic);
      expect(
        taken.slice(0, at).some((one) => one.topic === `${topic}/$unit`),
        topic,
      ).toBe(true);
    }
    // The one that failed, again.
    await vi.waitFor(() => expect(taken.filter(({ topic }) => topic.endsWith('$unit'))).toHaveLength(201), BOUND);
    await device.endAsync();
  });

  test('gets its PUBACK when a message is durable; many are under way at once, and one that failed comes again', async () => {
    const held: (() => void)[] = [];
    let isFailing = true;
    const { taken } = await door((message, done) => {
      if (message.topic !== READINGS) done();
      else if (String(message.payload) === '0' && isFailing) {
        isFailing = false;
        done(new Error('no'));
      } else held.push(done);
    });
    const client = await publisher();
    for (let n = 1; n <= 50; n++) void client.publishAsync(READINGS, String(n), { qos: 1 });
    // None has been acknowledged, and all have come.
    await vi.waitFor(() => expect(held).toHaveLength(50), BOUND);
    await client.publishAsync(READINGS, '0', { qos: 1 });
    // The connection is ended: what is not acknowledged comes again, with what failed.
    await vi.waitFor(() => expect(held.length).toBeGreaterThanOrEqual(101), BOUND);
    for (const done of held.splice(0)) done();
    expect(new Set(texts(taken))).toEqual(new Set(Array.from({ length: 51 }, (_, n) => String(n))));
    expect(taken.filter(({ isDup }) => isDup).length).toBeGreaterThanOrEqual(51);
    await client.endAsync();
  });

  test('shares out among processes, and what one leaves that is gone is taken over', { timeout: 120_000 }, async () => {
    const stuck = await door((message, done) => {
      if (message.topic !== READINGS) done();
    });
    const second = await door();
    const client = await publisher();
    for (let n = 0; n < 40; n++) await client.publishAsync(READINGS, String(n), { qos: 1 });
    await vi.waitFor(() => expect(texts(stuck.taken).length + texts(second.taken).length).toBe(40), BOUND);
    expect(Math.min(texts(stuck.taken).length, texts(second.taken).length)).toBeGreaterThan(5);
    running.splice(running.indexOf(stuck.external), 1);
    await stuck.external.stop();
    for (let n = 40; n < 60; n++) await client.publishAsync(READINGS, String(n), { qos: 1 });
    await vi.waitFor(() => expect(new Set(texts(second.taken)).size).toBe(60), { timeout: 60_000, interval: 100 });
    await vi.waitFor(() => expect([...claims.names.values()]).toEqual(['taken']), { timeout: 40_000, interval: 100 });
    await client.endAsync();
  });

  test('keeps what comes while nobody of ours is there', async () => {
    const first = await door();
    running.length = 0;
    await first.external.stop();
    const client = await publisher();
    for (let n = 0; n < 30; n++) await client.publishAsync(READINGS, String(n), { qos: 1 });
    const kept: string[] = [];
    await door((message, done) => {
      if (message.topic === READINGS) kept.push(String(message.payload));
      done();
    });
    await vi.waitFor(() => expect(new Set(kept).size).toBe(30), BOUND);
    await client.endAsync();
  });

  test('retained messages of before are not news', async () => {
    const client = await publisher();
    await client.publishAsync(READINGS, 'old', { qos: 1, retain: true });
    const { taken } = await door();
    await client.publishAsync(READINGS, 'new', { qos: 1, retain: true });
    await vi.waitFor(() => expect(texts(taken)).toEqual(['new']), BOUND);
    await client.publishAsync(READINGS, '', { retain: true, qos: 1 });
    await client.endAsync();
  });

  test('tells edge nodes that their host is there, also when the will of another process says otherwise', async () => {
    const { external } = await door();
    const node = await publisher();
    const states: boolean[] = [];
    const commands: string[] = [];
    node.on('message', (topic, payload) => {
      if (topic === 'spBv1.0/STATE/isotherm') states.push(JSON.parse(String(payload)).online);
      else commands.push(`${topic} ${payload}`);
    });
    await node.subscribeAsync(['spBv1.0/STATE/isotherm', 'spBv1.0/site/NCMD/node-1'], { qos: 1 });
    await vi.waitFor(() => expect(states).toEqual([true]), BOUND);
    await node.publishAsync('spBv1.0/STATE/isotherm', '{"online":false,"timestamp":1}', { qos: 1, retain: true });
    await vi.waitFor(() => expect(states).toEqual([true, false, true]), BOUND);
    await external.publish('spBv1.0/site/NCMD/node-1', Buffer.from('rebirth'), { qos: 0 });
    await vi.waitFor(() => expect(commands).toEqual(['spBv1.0/site/NCMD/node-1 rebirth']), BOUND);
    running.length = 0;
    await external.stop();
    await vi.waitFor(() => expect(states.at(-1)).toBe(false), BOUND);
    await node.endAsync();
  });

  test('that goes away is a trouble until it is back; nothing of what came meanwhile is lost', async () => {
    const { taken, troubles, external } = await door();
    await mosquitto?.kill();
    await vi.waitFor(() => expect(troubles.list()).toMatchObject([{ part: 'mqtt', code: 'BROKER_AWAY' }]), BOUND);
    await expect(external.publish('x', Buffer.from('y'))).rejects.toMatchObject({ code: 'BROKER_AWAY' });
    await mosquitto?.restart();
    await vi.waitFor(() => expect(troubles.list()).toEqual([]), BOUND);
    const client = await publisher();
    await client.publishAsync(READINGS, 'after', { qos: 1 });
    await vi.waitFor(() => expect(texts(taken)).toEqual(['after']), BOUND);
    await client.endAsync();
  });
});
