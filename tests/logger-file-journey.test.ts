import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../storage/testing/database.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const SERIALS = 12;
const iso = (at: number) => new Date(at).toISOString();
const shown = (at: number) => iso(at).slice(0, 16).replace('T', ' ');

interface AlertSeen {
  readonly id: string;
  readonly rule: { readonly id: string };
  readonly detectedLate: boolean;
  readonly subject: { readonly device?: string };
  readonly affected: { readonly count: number };
}

let dataDir = '';
let platform: IsothermProcess;
let token = '';
let api: Api;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'isotherm-journey-'));
  const database = await testDatabase();
  const folder = join(dataDir, 'readers');
  mkdirSync(folder);
  const env = { DATABASE_URL: database.url, ISOTHERM_LOGGER_FILES_FOLDER: folder, ISOTHERM_LOGGER_FILES_ZONE: 'UTC' };
  const created = await isotherm(['token', 'create', 'test', '--role', 'admin'], { dataDir, env });
  token = created.stdout.trim();
  platform = await startIsotherm({ command: 'serve', dataDir, env });
  api = new Api(platform.httpUrl, token);
  for (const [n, device] of ['usb-1', 'usb-2', 'usb-3'].entries()) {
    await api.send('POST', '/shipments', {
      ...{ id: `SHP-${n}`, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
      ...{ departs: iso(NOW - 10 * HOUR), arrives: iso(NOW) },
      units: [
        {
          ...{ sscc: `urn:epc:id:sscc:0614141.123456789${n}`, devices: [device], from: iso(NOW - 10 * HOUR) },
          children: Array.from({ length: SERIALS }, (_, i) => `urn:epc:id:sgtin:0614141.812345.${n}${i + 100}`),
        },
      ],
    });
  }
}, 180_000);
afterAll(async () => {
  await platform?.stop();
  rmSync(dataDir, { recursive: true });
});

/** A reading every ten minutes of eight hours; `celsius` at a step. */
const log = (serial: string, celsius: (step: number) => number) =>
  `Serial number;${serial}\nTime;Temperature °C\n${Array.from({ length: 48 }, (_, step) => `${shown(NOW - 9 * HOUR + step * 600_000)};${celsius(step)}`).join('\n')}\n`;

async function upload(text: string): Promise<{ devices: { taken: number }[] }> {
  const form = new FormData();
  form.append('zone', 'UTC');
  form.append('file', new Blob([text]), 'readout.csv');
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${platform.httpUrl}/api/v1/logger-files`, { method: 'POST', headers, body: form });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${answer}`);
  return JSON.parse(answer);
}

const alertsOf = (device: string) => async () =>
  (await api.all<AlertSeen>('/alerts')).filter(({ subject }) => subject.device === device);

test('an excursion that a file brings at receipt is found late, with its serials', async () => {
  const { devices } = await upload(log('usb-1', (step) => (step >= 12 && step < 18 ? 9.4 : 5)));
  expect(devices[0]?.taken).toBe(48);
  const alerts = await eventually('the excursion', alertsOf('usb-1'), (seen) =>
    seen.some(({ affected }) => affected.count > 0),
  );
  expect(alerts).toMatchObject([{ rule: { id: 'too-warm-2-8' }, affected: { count: SERIALS } }]);
}, 120_000);

// Nobody was told of a torn-off probe: 85 °C was no silence and no excursion.
test('a logger that recorded nothing but error codes is an alert, and its silence afterwards is none', async () => {
  await upload(log('usb-2', () => 85));
  const alerts = await eventually('the broken sensor', alertsOf('usb-2'), (seen) => seen.length > 0);
  expect(alerts.map(({ rule }) => rule.id)).toEqual(['broken-sensor']);
}, 120_000);

test('a file in the watched folder is taken in', async () => {
  writeFileSync(
    join(dataDir, 'readers', 'usb-3.csv'),
    log('usb-3', () => 5),
  );
  const readings = () => api.all<{ value: number }>(`/readings?device=usb-3&from=${NOW - 10 * HOUR}&to=${NOW}`);
  expect(await eventually('its readings', readings, (seen) => seen.length > 0)).toHaveLength(48);
  expect(await alertsOf('usb-3')()).toEqual([]);
}, 120_000);
