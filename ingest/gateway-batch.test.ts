import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from '../codecs/batch/index.ts';
import {
  decodeReadings,
  type GatewayBatch,
  METRICS,
  metricByCode,
  type Quarantined,
  ReadingBuilder,
  SPEAKS_FOR_ALL,
  slotOf,
} from '../domain/index.ts';
import { TIME_AHEAD_MS, TIME_TOO_OLD_MS } from './admission.ts';
import { batchRecords } from './gateway-batch.ts';
import { MemoryLog } from './testing/memory-log.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const TOPIC = 'isotherm/v1/gateways/gw-1/batches';
const EMPTY: GatewayBatch = { gateway: 'gw-1', sequence: 7, at: NOW, sightings: [], gpi: [], gaps: [], complete: [] };

type Row = readonly [device: string, metric: number, time: number, value: number];

async function take(batch: GatewayBatch, rows: readonly Row[] = [], partitions = 1) {
  const builder = new ReadingBuilder();
  for (const [device, metric, time, value] of rows) builder.add(device, metric, time, value);
  const payload = encodeBatch(batch, rows.length > 0 ? builder.view() : undefined);
  const message = { gateway: 'gw-1', topic: TOPIC, payload, arrival: NOW };
  const log = new MemoryLog(partitions);
  const { records: appended, refusals, ...taken } = batchRecords(message, SPEAKS_FOR_ALL);
  await log.append(appended);
  const { records } = log;
  const quarantined = refusals.flatMap(({ source, refusals: refused, payload: kept }): Quarantined[] =>
    refused.toQuarantined({ arrival: NOW, source, topic: TOPIC, payload: kept }),
  );
  const stored = records
    .filter(({ family }) => family === 'readings')
    .flatMap(({ partition, payload: bytes }) => {
      const { count, devices, device, metric, time, value } = decodeReadings(bytes);
      return Array.from({ length: count }, (_, i) => ({
        ...{ partition, device: devices[device[i] ?? -1], metric: metric[i], time: time[i], value: value[i] },
      }));
    });
  const trace = records.find(({ family }) => family === 'trace');
  return {
    ...taken,
    records,
    stored,
    quarantined,
    trace: trace === undefined ? null : decodeBatch(trace.payload).batch,
  };
}

const reasonsOf = (quarantined: readonly Quarantined[]) =>
  quarantined.map(({ source, reason }) => `${source} ${reason}`);

test('law: a reading is stored, in its device’s partition, or refused for the first thing that is wrong with it', async () => {
  const time = fc.constantFrom(
    ...[NOW, NOW + TIME_AHEAD_MS, NOW + TIME_AHEAD_MS + 1, NOW - TIME_TOO_OLD_MS, NOW - TIME_TOO_OLD_MS - 1],
  );
  const row = fc.tuple(
    fc.constantFrom('probe-1', 'probe-2', 'probe-3'),
    fc.constantFrom(1, 2, 8, 77),
    time,
    fc.constantFrom(0, -0, 1, 0.5, -200, -200.5, 300, 300.5),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 12 }), fc.constantFrom(1, 4), async (rows, partitions) => {
      const { stored, quarantined, readings, records } = await take(EMPTY, rows, partitions);
      const expected = rows.map(([device, code, at, value]) => {
        const metric = metricByCode(code);
        if (metric === undefined) return { device, reason: 'FIELD_UNKNOWN' };
        const isDoor = metric.name === 'door';
        const isIn = isDoor ? value === 0 || value === 1 : value >= metric.min && value <= metric.max;
        if (!isIn) return { device, reason: 'VALUE_NOT_PHYSICAL' };
        if (at > NOW + TIME_AHEAD_MS) return { device, reason: 'TIME_AHEAD' };
        if (at < NOW - TIME_TOO_OLD_MS) return { device, reason: 'TIME_TOO_OLD' };
        return {
          device,
          reason: null,
          partition: slotOf(device) % partitions,
          metric: code,
          time: at,
          value: value + 0,
        };
      });
      const good = expected.flatMap(({ reason, ...one }) => (reason === null ? [one] : []));
      const key = (one: object) => JSON.stringify(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)));
      expect(stored.map(key).toSorted()).toEqual(good.map(key).toSorted());
      expect(stored.every(({ value }) => !Object.is(value, -0))).toBe(true);
      expect(readings).toBe(good.length);
      const bad = new Set(expected.flatMap(({ device, reason }) => (reason === null ? [] : [`${device} ${reason}`])));
      expect(reasonsOf(quarantined).toSorted()).toEqual([...bad].toSorted());
      // One record for each partition that has readings, and one for the trace, under the batch's own number.
      const used = new Set(good.map(({ device }) => slotOf(device) % partitions));
      expect(records).toHaveLength(used.size + 1);
      for (const record of records) expect(record).toMatchObject({ source: 'gw-1', sequence: 7, arrival: NOW });
    }),
    { numRuns: 300 },
  );
});

