import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

/*
 * The whole platform with packing on: what a logger sent is asked for by the API before its weeks are packed, after, and when
 * they are rows again.
 */
const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
/** Thursdays: two whole weeks that are over for days. */
const FIRST = Math.floor(Date.now() / WEEK) * WEEK - 3 * WEEK;
const STEP = 4 * HOUR;
const COUNT = (2 * WEEK) / STEP;

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-packed-'));
let server: IsothermProcess | null = null;
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('weeks are packed and made rows again while the platform runs, and the API answers the same', async () => {
  const env = { ISOTHERM_READINGS_PACK: 'true' };
  server = await startIsotherm({ command: 'serve', dataDir, env });
  const token = (await isotherm(['token', 'create', 'pack-test', '--role', 'admin'], { dataDir })).stdout.trim();
  const api = new Api(server.httpUrl, token);
  const { httpUrl } = server;
  const send = async (at: number, temperature: number) => {
    const response = await fetch(`${httpUrl}/api/v1/webhooks/isotherm?device=logger-1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ time: new Date(at).toISOString(), temperature }),
    });
    expect(response.status, await response.text()).toBe(201);
  };
  for (let i = 0; i < COUNT; i++) await send(FIRST + i * STEP, 4 + (i % 7) / 10);
  await send(Date.now(), 5);
  const range = `from=${new Date(FIRST - WEEK).toISOString()}&to=${new Date(FIRST + 2 * WEEK).toISOString()}`;
  const history = () => api.all(`/readings?device=logger-1&metric=temperature&${range}`);
  const before = await eventually('all is stored', history, (items) => items.length === COUNT);

  const command = async (action: string, settings = env) => {
    const { code, stdout, stderr } = await isotherm(['readings', action, '--progress'], { dataDir, env: settings });
    return { code, stderr, ...JSON.parse(stdout) };
  };
  await eventually(
    'the rollups have passed both weeks',
    () => command('status'),
    ({ ready }) => ready.length === 2,
  );
  expect(await command('pack')).toMatchObject({
    ...{ code: 0, packed: 2, readings: COUNT, stretches: 14, left: [] },
    stderr: expect.stringMatching(/week \d{4}-\d\d-\d\d \(1 of 2\): 42 of 42 readings/),
  });
  expect(await command('status')).toMatchObject({ weeks: 2, readings: COUNT, ready: [] });
  expect(await history()).toEqual(before);
  expect(await command('check')).toMatchObject({ code: 0, stretches: 14, damaged: [] });

  // Late, and of an identity that is packed: the first stays, and a new one is there at once.
  await send(FIRST + STEP, 30);
  await send(FIRST + STEP / 2, 6);
  const after = await eventually('the late reading is there', history, (items) => items.length === COUNT + 1);
  expect(after.filter((_, i) => i !== 1)).toEqual(before);

  expect(await command('unpack', { ISOTHERM_READINGS_PACK: 'false' })).toMatchObject({
    ...{ code: 0, unpacked: 2, readings: COUNT, left: [] },
  });
  expect(await history()).toEqual(after);
  expect(await server.stop()).toBe(0);
  server = null;
}, 240_000);
