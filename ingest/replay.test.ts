import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBatch } from '../codecs/batch/index.ts';
import {
  decodeOriginals,
  decodeReadings,
  ManualTime,
  ReadingBuilder,
  type ReadingColumns,
  SPEAKS_FOR_ALL,
  type SpeaksFor,
  silentLogger,
  silentMeter,
} from '../domain/index.ts';
import { originalsPayload } from '../storage/archive/record.ts';
import { Intake, readingsIn, restsOnOthers } from './index.ts';
import { MemoryLog } from './testing/memory-log.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');

/** `device/metric@time=value`, in order. */
function rowsOf(columns: readonly ReadingColumns[]): string[] {
  return columns.flatMap(({ count, devices, device, metric, time, value }) =>
    Array.from({ length: count }, (_, i) => `${devices[device[i] ?? -1]}/${metric[i]}@${time[i]}=${value[i]}`),
  );
}

interface Sent {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId?: string;
  readonly firstArrival?: number;
}

async function taken(messages: readonly Sent[], speaksFor: SpeaksFor = SPEAKS_FOR_ALL): Promise<MemoryLog> {
  const log = new MemoryLog();
  const intake = new Intake({
    speaksFor,
    log,
    time: new ManualTime(NOW),
    logger: silentLogger,
    meter: silentMeter,
  });
  await Promise.all(
    messages.map(({ topic, payload, clientId = topic.split('/')[3] ?? '', ...more }, i) => {
      return new Promise<void>((resolve, reject) => {
        intake.accept({ clientId, topic, payload, arrival: NOW + i, ...more }, (error) =>
          error === undefined ? resolve() : reject(error),
        );
      });
    }),
  );
  await intake.stop();
  return log;
}

const time = fc.integer({ min: NOW - 86_400_000, max: NOW });
const reading = fc.record({ time, temperature: fc.integer({ min: -400, max: 400 }).map((value) => value / 10) });
const deviceMessage = fc
  .record({
    device: fc.constantFrom('logger-1', 'logger-2', 'logger-3'),
    body: fc.oneof(
      reading.map((one) => JSON.stringify(one)),
      fc.array(reading, { minLength: 1, maxLength: 5 }).map((many) => JSON.stringify(many, null, 1)),
      fc.constantFrom(
        '{"temperature":4}',
        '{"temperature":"warm"}',
        'not JSON',
        '[{"temperature":900},{"temperature":3}]',
      ),
    ),
  })
  .map(({ device, body }) => ({ topic: `isotherm/v1/devices/${device}/readings`, payload: Buffer.from(body) }));
const gatewayMessage = fc.array(fc.tuple(fc.constantFrom('probe-1', 'probe-2'), time), { maxLength: 5 }).map((rows) => {
  const builder = new ReadingBuilder();
  for (const [device, at] of rows) builder.add(device, 1, at, 5);
  const batch = { gateway: 'gw-1', sequence: 1, at: NOW, sightings: [], gpi: [], gaps: [], complete: [] };
  return { topic: 'isotherm/v1/gateways/gw-1/batches', payload: Buffer.from(encodeBatch(batch, builder.view())) };
});

