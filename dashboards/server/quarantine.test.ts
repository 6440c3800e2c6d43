import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { effectsOf, QuarantineStore } from '../../storage/index.ts';
import { Installation } from './testing/installation.ts';

const DAY = 86_400_000;
const NOW = Math.floor(Date.now() / 1000) * 1000;
const iso = (at: number) => new Date(at).toISOString();
const TWO_YEARS_AGO = NOW - 730 * DAY;

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
});
afterAll(() => house.stop());

let position = 0;

/** Puts a message into quarantine. @returns the entry's id */
async function refused(source: string, reason: string, message: string, arrival = NOW): Promise<string> {
  position++;
  const topic = `isotherm/v1/devices/${source}/readings`;
  const entry = { arrival, source, topic, reason, detail: reason, payload: Buffer.from(message).toString('base64') };
  const store = new QuarantineStore({ database: house.database });
  await house.database.transaction((client) =>
    store.keep(effectsOf(client), [{ ...entry, partition: 0, position, index: 0 }]),
  );
  return `0.${position}.0`;
}

const decide = (path: string, reason = 'found in a drawer') => house.ask('operations', 'POST', path, { reason });

/** Readings of a device, once there are as many. */
async function stored(device: string, count: number): Promise<string[]> {
  const query = `/readings?device=${device}&metric=temperature&from=${iso(NOW - 800 * DAY)}&to=${iso(NOW + DAY)}`;
  return vi.waitFor(
    async () => {
      const { items } = (await house.ask('quality', 'GET', query)).body as { items: { time: string; value: number }[] };
      expect(items, `readings of ${device}`).toHaveLength(count);
      return items.map(({ time, value }) => `${time} ${value}`);
    },
    { timeout: 30_000, interval: 50 },
  );
}

// "It waits to be adopted", said the entry, and nothing could adopt it.
test('readings that were too old are adopted with a reason, once, and the entry says by whom', async () => {
  const message = `[{"time":"${iso(TWO_YEARS_AGO)}","temperature":5.5},{"time":"${iso(NOW)}","temperature":4}]`;
  const id = await refused('drawer-1', 'TIME_TOO_OLD', message);
  expect(await decide(`/quarantine/${id}/adopt`)).toMatchObject({
    status: 200,
    body: { entries: 1, readings: 1, left: [] },
  });
  expect(await stored('drawer-1', 1)).toEqual([`${iso(TWO_YEARS_AGO)} 5.5`]);
  expect(await decide(`/quarantine/${id}/adopt`)).toMatchObject({ status: 409, body: { code: 'QUARANTINE_DECIDED' } });
  const { body } = await house.ask('operations', 'GET', '/quarantine?source=drawer-1');
  expect(body).toMatchObject({
    items: [{ id, decision: { decision: 'adopted', by: 'test-operations', reason: 'found in a drawer' } }],
  });
});

test('a whole device is adopted at once; what cannot be is left, and said', async () => {
  const hour = (n: number) => iso(TWO_YEARS_AGO + n * 3_600_000);
  for (let n = 0; n < 3; n++) await refused('drawer-2', 'TIME_TOO_OLD', `{"time":"${hour(n)}","temperature":${n}}`);
  const left = await refused('drawer-2', 'VALUE_NOT_NUMBER', '{"temperature":"warm"}');
  expect(await decide('/quarantine/adopt?source=drawer-2')).toMatchObject({
    body: { entries: 3, readings: 3, left: [{ id: left, reason: expect.stringContaining('discard it') }] },
  });
  expect(await stored('drawer-2', 3)).toEqual([0, 1, 2].map((n) => `${hour(n)} ${n}`));
  expect(await decide('/quarantine/any/discard?source=drawer-2')).toMatchObject({ body: { entries: 1, readings: 0 } });
});

test('what was ahead of our clock is adopted when its time has come; a field that is not understood only beside a time', async () => {
  const arrival = NOW - 3_600_000;
  const ahead = await refused('ahead-1', 'TIME_AHEAD', `{"time":"${iso(NOW - 60_000)}","temperature":6}`, arrival);
  expect(await decide(`/quarantine/${ahead}/adopt`)).toMatchObject({ body: { readings: 1 } });
  const never = await refused('ahead-1', 'TIME_AHEAD', `{"time":"${iso(NOW + DAY)}","temperature":6}`, arrival);
  expect(await decide(`/quarantine/${never}/adopt`)).toMatchObject({
    status: 422,
    body: { code: 'QUARANTINE_NOT_ADOPTABLE' },
  });
  const beside = `{"time":"${iso(NOW - 120_000)}","temperature":7,"status":"ok"}`;
  const known = await refused('ahead-1', 'FIELD_CHANGES_MEANING', beside);
  expect(await decide(`/quarantine/${known}/adopt`)).toMatchObject({ body: { readings: 1 } });
  const timeless = await refused('ahead-1', 'FIELD_CHANGES_MEANING', '{"temperature":7,"ts":"yesterday"}');
  expect(await decide(`/quarantine/${timeless}/adopt`)).toMatchObject({ status: 422 });
  expect(await stored('ahead-1', 2)).toEqual([`${iso(NOW - 120_000)} 7`, `${iso(NOW - 60_000)} 6`]);
});

test('a reason is asked for, an entry that is not there is said, and only who looks after the installation decides', async () => {
  const id = await refused('drawer-3', 'TIME_TOO_OLD', '{}');
  expect(await decide(`/quarantine/${id}/discard`, '')).toMatchObject({ status: 400 });
  expect(await decide('/quarantine/0.999999.0/discard')).toMatchObject({
    status: 404,
    body: { code: 'QUARANTINE_UNKNOWN' },
  });
  expect(await decide('/quarantine/none/discard')).toMatchObject({ status: 404 });
  const other = await house.ask('logistics', 'POST', `/quarantine/${id}/discard`, { reason: 'why not' });
  expect(other.status).toBe(403);
});
