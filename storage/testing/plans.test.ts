import { expect, inject, it } from 'vitest';
import { wholeScans } from './plans.ts';
import type { Statement } from './statements.ts';

const statement = (text: string, ...values: unknown[]): Statement => ({ text, values, from: 'trace/yard.ts:1' });
const scans = (...statements: Statement[]) => wholeScans(inject('postgresUrl'), statements);

it('a question that no index answers is found, with the file it comes from', async () => {
  const found = await scans(
    statement('SELECT value FROM readings WHERE device_id = $1 AND metric = $2 AND time >= $3', 7, 1, '2026-01-02'),
    statement('SELECT id FROM alerts WHERE summary = $1', 'warm'),
    statement('DELETE FROM sightings WHERE rssi < -70'),
  );
  expect(found).toEqual([
    'trace/yard.ts:1 reads alerts whole: SELECT id FROM alerts WHERE summary = $1',
    'trace/yard.ts:1 reads sightings whole: DELETE FROM sightings WHERE rssi < -70',
  ]);
});

it('each question is looked at once a run', async () => {
  const again = statement('SELECT id FROM alerts WHERE summary = $1 AND kind = $2', 'warm', 'threshold');
  expect(await scans(again)).toHaveLength(1);
  expect(await scans(again)).toEqual([]);
});