test('every reading in the log is brought by an original that is found by its device and time, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(deviceMessage, gatewayMessage), { maxLength: 12 }), async (messages) => {
      const log = await taken(messages);
      const originals = log.originals.flatMap((record) => decodeOriginals(originalsPayload(record)));
      expect(originals.map(({ door, payload }) => [door, Buffer.from(payload).toString('hex')])).toEqual(
        messages.map(({ topic, payload }) => [topic, payload.toString('hex')]),
      );
      const brought = await Promise.all(originals.map(async (original) => rowsOf(await readingsIn(original))));
      const stored = log.records
        .filter(({ kind }) => kind === 'readings')
        .flatMap(({ payload }) => rowsOf([decodeReadings(payload)]));
      for (const row of stored) {
        const [, device, at] = /^(.+)\/\d+@(\d+)=/.exec(row) ?? [];
        const isFound = originals.some(
          ({ subjects }, i) =>
            brought[i]?.includes(row) &&
            subjects.some(({ id, from, to }) => id === device && from <= Number(at) && Number(at) <= to),
        );
        expect(isFound, row).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

test('what a gateway says of itself is not data, and leaves no original', async () => {
  const payload = Buffer.from('{"state":"online","readers":[]}');
  const log = await taken([{ topic: 'isotherm/v1/gateways/gw-1/status', payload }]);
  expect(log.originals).toEqual([]);
});

/** What is stored of some messages, and what their originals bring. */
async function storedAndBrought(messages: readonly Sent[], speaksFor?: SpeaksFor) {
  const log = await taken(messages, speaksFor);
  const stored = log.records.filter(({ kind }) => kind === 'readings').map(({ payload }) => decodeReadings(payload));
  const originals = log.originals.flatMap((record) => decodeOriginals(originalsPayload(record)));
  const brought = await Promise.all(originals.map(async (original) => rowsOf(await readingsIn(original))));
  return { stored: [...new Set(rowsOf(stored))], brought: [...new Set(brought.flat())], originals };
}

// `archive verify` said of each of these that a reading had been deleted and no log said so.
describe('an original brings what was stored of it, and no more', () => {
  const own = 'isotherm/v1/devices/logger-1/readings';

  test('a repeat of a message without a time is of the arrival of the first', async () => {
    const message = { topic: own, payload: Buffer.from('{"temperature":4}') };
    const { stored, brought } = await storedAndBrought([message, { ...message, firstArrival: NOW }]);
    expect([stored, brought]).toEqual([[`logger-1/1@${NOW}=4`], [`logger-1/1@${NOW}=4`]]);
    const mixed = { topic: own, payload: Buffer.from(`[{"temperature":4},{"time":${NOW - 60_000},"temperature":5}]`) };
    const both = await storedAndBrought([mixed, { ...mixed, firstArrival: NOW - 120_000 }]);
    expect(both.brought.toSorted()).toEqual(both.stored.toSorted());
    expect(both.stored).toHaveLength(3);
  });

  test('a second gateway’s copy of a radio frame is of the time of the first', async () => {
    const up = (received_at: string) => ({
      topic: 'v3/app@tenant/devices/probe-4/up',
      clientId: 'lorawan',
      payload: Buffer.from(
        JSON.stringify({
          uplink_message: {
            received_at,
            f_cnt: 7,
            session_key_id: 'a',
            frm_payload: 'AA==',
            decoded_payload: { temperature: 4 },
          },
        }),
      ),
    });
    const { stored, brought } = await storedAndBrought([
      up('2026-11-22T09:59:00.000Z'),
      up('2026-11-22T09:59:02.000Z'),
    ]);
    expect(stored).toHaveLength(1);
    expect(brought).toEqual(stored);
  });

  test('what waits until an admin confirms who may bring it is none', async () => {
    const builder = new ReadingBuilder();
    for (const device of ['probe-1', 'probe-2']) builder.add(device, 1, NOW - 1000, 5);
    const batch = { gateway: 'gw-1', sequence: 1, at: NOW, sightings: [], gpi: [], gaps: [], complete: [] };
    const message = { topic: 'isotherm/v1/gateways/gw-1/batches', payload: encodeBatch(batch, builder.view()) };
    const speaksFor: SpeaksFor = {
      ...SPEAKS_FOR_ALL,
      speaksFor: (_, of) => (of === 'probe-2' ? 'waiting' : 'yes'),
    };
    const { stored, brought } = await storedAndBrought([message], speaksFor);
    expect([stored, brought]).toEqual([[`probe-1/1@${NOW - 1000}=5`], [`probe-1/1@${NOW - 1000}=5`]]);
  });

  test('what rests on what a device told before, or on a mapping, is known as such', async () => {
    const hears = async (topic: string, payload: string) => ({
      topic,
      payload: Buffer.from(payload),
      clientId: 'home',
    });
    const { stored, brought, originals } = await storedAndBrought(
      await Promise.all([
        hears('homie/fridge/sensor/temperature/$unit', '°F'),
        hears('homie/fridge/sensor/temperature', '41'),
      ]),
    );
    expect([stored, brought]).toEqual([[`fridge/1@${NOW + 1}=5`], []]);
    expect(originals.map(({ door }) => restsOnOthers(door))).toEqual([true]);
    const others = ['spBv1.0/plant/NDATA/edge', 'homeassistant/sensor/a_temperature/state', 'acme/truck-7/telemetry'];
    const byThemselves = [
      own,
      'v3/app@tenant/devices/d/up',
      'isotherm/v1/gateways/g/batches',
      'POST /epcis/v2/capture',
    ];
    expect([...others, ...byThemselves].map(restsOnOthers)).toEqual([true, true, true, false, false, false, false]);
  });
});
