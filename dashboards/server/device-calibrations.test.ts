import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeviceVitalsStore } from '../../storage/index.ts';
import type { CalibrationView, DeviceView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const iso = (at: number) => new Date(at).toISOString();
const day = (at: number) => iso(at).slice(0, 10);
const certificate = {
  number: 'C-4711',
  laboratory: 'Eichamt Berlin',
  date: day(NOW - 60 * DAY),
  due: day(NOW + 300 * DAY),
};

let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
});
afterAll(() => house.stop());

async function known(id: string, readings: readonly (readonly [number, number])[] = [[NOW - MINUTE, 5]]) {
  await house.ask('operations', 'POST', '/devices', { id, kind: 'logger' });
  await house.measure(id, readings);
}

const calibrate = (id: string, body: object) => house.ask('quality', 'POST', `/devices/${id}/calibrations`, body);
const readings = async (id: string, query = '') => {
  const span = `from=${iso(NOW - 400 * DAY)}&to=${iso(NOW + MINUTE)}`;
  return ((await house.ask('dock', 'GET', `/readings?device=${id}&${span}${query}`)).body as { items: object[] }).items;
};
const view = async (id: string) => (await house.ask('dock', 'GET', `/devices/${id}`)).body as DeviceView;
const listed = async (id: string) =>
  ((await house.ask('dock', 'GET', `/devices/${id}/calibrations`)).body as { items: CalibrationView[] }).items;

