import { beforeEach, describe, expect, test } from 'vitest';
import {
  DefectError,
  type Effects,
  encodeJson,
  encodeReadings,
  type LogRecord,
  type Quarantined,
  ReadingBuilder,
  type ReadingColumns,
  type RefusalCount,
  silentMeter,
} from '../domain/index.ts';
import type { QuarantineEntry, ReadingConflict } from '../storage/index.ts';
import { Writer } from './index.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const effects = {} as Effects;

let inserts: ReadingColumns[][];
let kept: QuarantineEntry[];
let conflicts: ReadingConflict[];
let counted: RefusalCount[];
let forgotten: number;
let writer: Writer;

beforeEach(() => {
  inserts = [];
  kept = [];
  counted = [];
  conflicts = [];
  forgotten = 0;
  writer = new Writer({
    readings: {
      insert: async (_effects, columns) => {
        inserts.push('count' in columns ? [columns] : [...columns]);
        return { inserted: 1, duplicates: 0, conflicts };
      },
      forget: () => {
        forgotten++;
      },
    },
    refusals: {
      add: async (_effects, counts) => {
        counted.push(...counts);
      },
    },
    quarantine: {
      keep: async (_effects, entries) => {
        kept.push(...entries);
      },
    },
    meter: silentMeter,
  });
});

function record(position: number, kind: LogRecord['kind'], payload: Uint8Array): LogRecord {
  return {
    family: 'readings',
    partition: 0,
    kind,
    version: 1,
    source: 'mqtt',
    sequence: null,
    arrival: NOW,
    payload,
    position,
  };
}

function readings(position: number, device: string, value: number): LogRecord {
  const builder = new ReadingBuilder();
  builder.add(device, 1, NOW, value);
  return record(position, 'readings', encodeReadings(builder.view()));
}

const batch = (...records: LogRecord[]) => ({ family: 'readings' as const, partition: 0, records });

describe('the writer', () => {
  test('writes the records of a batch with one insert, in log order', async () => {
    await writer.handle(batch(readings(1, 'a', 5), readings(2, 'b', 6)), effects);
    expect(inserts.map((parts) => parts.map(({ devices, value }) => [devices[0], value[0]]))).toEqual([
      [
        ['a', 5],
        ['b', 6],
      ],
    ]);
  });

  test('keeps what was refused, and where in the log it was, so that keeping it again adds nothing', async () => {
    const entry: Quarantined = {
      arrival: NOW,
      source: 'a',
      topic: 't',
      reason: 'TIME_AHEAD',
      detail: 'd',
      payload: '',
    };
    await writer.handle(batch(record(7, 'quarantine', encodeJson([entry, { ...entry, source: 'b' }]))), effects);
    expect(inserts).toEqual([]);
    expect(kept).toEqual([
      { ...entry, partition: 0, position: 7, index: 0 },
      { ...entry, source: 'b', partition: 0, position: 7, index: 1 },
    ]);
  });

  test('a second value for one identity is refused as a conflict, at the record it came with', async () => {
    conflicts = [{ device: 'b', metric: 'temperature', time: NOW, kept: 5, refused: 6, part: 1, row: 0 }];
    await writer.handle(
      batch(readings(1, 'a', 5), record(2, 'quarantine', encodeJson([])), readings(3, 'b', 6)),
      effects,
    );
    expect(kept).toEqual([
      {
        partition: 0,
        position: 3,
        index: 0,
        arrival: NOW,
        source: 'b',
        topic: 'isotherm/v1/devices/b/readings',
        reason: 'CONFLICT',
        detail: 'temperature of 2026-11-22T10:00:00.000Z is 5 already; 6 is refused',
        payload: Buffer.from(`{"time":${NOW},"temperature":6}`).toString('base64'),
      },
    ]);
  });

  test('a record it cannot read is left to the log to set aside', async () => {
    await expect(writer.handle(batch(record(1, 'readings', new Uint8Array(3))), effects)).rejects.toThrow(DefectError);
    await expect(writer.handle(batch(record(1, 'tick', new Uint8Array())), effects)).rejects.toThrow('kind tick');
    expect(inserts).toEqual([]);
  });

  test('after a rollback what the store remembers is forgotten', () => {
    writer.rolledBack();
    expect(forgotten).toBe(1);
  });
});
