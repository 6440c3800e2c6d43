import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../storage/testing/database.ts';
import { isotherm } from './isotherm-process.ts';

let dataDir = '';
let database: Awaited<ReturnType<typeof testDatabase>>;
const at = (hoursAgo: number) =>
  new Date(Date.now() - hoursAgo * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'isotherm-logger-file-'));
  database = await testDatabase();
  writeFileSync(
    join(dataDir, 'log.csv'),
    `Serial number;AB-12\nTime;Temperature °C\n${at(2)};5,1\n${at(1)};----\n${at(0.5)};5,2\nMax;5,3\n`,
  );
  writeFileSync(join(dataDir, 'bare.csv'), `${at(2)};5,1\n`);
  writeFileSync(join(dataDir, 'map.yaml'), 'time: 1\ncolumns: [{ column: 2, metric: temperature, unit: °C }]\n');
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const run = async (...words: string[]) => {
  const env = { DATABASE_URL: database.url };
  const { code, stdout, stderr } = await isotherm(['logger-file', ...words], { dataDir, env });
  return { code, stderr, answer: stdout === '' ? null : JSON.parse(stdout) };
};

test('logger-file says what would be taken, then takes it once', async () => {
  const shown = await run('log.csv', '--zone', 'UTC', '--dry-run');
  expect(shown).toMatchObject({
    code: 0,
    answer: {
      repeated: false,
      devices: [
        { device: 'AB-12', taken: 2, theirs: { max: 5.3 }, ours: { max: 5.2 }, differences: [{ figure: 'max' }] },
      ],
      refused: [{ row: 4, reason: 'VALUE_NOT_NUMBER' }],
      waiting: 0,
    },
  });
  const taken = await run('log.csv', '--zone', 'UTC');
  expect(taken).toMatchObject({ code: 0, answer: { repeated: false, devices: shown.answer.devices } });
  expect(await run('log.csv', '--zone', 'UTC')).toMatchObject({ code: 0, answer: { repeated: true } });
  const { rows } = await database.query<{ kind: string }>('SELECT kind FROM log_readings ORDER BY position');
  expect(rows.map(({ kind }) => kind)).toEqual(['readings']);
});

test('logger-file asks for what the file does not say', async () => {
  expect(await run('log.csv')).toMatchObject({ code: 2, stderr: expect.stringContaining('zone: missing') });
  expect(await run('bare.csv', '--zone', 'UTC')).toMatchObject({ code: 2, stderr: expect.stringContaining('mapping') });
  expect(await run('nope.csv', '--zone', 'UTC')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nope.csv'),
  });
  const mapped = await run('bare.csv', '--zone', 'UTC', '--device', 'x-1', '--mapping', 'map.yaml', '--dry-run');
  expect(mapped).toMatchObject({ code: 0, answer: { devices: [{ device: 'x-1', taken: 1 }] } });
});