describe('what readers saw', () => {
  const seen = { reader: 'dock-1', antenna: 1, epcHex: '3074', epcBits: 16, count: 1, rssiDbm: null };
  const late = NOW + TIME_AHEAD_MS + 1;

  test('is left out where either of its times cannot be, and kept aside with the reason', async () => {
    const batch = {
      ...EMPTY,
      sightings: [
        { ...seen, firstSeen: NOW - 5_000, lastSeen: NOW },
        { ...seen, firstSeen: NOW, lastSeen: late },
        { ...seen, firstSeen: NOW - TIME_TOO_OLD_MS - 1, lastSeen: NOW },
      ],
      gpi: [
        { reader: 'dock-1', port: 1, isHigh: true, at: NOW },
        { reader: 'dock-1', port: 1, isHigh: false, at: late },
      ],
      gaps: [
        { reader: 'dock-1', from: NOW - 1_000, to: NOW, reason: 'away' },
        { reader: 'dock-1', from: NOW, to: late, reason: 'away' },
      ],
      complete: [{ reader: 'dock-1', at: late }],
    };
    const { trace, quarantined } = await take(batch);
    expect(trace).toEqual({
      ...batch,
      sightings: batch.sightings.slice(0, 1),
      gpi: batch.gpi.slice(0, 1),
      gaps: batch.gaps.slice(0, 1),
      complete: [],
    });
    expect(reasonsOf(quarantined)).toEqual(['gw-1 TIME_AHEAD', 'gw-1 TIME_TOO_OLD']);
    expect(quarantined[0]?.detail).toContain('4 in this message');
  });

  test('is found by its reader, from the first to the last that it saw or said', async () => {
    const { subjects } = await take(
      {
        ...EMPTY,
        sightings: [
          { ...seen, firstSeen: NOW - 5_000, lastSeen: NOW - 4_000 },
          { ...seen, firstSeen: NOW - 9_000, lastSeen: NOW - 8_000 },
          { ...seen, reader: 'dock-2', firstSeen: NOW - 1, lastSeen: NOW },
        ],
        gpi: [{ reader: 'dock-1', port: 1, isHigh: true, at: NOW - 2_000 }],
      },
      [
        ['probe-1', 1, NOW - 60_000, 4],
        ['probe-1', 1, NOW - 30_000, 5],
        ['probe-2', 1, late, 5],
      ],
    );
    expect(subjects).toEqual([
      { id: 'gw-1', from: NOW, to: NOW },
      { id: 'probe-1', from: NOW - 60_000, to: NOW - 30_000 },
      { id: 'dock-1', from: NOW - 9_000, to: NOW - 2_000 },
      { id: 'dock-2', from: NOW - 1, to: NOW },
    ]);
  });
});

test('a batch without readings is a record of the trace alone, and says when it was made', async () => {
  const { records, madeAt, readings } = await take({ ...EMPTY, at: NOW - 3_000 });
  expect(records.map(({ family, kind }) => `${family} ${kind}`)).toEqual(['trace sightings']);
  expect([madeAt, readings]).toEqual([NOW - 3_000, 0]);
});

test('every metric has bounds that a batch is held to', async () => {
  for (const { code, min, max, name } of METRICS) {
    const rows: Row[] = [
      ['probe-1', code, NOW, min],
      ['probe-1', code, NOW - 1, max],
      ['probe-1', code, NOW - 2, min - 0.001],
      ['probe-1', code, NOW - 3, max + 0.001],
    ];
    const { stored, quarantined } = await take(EMPTY, rows);
    expect(
      stored.map(({ value }) => value),
      name,
    ).toEqual([min, max]);
    expect(reasonsOf(quarantined), name).toEqual(['probe-1 VALUE_NOT_PHYSICAL']);
  }
});

test('a batch of another gateway, or one that cannot be read, is refused whole, with what was sent', async () => {
  const foreign = await take({ ...EMPTY, gateway: 'gw-2' });
  expect([foreign.records, reasonsOf(foreign.quarantined)]).toEqual([[], ['gw-1 BATCH_FOREIGN']]);
  const message = { gateway: 'gw-1', topic: TOPIC, payload: Buffer.from([9]), arrival: NOW };
  const { records, readings, madeAt, refusals, subjects } = batchRecords(message, SPEAKS_FOR_ALL);
  expect([records, readings, madeAt, subjects]).toEqual([[], 0, null, []]);
  const [refused] = refusals;
  const entry = { arrival: NOW, source: 'gw-1', topic: TOPIC, payload: refused?.payload ?? null };
  expect(refused?.refusals.toQuarantined(entry)).toMatchObject([
    { reason: 'BATCH_MALFORMED', payload: Buffer.from([9]).toString('base64') },
  ]);
});
