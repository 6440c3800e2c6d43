import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
  await house.tell({
    type: 'asn',
    by: 'test',
    asn: {
      ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      ...{ departs: Date.UTC(2026, 10, 22, 8), arrives: Date.UTC(2026, 10, 22, 16), units: [], products: [] },
    },
  });
});
afterAll(() => house.stop());

const HOLD = '/holds/shipment%3ASHP-1';

test('quality holds a shipment with a reason and releases it; everybody sees it', async () => {
  const set = await house.ask('quality', 'PUT', HOLD, { reason: 'complaint 4711' });
  expect(set).toMatchObject({
    status: 201,
    body: { subject: 'shipment:SHP-1', reason: 'complaint 4711', setBy: 'test-quality', releasedAt: null },
  });
  expect(await house.ask('quality', 'PUT', HOLD, { reason: 'complaint 4712' })).toMatchObject({
    ...{ status: 409, body: { code: 'HOLD_STANDS', current: { hold: { reason: 'complaint 4711' } } } },
  });
  const released = await house.ask('admin', 'POST', `${HOLD}/release`, { reason: 'closed' });
  expect(released).toMatchObject({ status: 200, body: { releasedBy: 'test-admin', releaseReason: 'closed' } });
  await house.ask('quality', 'PUT', HOLD, { reason: 'complaint 4712' });
  const first = await house.ask('dock', 'GET', '/holds?subject=shipment:SHP-1&limit=1');
  expect(first.body).toMatchObject({ items: [{ reason: 'complaint 4712' }], nextCursor: expect.any(String) });
  const { nextCursor } = first.body as { nextCursor: string };
  const second = await house.ask('dock', 'GET', `/holds?subject=shipment:SHP-1&limit=1&cursor=${nextCursor}`);
  expect(second.body).toMatchObject({ items: [{ reason: 'complaint 4711' }], nextCursor: null });
});

test.each([
  ['another role', 'logistics', HOLD, { reason: 'complaint' }, 403, 'ROLE_NOT_ALLOWED'],
  ['no reason', 'quality', HOLD, { reason: '  ' }, 400, 'BODY_INVALID'],
  ['no shipment of that name', 'quality', '/holds/shipment%3ASHP-9', { reason: 'complaint' }, 404, 'SHIPMENT_UNKNOWN'],
  ['something that cannot be held', 'quality', '/holds/portal%3A1', { reason: 'complaint' }, 400, 'BODY_INVALID'],
] as const)('a hold by or on %s is refused', async (_what, role, path, body, status, code) => {
  expect(await house.ask(role, 'PUT', path, body)).toMatchObject({ status, body: { code } });
});

test('releasing what is not held is refused', async () => {
  const answer = await house.ask('quality', 'POST', '/holds/device%3Alogger-7/release', { reason: 'closed' });
  expect(answer).toMatchObject({ status: 404, body: { code: 'HOLD_UNKNOWN' } });
});

test('of all holds those that stand are listed alone when asked for', async () => {
  const hold = '/holds/device%3Alogger-1';
  expect(await house.ask('quality', 'PUT', hold, { reason: 'first complaint' })).toMatchObject({ status: 201 });
  await house.ask('quality', 'POST', `${hold}/release`, { reason: 'closed' });
  await house.ask('quality', 'PUT', hold, { reason: 'second complaint' });
  const reasons = async (query: string) => {
    const { body } = await house.ask('quality', 'GET', `/holds?subject=device:logger-1${query}`);
    return (body as { items: { reason: string }[] }).items.map(({ reason }) => reason);
  };
  expect(await reasons('&standing=true')).toEqual(['second complaint']);
  expect(await reasons('&standing=false')).toEqual(['second complaint', 'first complaint']);
  expect(await house.ask('quality', 'GET', '/holds?standing=perhaps')).toMatchObject({ status: 400 });
});

test('what is kept how long is told to whoever sees every site', async () => {
  expect(await house.ask('operations', 'GET', '/retention')).toMatchObject({
    ...{ status: 200, body: { readings: '400d', originals: null, kept: { onHold: { shipments: 1 } } } },
  });
});

test('what was deleted is shown', async () => {
  const { database } = house;
  await database.query(
    `INSERT INTO deletions (at, what, from_at, to_at, setting, extent, deleted, kept, finished_at)
     VALUES (3000, 'readings', 1000, 2000, 'retention.readings=400d', 'all', 7, 0, 4000)`,
  );
  expect((await house.ask('dock', 'GET', '/deletions')).body).toMatchObject({
    items: [
      { what: 'readings', setting: 'retention.readings=400d', deleted: 7, finishedAt: '1970-01-01T00:00:04.000Z' },
    ],
  });
});
