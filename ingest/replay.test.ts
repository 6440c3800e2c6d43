import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBatch } from '../codecs/batch/index.ts';
import {
  decodeOriginals,
  decodeReadings,
  ManualTime,
  ReadingBuilder,
  type ReadingColumns,
  SPEAKS_FOR_ALL,
  silentLogger,
  silentMeter,
} from '../domain/index.ts';
import { originalsPayload } from '../storage/archive/record.ts';
import { Intake, readingsIn } from './index.ts';
import { MemoryLog } from './testing/memory-log.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');

/** `device/metric@time=value`, in order. */
function rowsOf(columns: readonly ReadingColumns[]): string[] {
  return columns.flatMap(({ count, devices, device, metric, time, value }) =>
    Array.from({ length: count }, (_, i) => `${devices[device[i] ?? -1]}/${metric[i]}@${time[i]}=${value[i]}`),
  );
}

async function taken(messages: readonly { topic: string; payload: Uint8Array }[]): Promise<MemoryLog> {
  const log = new MemoryLog();
  const intake = new Intake({
    speaksFor: SPEAKS_FOR_ALL,
    log,
    time: new ManualTime(NOW),
    logger: silentLogger,
    meter: silentMeter,
  });
  await Promise.all(
    messages.map(({ topic, payload }, i) => {
      const clientId = topic.split('/')[3] ?? '';
      return new Promise<void>((resolve, reject) => {
        intake.accept({ clientId, topic, payload, arrival: NOW + i }, (error) =>
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
