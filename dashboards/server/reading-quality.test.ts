import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const at = (minutesAgo: number) => new Date(NOW - minutesAgo * MINUTE).toISOString();

let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
  await house.measure('probe-1', [
    [NOW - 5 * MINUTE, 5],
    [NOW - 4 * MINUTE, 85],
    [NOW - 3 * MINUTE, 5.2],
    [NOW - 2 * MINUTE, 40],
    [NOW - MINUTE, 5.1],
  ]);
});

afterAll(() => house.stop());

const shown = async (query = '') =>
  (
    (await house.ask('dock', 'GET', `/readings?device=probe-1&from=${at(6)}&to=${at(0)}${query}`)).body as {
      items: { time: string; value: number; quality?: string; reason?: string }[];
    }
  ).items;

test('suspect readings are shown as received, with the reason; good ones say nothing', async () => {
  const items = [
    { time: at(5), value: 5 },
    { time: at(4), value: 85, quality: 'suspect', reason: 'ERROR_CODE' },
    { time: at(3), value: 5.2 },
    { time: at(2), value: 40, quality: 'suspect', reason: 'IMPLAUSIBLE_STEP' },
    { time: at(1), value: 5.1 },
  ];
  expect(await shown()).toEqual(items);
  // The quality does not depend on where a page begins and ends.
  expect(await shown('&limit=4')).toEqual(items.slice(0, 4));
});

test('quality sets a reading aside with a reason, and takes that back', async () => {
  const given = { device: 'probe-1', time: at(3), reason: 'the probe hung out of the box' };
  expect((await house.ask('dock', 'POST', '/readings/set-aside', given)).status).toBe(403);
  expect(await house.ask('quality', 'POST', '/readings/set-aside', given)).toMatchObject({
    status: 201,
    body: { metric: 'temperature', from: at(3), isSetAside: true, reason: given.reason, by: 'test-quality' },
  });
  expect((await shown())[2]).toEqual({ time: at(3), value: 5.2, quality: 'suspect', reason: 'SET_ASIDE' });
  const stretch = { device: 'probe-1', from: at(4), to: at(2), reason: 'it hung inside after all' };
  expect(await house.ask('quality', 'POST', '/readings/restore', stretch)).toMatchObject({ status: 201 });
  expect((await shown())[2]).toEqual({ time: at(3), value: 5.2 });
  // Taking that back makes no measurement of an error code.
  expect((await shown())[1]).toMatchObject({ reason: 'ERROR_CODE' });
});

test.each([
  [{ device: 'probe-1', time: at(3) }, 'reason'],
  [{ device: 'probe-1', reason: 'x' }, 'time'],
  [{ device: 'probe-1', from: at(2), to: at(3), reason: 'x' }, 'to'],
  [{ device: 'probe-1', to: at(3), reason: 'x' }, 'from'],
  [{ device: 'probe 1', time: at(3), reason: 'x' }, 'device'],
])('setting aside %j is refused by the field %s', async (given, path) => {
  const { status, body } = await house.ask('quality', 'POST', '/readings/set-aside', given);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'BODY_INVALID' });
  expect((body as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
});

test('a device is registered with what decides the quality of its readings', async () => {
  const given = {
    ...{ id: 'probe-2', sensor: 'pt100', correction: { temperature: -0.5 }, stepPerMinute: 50 },
    ...{ reportsOnChange: true, heartbeat: '1h' },
  };
  expect(await house.ask('logistics', 'POST', '/devices', given)).toMatchObject({ status: 201, body: given });
  await house.measure('probe-2', [
    [NOW - 3 * MINUTE, 84.9],
    [NOW - 2 * MINUTE, 85],
    [NOW - MINUTE, 45],
  ]);
  const query = `/readings?device=probe-2&from=${at(6)}&to=${at(0)}`;
  expect((await house.ask('dock', 'GET', query)).body).toMatchObject({
    items: [
      { value: 84.9, judged: 84.4 },
      { value: 85, judged: 84.5 },
      { value: 45, judged: 44.5 },
    ],
  });
  const wrong = { id: 'probe-2', heartbeat: 'often', correction: { warmth: 1 } };
  expect((await house.ask('logistics', 'POST', '/devices', wrong)).status).toBe(400);
});

// Charts, day tables and whoever asks for buckets were told that a store had been at 85 °C.
describe('buckets', () => {
  const START = Date.parse('2026-11-20T00:00:00Z');
  const day = Array.from({ length: 24 * 60 }, (_, minute) => [START + minute * 60_000, 5 + (minute % 3) / 10] as const);
  const withCodes = day.map(
    ([time, value], i) => [time, i === 600 ? 85 : i === 900 ? -127 : i === 901 ? 40 : value] as const,
  );
  const of = async (device: string, query: string) => {
    const span = `from=${START}&to=${START + 24 * 3_600_000}&limit=10000`;
    const { body } = await house.ask('quality', 'GET', `/readings?device=${device}&${span}&${query}`);
    return body as { resolution: string; items: { n: number; min: number; max: number }[] };
  };

  test('hold good readings only, at every resolution, and all as received where that is asked for', async () => {
    await house.measure('coded', withCodes);
    for (const resolution of ['1m', '1h', '1d', 'auto']) {
      const { items } = await of('coded', `resolution=${resolution}`);
      expect([Math.min(...items.map(({ min }) => min)), Math.max(...items.map(({ max }) => max))]).toEqual([5, 5.2]);
      expect(items.reduce((sum, { n }) => sum + n, 0)).toBe(24 * 60 - 3);
    }
    const { items } = await of('coded', 'resolution=1d&values=received');
    expect(items).toMatchObject([{ n: 1440, min: -127, max: 85 }]);
  });

  test('with nothing good in them are left out, and those of a correction are corrected', async () => {
    await house.measure(
      'broken',
      day.slice(0, 120).map(([time]) => [time, 85] as const),
    );
    expect((await of('broken', 'resolution=1h')).items).toEqual([]);
    await house.ask('operations', 'POST', '/devices', {
      id: 'offset',
      kind: 'logger',
      correction: { temperature: -1 },
    });
    await house.measure('offset', day.slice(0, 60));
    expect((await of('offset', 'resolution=1h')).items).toMatchObject([{ n: 60, min: 4, max: 4.2 }]);
  });
});
