import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoggerFileAnswerView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const SSCC = 'urn:epc:id:sscc:0614141.1234567890';
const iso = (at: number) => new Date(at).toISOString();
const shown = (at: number) => iso(at).slice(0, 16).replace('T', ' ');

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
});
afterAll(() => house.stop());

interface Answer {
  readonly status: number;
  readonly body: LoggerFileAnswerView & { readonly code?: string; readonly detail?: string };
}

async function upload(
  file: string | null,
  fields: Readonly<Record<string, string>>,
  path = '/logger-files',
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== null) form.append('file', new Blob([file]), 'readout.csv');
  const response = await fetch(`${house.url}/api/v1${path}`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${await house.token('dock')}` }, body: form },
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const rows = (values: readonly number[], from = NOW - 5 * HOUR) =>
  `Serial number;L-${from}\nTime;Temperature °C\n${values.map((value, i) => `${shown(from + i * 600_000)};${value}`).join('\n')}\n`;

async function readingsOf(device: string) {
  const { body } = await house.ask(
    'quality',
    'GET',
    `/readings?device=${device}&from=${NOW - 24 * HOUR}&to=${NOW + HOUR}`,
  );
  return (body as { items: { value: number }[] }).items.map(({ value }) => value);
}

describe('a file that a logger was read out into', () => {
  it('becomes readings of the device, with its own summary beside ours', async () => {
    const file = `${rows([5, 9.1, 5.2, 85])}Maximum;9,1 °C\nMinimum;4,9 °C\n`;
    const { status, body } = await upload(file, { zone: 'UTC', device: 'usb-1' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ repeated: false, refused: [], waiting: 0, file: { zone: 'UTC', name: 'readout.csv', layout: 'table' } },
      devices: [
        {
          ...{ device: 'usb-1', taken: 4, theirs: { max: 9.1, min: 4.9 } },
          // A power-on value is no temperature: it is taken, and not among ours.
          ours: { count: 4, min: 5, max: 9.1, mean: 6.433, suspect: 1 },
          differences: [{ metric: 'temperature', figure: 'min', theirs: 4.9, ours: 5 }],
        },
      ],
    });
    expect(body.file.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await readingsOf('usb-1')).toEqual([5, 9.1, 5.2, 85]);
    // Four readings are too few to tell how often it measures; it is registered as read out by cable.
    const { body: device } = await house.ask('quality', 'GET', '/devices/usb-1');
    expect(device).toMatchObject({ readOut: true, interval: null });
    expect(device).not.toHaveProperty('learnedInterval');
    await upload(rows([5, 5, 5, 5, 5, 5], NOW - 3 * HOUR), { zone: 'UTC', device: 'usb-1' });
    expect((await house.ask('quality', 'GET', '/devices/usb-1')).body).toMatchObject({ learnedInterval: '10m' });
  });

  it('is one, however often it is uploaded', async () => {
    const file = rows([5, 5.1], NOW - 6 * HOUR);
    const first = await upload(file, { zone: 'UTC', device: 'usb-2' });
    const again = await upload(file, { zone: 'UTC', device: 'usb-2' });
    expect([first.body.repeated, again.body.repeated, again.body.devices]).toEqual([false, true, first.body.devices]);
    expect(await readingsOf('usb-2')).toEqual([5, 5.1]);
    const { body } = await house.ask('quality', 'GET', '/logger-files?device=usb-2');
    expect((body as { items: unknown[] }).items).toHaveLength(1);
    // Its readings cannot stand at two times.
    const other = await upload(file, { zone: 'Europe/Berlin', device: 'usb-2' });
    expect([other.status, other.body.code]).toEqual([409, 'LOGGER_FILE_TAKEN']);
  });

  it('takes the serial number for the device, and probes by number', async () => {
    const file = `Serial number;S-77\nTime;T1 °C;T2 °C\n${shown(NOW - HOUR)};5;6\n`;
    const { body } = await upload(file, { zone: 'UTC' });
    expect(body.devices.map(({ device, taken }) => [device, taken])).toEqual([
      ['S-77.1', 1],
      ['S-77.2', 1],
    ]);
    expect(await readingsOf('S-77.2')).toEqual([6]);
  });

  it('what is too old waits in quarantine, and can be adopted', async () => {
    const old = NOW - 500 * 24 * HOUR;
    const { body } = await upload(rows([5, 6], old), { zone: 'UTC', device: 'usb-old' });
    expect([body.waiting, body.waits.map(({ reason }) => reason)]).toEqual([2, ['TIME_TOO_OLD', 'TIME_TOO_OLD']]);
    const adopted = await house.ask('operations', 'POST', '/quarantine/adopt?source=usb-old', {
      reason: 'a stored logger',
    });
    expect(adopted.body).toMatchObject({ entries: 1, readings: 2, left: [] });
  });

  it.each([
    ['zone', { device: 'x' }, 'Time;Temp °C\n2026-11-22 10:00;5\n', 422, 'LOGGER_FILE_ZONE_MISSING'],
    ['a header', { zone: 'UTC', device: 'x' }, 'a;b\n1;2\n', 422, 'LOGGER_FILE_NOT_RECOGNISED'],
    ['a device', { zone: 'UTC' }, 'Time;Temp °C\n2026-11-22 10:00;5\n', 422, 'LOGGER_FILE_DEVICE_MISSING'],
    ['a file', { zone: 'UTC' }, null, 400, 'FORM_MALFORMED'],
    [
      'a shipment that is there',
      { zone: 'UTC', device: 'x', shipment: 'SHP-NONE' },
      'Time;Temp °C\n2026-11-22 10:00;5\n',
      404,
      'SHIPMENT_UNKNOWN',
    ],
  ] as const)('is refused without %s', async (_, fields, file, status, code) => {
    const answer = await upload(file, fields);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('a dry run stores nothing', async () => {
    const { body } = await upload(rows([5]), { zone: 'UTC', device: 'usb-dry', dryRun: 'true' });
    expect(body.devices[0]?.taken).toBe(1);
    expect(await readingsOf('usb-dry')).toEqual([]);
  });

  it('is read by a mapping that a person made, kept under its name', async () => {
    const file = `${shown(NOW - 2 * HOUR)};x;5,5\n${shown(NOW - HOUR)};x;5,6\n`;
    const look = await upload(file, {}, '/logger-files/rows');
    expect((look.body as unknown as { rows: unknown[] }).rows[0]).toEqual({
      row: 1,
      cells: [shown(NOW - 2 * HOUR), 'x', '5,5'],
    });
    const mapping = { time: 1, columns: [{ column: 3, metric: 'temperature', unit: '°C' }] };
    expect((await house.ask('dock', 'PUT', '/logger-file-mappings/Truck%204', mapping)).status).toBe(200);
    const { body } = await upload(file, { zone: 'UTC', device: 'usb-map', mapping: 'Truck 4' });
    expect(body).toMatchObject({ file: { layout: 'mapping Truck 4' }, devices: [{ taken: 2 }] });
  });

  it('puts its logger onto the unit of the shipment it came with', async () => {
    const notice = {
      ...{ id: 'SHP-USB', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
      ...{ departs: iso(NOW - 8 * HOUR), arrives: iso(NOW) },
      units: [
        { sscc: SSCC, devices: [], children: ['urn:epc:id:sgtin:0614141.812345.6789'], from: iso(NOW - 8 * HOUR) },
      ],
    };
    await house.ask('logistics', 'POST', '/shipments', notice);
    const { status } = await upload(rows([5, 5.3], NOW - 7 * HOUR), {
      zone: 'UTC',
      device: 'usb-ship',
      shipment: 'SHP-USB',
    });
    expect(status).toBe(200);
    const { body } = await house.ask('quality', 'GET', '/devices/usb-ship');
    expect(body).toMatchObject({ attachment: { subject: SSCC, shipment: 'SHP-USB' } });
  });
});
