import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GatewayBatch } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { TraceQueries } from '../queries.ts';
import { at, door, said, through, vial, Yard } from '../testing/yard.ts';

const DOCK = door('dock-1');
const READER = 'dock-1-reader';

let database: Database;
let yard: Yard;

beforeAll(async () => {
  database = await testDatabase();
  yard = new Yard(database);
});
afterAll(() => database.close());
beforeEach(() => yard.clear());

/** Batches of gw-lyon, made and arrived at 10:00 and `sequence` seconds, each saying that everything before it is told. */
function batches(sequences: readonly number[], change: Partial<GatewayBatch> = {}) {
  return sequences.map((sequence) => {
    const made = at('10:00') + sequence * 1_000;
    return { report: { complete: [{ reader: READER, at: made }], ...change }, numbered: { sequence, at: made } };
  });
}

const tick = (clock: string) => ({ now: at(clock) });
const gaps = () =>
  yard.rows('SELECT reader, since AS "from", until AS "to", reason FROM read_gaps ORDER BY since, reason');
const missing = (from: string, to: string, which: string) => ({
  ...{ reader: READER, from: at(from), to: at(to) },
  reason: `${which} of gateway gw-lyon did not arrive`,
});

describe('a batch whose number is left out', () => {
  test('is a gap of the gateway’s readers a minute after the gateway said it had sent everything', async () => {
    await yard.hears(...batches([1, 2, 5, 6]), tick('10:01:04'));
    expect(await gaps()).toEqual([]);
    await yard.hears(tick('10:01:05'));
    expect(await gaps()).toEqual([missing('09:59:57', '10:00:05', 'batches 3 to 4')]);
    expect(yard.gauge('isotherm_trace_missing_batches')).toEqual({ 'gw-lyon': 2 });
    expect(yard.warnings).toEqual(['gateway batches are missing']);
    await yard.hears(tick('10:05'), ...batches([7]), tick('10:06'));
    expect(yard.warnings).toHaveLength(1);
  });

  test('is none while a backlog drains, however long that takes', async () => {
    await yard.hears(...batches([1, 2, 90, 91], { complete: [] }), tick('12:00'));
    expect(await gaps()).toEqual([]);
  });

  test('is none where it was only overtaken', async () => {
    await yard.hears(...batches([1, 4, 3, 2, 5]), tick('12:00'));
    expect(await gaps()).toEqual([]);
    expect(await yard.rows('SELECT jsonb_array_length(ranges) AS n FROM gateway_batches')).toEqual([{ n: 1 }]);
  });

  test('that arrives after all takes its gap back, and leaves those of its neighbours', async () => {
    await yard.hears(...batches([1, 5]), tick('10:02'));
    expect(await gaps()).toEqual([missing('09:59:56', '10:00:05', 'batches 2 to 4')]);
    await yard.hears(...batches([3]));
    expect(await gaps()).toEqual([
      missing('09:59:56', '10:00:03', 'batch 2'),
      missing('09:59:58', '10:00:05', 'batch 4'),
    ]);
    await yard.hears(...batches([4, 2]));
    expect(await gaps()).toEqual([]);
    expect(yard.gauge('isotherm_trace_missing_batches')).toEqual({ 'gw-lyon': 0 });
  });

  test('shows in the reason of the passes of its time, until it arrives', async () => {
    const reasons = () => yard.rows(`SELECT verdict->>'reason' AS reason FROM passes`);
    await yard.hears(said.portal(DOCK), said.seen(through(DOCK, 'in', at('10:00:02'), [vial(1)])));
    await yard.hears(...batches([1, 3]), tick('10:02'));
    expect(await reasons()).toEqual([{ reason: expect.stringContaining('batch 2 of gateway gw-lyon did not arrive') }]);
    await yard.hears(...batches([2]));
    expect(await reasons()).toEqual([{ reason: expect.not.stringContaining('did not arrive') }]);
  });

  test('before the first that was ever heard of a gateway is not missing', async () => {
    await yard.hears(...batches([40, 41]), tick('12:00'));
    expect(await gaps()).toEqual([]);
  });
});

describe('a gateway that lost its spool', () => {
  /** Numbers from 1 again, made an hour later. */
  const anew = (sequences: readonly number[]) =>
    batches(sequences).map(({ report, numbered: { sequence, at: made } }) => ({
      ...{ report, numbered: { sequence, at: made + 3_600_000 } },
    }));

  test('counts from 1 again and misses nothing', async () => {
    await yard.hears(...batches([1, 2, 3]), ...anew([2, 1, 3, 4, 5]), tick('13:00'));
    expect(await gaps()).toEqual([]);
  });

  test('keeps the gaps of before, and its new numbers show new ones, the first too', async () => {
    await yard.hears(...batches([1, 3]), tick('10:02'), ...anew([3]), tick('13:00'));
    expect(await gaps()).toEqual([
      missing('09:59:56', '10:00:03', 'batch 2'),
      missing('09:59:58', '11:00:03', 'batches 1 to 2'),
    ]);
  });
});

test('what is replayed or sent again changes nothing, also after a restart', async () => {
  await yard.hears(...batches([1, 2, 4]), tick('10:02'));
  const before = await yard.rows('SELECT ranges, missing FROM gateway_batches');
  await yard.restarts();
  expect(yard.gauge('isotherm_trace_missing_batches')).toEqual({ 'gw-lyon': 1 });
  await yard.hears(...batches([1, 2, 4]), tick('10:03'));
  expect(await yard.rows('SELECT ranges, missing FROM gateway_batches')).toEqual(before);
  await yard.hears(...batches([3]));
  expect(await gaps()).toEqual([]);
});

test('a door shows the latest gaps of its readers that end in the time asked for, newest first', async () => {
  const gap = (reader: string, from: string, to: string) => ({
    report: { gaps: [{ reader, from: at(from), to: at(to), reason: 'the connection broke' }] },
  });
  await yard.hears(
    gap(READER, '08:00', '09:00'),
    gap(READER, '09:30', '10:05'),
    gap(READER, '11:00', '11:10'),
    gap('dock-2-reader', '11:00', '11:10'),
  );
  expect(await new TraceQueries({ database }).gaps(DOCK, at('10:00'))).toEqual([
    { reader: READER, from: at('11:00'), to: at('11:10'), reason: 'the connection broke' },
    { reader: READER, from: at('09:30'), to: at('10:05'), reason: 'the connection broke' },
  ]);
});
