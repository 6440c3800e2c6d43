import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AcknowledgedPublisher, type Publication } from './acknowledged-publisher.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';
import { underWay } from './testing/under-way.ts';

/*
 * Back up a running installation that goes on taking readings, wipe it, restore: every serial and every alert is
 * answered for as before, what had been acknowledged is there, and work goes on.
 */

const HOUR = 3_600_000;
const BASE = Math.floor(Date.now() / 60_000) * 60_000 - 30 * HOUR;
const SHIPPED = ['restore-1', 'restore-2'];
/** Travels with nothing; goes on sending while the backup is taken. */
const BUSY = 'restore-busy';
const SERIALS_EACH = 6;

const folders = ['data', 'restored', 'backup'].map((name) => mkdtempSync(join(tmpdir(), `isotherm-restore-${name}-`)));
const [dataDir = '', restored = '', backup = ''] = folders;
const passwords = new Map<string, string>();
let running: IsothermProcess;
let token: string;

const api = () => new Api(running.httpUrl, token);
const start = async (directory: string) => {
  running = await startIsotherm({ command: 'serve', dataDir: directory });
};

/** A reading every two minutes for a day, an hour of it too warm. */
function day(device: string, shift: number): Publication[] {
  return Array.from({ length: 720 }, (_, i) => ({
    device,
    payload: JSON.stringify({
      time: new Date(BASE + i * 120_000).toISOString(),
      temperature: i > 300 + shift && i < 330 + shift ? 9.5 : 5 + (i % 7) / 10,
    }),
  }));
}

const shipped = SHIPPED.flatMap((device, i) => day(device, i * 40));
const busy = Array.from({ length: 10_000 }, (_, i) => ({
  device: BUSY,
  payload: JSON.stringify({ time: BASE + i * 1_000, temperature: 5 }),
}));
const serials = SHIPPED.flatMap((_, i) =>
  Array.from({ length: SERIALS_EACH }, (_, n) => `urn:epc:id:sgtin:0614141.812345.${i * 100 + n}`),
);

const notice = {
  ...{ id: 'SHP-RESTORE', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
  departs: new Date(BASE - HOUR).toISOString(),
  arrives: new Date(BASE + 72 * HOUR).toISOString(),
  units: SHIPPED.map((device, i) => ({
    sscc: `urn:epc:id:sscc:0614141.100000008${i}`,
    devices: [device],
    children: serials.slice(i * SERIALS_EACH, (i + 1) * SERIALS_EACH),
    from: new Date(BASE - HOUR).toISOString(),
  })),
  products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2028-06-30' }],
};

interface Answers {
  readonly serials: readonly unknown[];
  readonly alerts: readonly unknown[];
  readonly rest: readonly unknown[];
}

interface Serial {
  readonly exposures: readonly (object & { readonly minutesUnknown?: number })[];
  readonly journey: (object & { readonly minutesUnknown?: number; readonly to?: string }) | null;
}

/** The loggers have been silent since: how long nothing is known grows while one looks. */
function withoutNow({ exposures, journey, ...rest }: Serial): object {
  return {
    ...rest,
    exposures: exposures.map(({ minutesUnknown: _, ...exposure }) => exposure),
    journey: journey === null ? null : { ...journey, minutesUnknown: null, to: null },
  };
}

/** Everything the platform says of every serial and every alert. */
async function answers(): Promise<Answers> {
  const ids = (await api().all<{ id: string }>('/alerts')).map(({ id }) => id);
  return {
    serials: await Promise.all(
      serials.map(async (epc) => withoutNow(await api().get<Serial>(`/serials/${encodeURIComponent(epc)}`))),
    ),
    alerts: await Promise.all(
      ids.map(async (id) => [await api().get(`/alerts/${id}`), await api().all(`/alerts/${id}/serials`)]),
    ),
    rest: [
      await api().get('/shipments/SHP-RESTORE'),
      await api().get('/holds'),
      await Promise.all(SHIPPED.map((device) => api().all(`/readings?device=${device}&from=${BASE}`))),
    ],
  };
}

/** Once two looks a second apart agree, and each device has had its excursion and fallen silent. */
async function settled(): Promise<Answers> {
  let previous = '';
  return eventually(
    'the alerts settle',
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return answers();
    },
    (seen) => {
      const text = JSON.stringify(seen);
      const isSettled = text === previous && seen.alerts.length >= 2 * SHIPPED.length;
      previous = text;
      return isSettled;
    },
  );
}

const storedOf = (device: string) => api().all<{ time: string }>(`/readings?device=${device}&from=${BASE}`);

beforeAll(async () => {
  await start(dataDir);
  for (const device of [...SHIPPED, BUSY]) {
    const { stdout } = await isotherm(['device', 'create', device], { dataDir });
    passwords.set(device, JSON.parse(stdout).password);
  }
  token = (await isotherm(['token', 'create', 'restore-test', '--role', 'admin'], { dataDir })).stdout.trim();
  await api().send('POST', '/shipments', notice);
}, 120_000);