describe('a calibration', () => {
  test('corrects what was measured from its time on; readings before keep what held then, and the raw value stays', async () => {
    await known('probe-1', [
      [NOW - 3 * MINUTE, 5],
      [NOW - 2 * MINUTE, 5],
      [NOW - MINUTE, 5],
    ]);
    await house.ask('operations', 'POST', '/devices', { id: 'probe-1', correction: { temperature: 1 } });
    const first = { effectiveFrom: iso(NOW - 2 * MINUTE), offset: -0.5, reason: 'held against ice' };
    expect(await calibrate('probe-1', first)).toMatchObject({
      status: 201,
      body: { metric: 'temperature', points: [{ reported: 0, reference: -0.5 }], state: 'unknown', by: 'test-quality' },
    });
    await calibrate('probe-1', { effectiveFrom: iso(NOW - MINUTE), offset: 0.25, reason: 'held against ice again' });
    expect(await readings('probe-1')).toEqual([
      { time: iso(NOW - 3 * MINUTE), value: 5, judged: 6 },
      { time: iso(NOW - 2 * MINUTE), value: 5, judged: 4.5 },
      { time: iso(NOW - MINUTE), value: 5, judged: 5.25 },
    ]);
    expect(await readings('probe-1', '&values=raw')).toEqual(
      [3, 2, 1].map((n) => ({ time: iso(NOW - n * MINUTE), value: 5 })),
    );
    expect(await readings('probe-1', '&values=corrected')).toMatchObject([
      { value: 6, received: 5 },
      { value: 4.5, received: 5 },
      { value: 5.25, received: 5 },
    ]);
    // Registering it again is no word about calibrations.
    await house.ask('operations', 'POST', '/devices', { id: 'probe-1', name: 'One' });
    expect((await readings('probe-1', '&values=corrected')).slice(1)).toMatchObject([{ value: 4.5 }, { value: 5.25 }]);
  });

  test('by several points is linear between them and constant beyond, in readings and in buckets', async () => {
    const values = [-5, 0, 1, 2, 4, 6, 8, 20];
    const start = Math.floor((NOW - 2 * DAY) / DAY) * DAY;
    await known(
      'probe-2',
      values.map((value, i) => [start + i * 30 * MINUTE, value] as const),
    );
    const points = [
      { reported: 8, reference: 9 },
      { reported: 0, reference: 0.5 },
      { reported: 2, reference: 2 },
    ];
    expect(
      (await calibrate('probe-2', { effectiveFrom: iso(start - DAY), points, reason: 'three points' })).status,
    ).toBe(201);
    const corrected = [-4.5, 0.5, 1.25, 2, 4 + 1 / 3, 6 + 2 / 3, 9, 21];
    const shown = (await readings('probe-2', '&values=corrected')) as { value: number }[];
    expect(shown.map(({ value }) => value)).toEqual(corrected.map((value) => expect.closeTo(value, 9)));
    const [bucket] = (await readings('probe-2', '&resolution=1d')) as { n: number; mean: number }[];
    const mean = corrected.reduce((sum, value) => sum + value, 0) / corrected.length;
    expect(bucket).toMatchObject({ n: 8, min: -4.5, max: 21, mean: expect.closeTo(mean, 9) });
    const [raw] = await readings('probe-2', '&resolution=1d&values=raw');
    expect(raw).toMatchObject({ n: 8, min: -5, max: 20 });
  });

  test('changes a bucket only from where it begins to hold', async () => {
    const start = Math.floor((NOW - 2 * DAY) / DAY) * DAY;
    await known(
      'probe-3',
      Array.from({ length: 60 }, (_, i) => [start + i * MINUTE, 5] as const),
    );
    await calibrate('probe-3', { effectiveFrom: iso(start + 30 * MINUTE), offset: 1, reason: 'half an hour in' });
    expect(await readings('probe-3', '&resolution=1h')).toMatchObject([{ n: 60, min: 5, max: 6, mean: 5.5 }]);
  });

  test('with a mistake is mended by another one with the same time, and both stay on record', async () => {
    await known('probe-4');
    const at = { effectiveFrom: iso(NOW - DAY) };
    await calibrate('probe-4', { ...at, offset: 30, reason: 'yearly' });
    await calibrate('probe-4', { ...at, offset: 0.3, reason: 'a slip of the pen' });
    expect(await readings('probe-4', '&values=corrected')).toMatchObject([{ value: 5.3 }]);
    expect(await listed('probe-4')).toMatchObject([
      { points: [{ reference: 0.3 }], isReplaced: false },
      { points: [{ reference: 30 }], isReplaced: true },
    ]);
  });

  test('that was overdue marks what was measured then, without making it suspect', async () => {
    const due = NOW - 10 * DAY;
    await known('probe-5', [
      [NOW - 20 * DAY, 5],
      [NOW - 5 * DAY, 5],
      [NOW - MINUTE, 5],
    ]);
    const old = { ...certificate, date: day(NOW - 375 * DAY), due: day(due) };
    await calibrate('probe-5', { offset: 0, certificate: old, reason: 'yearly' });
    expect(await readings('probe-5')).toEqual([
      { time: iso(NOW - 20 * DAY), value: 5 },
      { time: iso(NOW - 5 * DAY), value: 5, calibration: 'overdue' },
      { time: iso(NOW - MINUTE), value: 5, calibration: 'overdue' },
    ]);
    expect(await view('probe-5')).toMatchObject({
      calibrations: [{ metric: 'temperature', due: day(due), state: 'overdue' }],
    });
    const days = (await readings('probe-5', '&resolution=1d')) as { calibration?: string }[];
    expect(days.map(({ calibration }) => calibration)).toEqual([undefined, 'overdue', 'overdue']);
    // A new certificate ends that from its own time on, and heals nothing before.
    await calibrate('probe-5', { effectiveFrom: iso(NOW - 2 * MINUTE), certificate, reason: 'caught up' });
    expect((await readings('probe-5')).map((one) => 'calibration' in one)).toEqual([false, true, false]);
    expect((await view('probe-5')).calibrations).toMatchObject([{ due: certificate.due, state: 'valid' }]);
  });

  test('keeps the file of its certificate by its hash, for whoever sees the device', async () => {
    await known('probe-6');
    const bytes = Buffer.from('%PDF-1.7 a certificate');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const form = new FormData();
    form.append('calibration', JSON.stringify({ offset: 0.1, certificate, reason: 'yearly' }));
    form.append('file', new Blob([bytes]), 'C-4711.pdf');
    const url = `${house.url}/api/v1/devices/probe-6/calibrations`;
    const authorization = `Bearer ${await house.token('quality')}`;
    const recorded = await fetch(url, { method: 'POST', body: form, headers: { authorization } });
    expect(recorded.status).toBe(201);
    expect(await recorded.json()).toMatchObject({
      certificate: { ...certificate, file: sha256 },
      effectiveFrom: `${certificate.date}T00:00:00.000Z`,
    });
    const token = await house.token('dock');
    const answer = await fetch(`${url}/${sha256}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.headers.get('content-disposition')).toContain('C-4711.pdf');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect((await house.ask('dock', 'GET', `/devices/probe-5/calibrations/${sha256}`)).status).toBe(404);
    expect((await house.ask('dock', 'GET', '/devices/probe-6/calibrations/zz')).status).toBe(404);
  });

  test.each([
    [{ reason: '' }, 'reason'],
    [{ offset: 1, points: [{ reported: 0, reference: 1 }], reason: 'x' }, 'offset'],
    [{ offset: 700, reason: 'x' }, 'offset'],
    [
      {
        points: [
          { reported: 0, reference: 1 },
          { reported: 0, reference: 2 },
        ],
        reason: 'x',
      },
      'points.1.reported',
    ],
    [
      {
        points: [
          { reported: 0, reference: 5 },
          { reported: 8, reference: 1 },
        ],
        reason: 'x',
      },
      'points.1.reference',
    ],
    [{ points: [{ reported: 0, reference: 4000 }], reason: 'x' }, 'points.0.reference'],
    [{ metric: 'door', offset: 1, reason: 'x' }, 'metric'],
    [{ certificate: { ...certificate, due: '2020-01-01' }, reason: 'x' }, 'certificate.due'],
    [{ certificate: { ...certificate, due: '2026-02-30' }, reason: 'x' }, 'certificate.due'],
    // Nothing of these is plausible.
    [{ offset: 50, reason: 'x' }, 'offset'],
    [{ points: [{ reported: 0, reference: 60 }], reason: 'x' }, 'points.0.reference'],
  ])('%j is refused by %s, and nothing is recorded', async (body, path) => {
    const { status, body: problem } = await calibrate('probe-6', body);
    expect(status).toBe(400);
    expect((problem as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
    expect(await listed('probe-6')).toHaveLength(1);
  });

  test.each([
    [{ date: '2206-01-01', due: '2206-02-01' }, 'certificate.date'],
    [{ date: '1926-09-30' }, 'certificate.date'],
    [{ due: '2226-01-01' }, 'certificate.due'],
  ])('with a certificate of %j is implausible by %s, and nothing is recorded', async (days, path) => {
    const answer = await calibrate('probe-6', { certificate: { ...certificate, ...days }, reason: 'x' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'CALIBRATION_IMPLAUSIBLE', errors: [{ path }] } });
    expect(await listed('probe-6')).toHaveLength(1);
  });

  test('is for quality and operations, of a device that there is', async () => {
    const body = { offset: 1, reason: 'x' };
    expect((await house.ask('dock', 'POST', '/devices/probe-6/calibrations', body)).status).toBe(403);
    expect((await calibrate('nobody', body)).status).toBe(404);
  });
});

test('a registration with effectiveFrom leaves the readings before it what they were judged by', async () => {
  await known('probe-7', [
    [NOW - 3 * MINUTE, 5],
    [NOW - MINUTE, 5],
  ]);
  const later = { id: 'probe-7', correction: { temperature: 1 }, effectiveFrom: iso(NOW - 2 * MINUTE) };
  expect(await house.ask('operations', 'POST', '/devices', later)).toMatchObject({
    status: 201,
    body: { effectiveFrom: later.effectiveFrom },
  });
  expect(await readings('probe-7', '&values=corrected')).toMatchObject([{ value: 5 }, { value: 6, received: 5 }]);
});

test('how its clock goes and how well it is received is shown with a device, alone and in the list', async () => {
  await known('probe-8');
  const store = new DeviceVitalsStore({ database: house.database });
  await store.keep([
    {
      device: 'probe-8',
      clock: { behindMs: 300_000, messages: 15, at: NOW },
      signal: { rssi: -98, snr: 4.5, at: NOW },
    },
  ]);
  // What a later look does not say stays.
  await store.keep([{ device: 'probe-8', clock: null, signal: { rssi: -90, snr: null, at: NOW + 1 } }]);
  const vitals = { clock: { behindMs: 300_000, messages: 15, at: iso(NOW) }, signal: { rssi: -90, snr: null } };
  expect(await view('probe-8')).toMatchObject(vitals);
  const { items } = (await house.ask('dock', 'GET', '/devices?limit=100')).body as { items: DeviceView[] };
  expect(items.find(({ id }) => id === 'probe-8')).toMatchObject(vitals);
  expect(items.find(({ id }) => id === 'probe-1')).toMatchObject({ clock: null, signal: null });
});
