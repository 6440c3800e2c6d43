import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isotherm } from './isotherm-process.ts';

let dataDir = '';
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'isotherm-payload-'));
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const run = async (message: string, ...words: string[]) => {
  const { code, stdout, stderr } = await isotherm(['payload', ...words], { dataDir, stdin: message });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, lines: lines.map((line) => JSON.parse(line)), stderr };
};

test('payload says what would be taken of a message, and what not and why', async () => {
  const topic = 'isotherm/v1/devices/logger-7/readings';
  const message = '[{"time":"2026-11-22T10:00:00Z","temperature":5.1,"humidity":NaN},{"timestamp":1,"temperature":4}]';
  const { code, lines, stderr } = await run(message, '--topic', topic);
  expect(code).toBe(0);
  expect(lines).toEqual([
    { device: 'logger-7', metric: 'temperature', value: 5.1, time: '2026-11-22T10:00:00.000Z' },
    { rejected: 'VALUE_NOT_NUMBER', field: '[0].humidity' },
    { rejected: 'FIELD_CHANGES_MEANING', field: '[1].timestamp' },
  ]);
  expect(stderr).toContain('[0].humidity is NaN; allowed: a number');
});

test('payload exits 1 where nothing would be taken, and 2 where nobody decodes it', async () => {
  expect(await run('{"temperature":4}', '--topic', 'zigbee2mqtt/fridge')).toMatchObject({
    code: 0,
    lines: [{ device: 'fridge', metric: 'temperature', value: 4, time: null }],
  });
  expect(await run('{"temperature":"warm"}', '--dialect', 'isotherm')).toMatchObject({
    code: 1,
    lines: [{ rejected: 'VALUE_NOT_NUMBER', field: 'temperature' }],
  });
  expect(await run('{}', '--topic', 'nobody/knows')).toMatchObject({ code: 2, lines: [] });
  expect(await run('{}', '--dialect', 'klingon')).toMatchObject({ code: 2, lines: [] });
  expect(await run('{}', '--dialect', 'chirpstack', '--decoder', 'none')).toMatchObject({ code: 2, lines: [] });
});