afterAll(async () => {
  await running.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('backup and restore', { timeout: 240_000 }, () => {
  let before: Answers;
  let acknowledged: Publication[];
  let manifestSha256: string;

  test('a backup is taken while readings come in', async () => {
    const publisher = new AcknowledgedPublisher(passwords);
    await publisher.publish(running.mqttUrl, [...shipped, ...busy.slice(0, 1_000)], () => {});
    await api().send('PUT', '/holds/shipment%3ASHP-RESTORE', { reason: 'complaint 4711' });
    before = await settled();

    const publishing = underWay(publisher.publish(running.mqttUrl, busy, () => {}));
    await eventually(
      'readings come in',
      () => Promise.resolve(publisher.acknowledged.size),
      (size) => size > 2_500,
    );
    acknowledged = [...publisher.acknowledged];
    const taken = await isotherm(['backup', backup], { dataDir });
    expect(taken.code, taken.stderr).toBe(0);
    expect(taken.stderr).toContain(`not in the backup: the key of the ledger (${join(dataDir, 'ledger.key')})`);
    expect(JSON.parse(taken.stdout)).toMatchObject({ directory: backup, rows: expect.any(Number) });
    ({ manifestSha256 } = JSON.parse(taken.stdout));
    expect(publisher.acknowledged.size, 'they went on coming in meanwhile').toBeGreaterThan(acknowledged.length);
    await publishing.end;
  });

  test('what cannot be right is refused in one line, and changes nothing', async () => {
    const full = await isotherm(['backup', backup], { dataDir });
    expect([full.code, full.stderr]).toEqual([1, expect.stringContaining(`${backup} is not empty`)]);
    const restore = (directory: string, ...more: string[]) => ['restore', directory, ...more];
    const unasked = await isotherm(restore(backup), { dataDir: restored });
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('--manifest-sha256: give the')]);
    const other = await isotherm(restore(backup, '--manifest-sha256', '0'.repeat(64)), { dataDir: restored });
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining(`its SHA-256 is ${manifestSha256}`)]);
    const held = await isotherm(restore(backup, '--manifest-sha256', manifestSha256), { dataDir });
    expect([held.code, held.stderr]).toEqual([1, expect.stringContaining('holds a database already')]);
    const absent = await isotherm(restore(tmpdir(), '--manifest-sha256', manifestSha256), { dataDir: restored });
    expect([absent.code, absent.stderr]).toEqual([2, expect.stringContaining('holds no backup')]);
    const file = join(backup, 'devices.copy.zst');
    appendFileSync(file, 'x');
    const damaged = await isotherm(['restore', backup, '--check'], { dataDir: restored });
    expect([damaged.code, damaged.stderr]).toEqual([2, expect.stringContaining(`${file}: its SHA-256 is`)]);
    truncateSync(file, statSync(file).size - 1);
    for (const { stderr } of [full, unasked, other, held, absent, damaged]) expect(stderr).not.toContain('    at ');
  });

  test('after a wipe and a restore every serial and every alert is answered for as before', async () => {
    await running.kill();
    const done = await isotherm(['restore', backup, '--manifest-sha256', manifestSha256], { dataDir: restored });
    expect(done.code, done.stderr).toBe(0);
    rmSync(dataDir, { recursive: true, force: true });
    await start(restored);
    const after = await answers();
    expect(after.serials).toEqual(before.serials);
    expect(after.alerts).toEqual(before.alerts);
    expect(after.rest).toEqual(before.rest);
  });

  test('nothing acknowledged before the backup is lost', async () => {
    const wanted = acknowledged.filter(({ device }) => device === BUSY).map(({ payload }) => JSON.parse(payload).time);
    const stored = await eventually(
      'what was in the log is stored',
      async () => new Set((await storedOf(BUSY)).map(({ time }) => Date.parse(time))),
      (times) => wanted.every((time) => times.has(time)),
    );
    expect(stored.size).toBeGreaterThanOrEqual(wanted.length);
    const times = (await storedOf(BUSY)).map(({ time }) => time);
    expect(new Set(times).size, 'each once').toBe(times.length);
  });

  test('the archive holds together, and work goes on where it was', async () => {
    const verified = await isotherm(['archive', 'verify'], { dataDir: restored });
    expect(verified.code, verified.stderr + verified.stdout).toBe(0);
    const at = new Date(BASE).toISOString();
    const original = await isotherm(['original', 'restore-1', 'temperature', at, '--raw'], { dataDir: restored });
    expect(original.stdout).toBe(shipped[0]?.payload);

    const publisher = new AcknowledgedPublisher(passwords);
    const warm = Array.from({ length: 60 }, (_, i) => ({
      device: 'restore-1',
      payload: JSON.stringify({ time: BASE + (720 + i) * 120_000, temperature: 12 }),
    }));
    await publisher.publish(running.mqttUrl, warm, () => {});
    await eventually(
      'an excursion after the restore is found',
      () => api().all<{ kind: string; subject: { device?: string }; from: string }>('/alerts?state=open'),
      (alerts) =>
        alerts.some(({ subject, from }) => subject.device === 'restore-1' && Date.parse(from) >= BASE + 720 * 120_000),
    );
  });
});
