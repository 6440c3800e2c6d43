import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AcknowledgedPublisher, type Publication } from './acknowledged-publisher.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';
import { underWay } from './testing/under-way.ts';

/*
 * kill -9 at the worst moment: a client publishes 20,000 readings with QoS 1, one a message. Whatever was acknowledged
 * must be in the database exactly once, and the alerts must be those of a run in which nothing was killed.
 */

const DEVICES = ['kill-1', 'kill-2', 'kill-3', 'kill-4'];
const READINGS_EACH = 5_000;
const STEP_MS = 10_000;
const KILL_AFTER = 7_000;
const SHIPMENT = 'SHP-KILL';
/** The same event times in every run; an hour after the last reading its silence is certain. */
const BASE = Math.floor(Date.now() / 60_000) * 60_000 - 2 * 3_600_000 - READINGS_EACH * STEP_MS;

interface Run {
  readonly readings: ReadonlyMap<string, readonly { time: string; value: number }[]>;
  readonly alerts: readonly unknown[];
}

/** Each device has three excursions and falls silent at its end. */
const ALERTS = DEVICES.length * 4;

const folders: string[] = [];
const running = new Set<IsothermProcess>();

afterAll(async () => {
  for (const process of running) await process.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('kill -9 while readings are published', { timeout: 240_000 }, () => {
  let undisturbed: Run;

  beforeAll(async () => {
    undisturbed = await run(async () => {});
  }, 240_000);

  test('the undisturbed run has alerts to compare with', () => {
    expect(undisturbed.alerts).toHaveLength(ALERTS);
    for (const device of DEVICES) expect(undisturbed.readings.get(device)).toHaveLength(READINGS_EACH);
  });

  test('of the platform: every acknowledged reading is there once, and the alerts are the same', async () => {
    const disturbed = await run(async (world) => {
      await world.process.kill();
      await world.restart();
    });
    expect(disturbed.alerts).toEqual(undisturbed.alerts);
    expect(disturbed.readings).toEqual(undisturbed.readings);
  });

  test('of PostgreSQL: every acknowledged reading is there once, and the alerts are the same', async () => {
    const disturbed = await run(async (world) => {
      const pidFile = readFileSync(join(world.dataDir, 'postgres/postmaster.pid'), 'utf8');
      process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL');
    });
    expect(disturbed.alerts).toEqual(undisturbed.alerts);
    expect(disturbed.readings).toEqual(undisturbed.readings);
  });
});

interface World {
  readonly dataDir: string;
  process: IsothermProcess;
  restart(): Promise<void>;
}

async function run(disturb: (world: World) => Promise<void>): Promise<Run> {
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-kill-'));
  folders.push(dataDir);
  const start = async () => {
    const started = await startIsotherm({ command: 'serve', dataDir });
    running.add(started);
    return started;
  };
  const passwords = new Map<string, string>();
  const world: World = {
    dataDir,
    process: await start(),
    async restart() {
      running.delete(this.process);
      this.process = await start();
    },
  };
  for (const device of DEVICES) {
    const created = await isotherm(['device', 'create', device], { dataDir });
    expect(created.code, created.stderr).toBe(0);
    passwords.set(device, JSON.parse(created.stdout).password);
  }
  const token = (await isotherm(['token', 'create', 'kill-test', '--role', 'admin'], { dataDir })).stdout.trim();
  const api = () => new Api(world.process.httpUrl, token);
  await api().send('POST', '/shipments', asn());

  const publisher = new AcknowledgedPublisher(passwords);
  const publications = DEVICES.flatMap(series);
  let disturbance: Promise<void> | null = null;
  const onProgress = (count: number) => {
    if (count >= KILL_AFTER) disturbance ??= underWay(disturb(world)).end;
  };
  await publisher.publish(world.process.mqttUrl, publications, onProgress);
  await disturbance;
  const acknowledgedFirst = [...publisher.acknowledged];
  expect(acknowledgedFirst.length).toBeGreaterThanOrEqual(KILL_AFTER);
  await eventually(
    'every reading acknowledged before the kill is stored',
    async () => missing(acknowledgedFirst, await storedReadings(api())),
    (absent) => absent.length === 0,
  );

  await eventually(
    'everything is acknowledged in the end',
    async () => {
      await publisher.publish(world.process.mqttUrl, publications, onProgress);
      return publications.length - publisher.acknowledged.size;
    },
    (left) => left === 0,
  );
  const readings = await eventually(
    'everything is stored',
    () => storedReadings(api()),
    (stored) => DEVICES.every((device) => stored.get(device)?.length === READINGS_EACH),
  );
  const alerts = await settledAlerts(api(), world.process.httpUrl);
  running.delete(world.process);
  expect(await world.process.stop()).toBe(0);
  return { readings, alerts };
}

/** A calm series with an excursion early, one in the middle and one that lasts to the end. */
function series(device: string): Publication[] {
  const shift = DEVICES.indexOf(device) * 40;
  const isWarm = (i: number) => (i > 300 + shift && i < 420 + shift) || (i > 2_500 && i < 2_650) || i > 4_800 + shift;
  return Array.from({ length: READINGS_EACH }, (_, i) => ({
    device,
    payload: JSON.stringify({
      time: new Date(BASE + i * STEP_MS).toISOString(),
      temperature: isWarm(i) ? 9.5 + (i % 7) / 10 : 5 + (i % 11) / 10,
    }),
  }));
}

function asn(): object {
  return {
    id: SHIPMENT,
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:lyon',
    departs: new Date(BASE - 3_600_000).toISOString(),
    arrives: new Date(BASE + 72 * 3_600_000).toISOString(),
    units: DEVICES.map((device, i) => ({
      sscc: `urn:epc:id:sscc:0614141.100000009${i}`,
      devices: [device],
      children: Array.from({ length: 5 }, (_, n) => `urn:epc:id:sgtin:0614141.812345.${900 + i * 10 + n}`),
      from: new Date(BASE - 3_600_000).toISOString(),
    })),
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2028-06-30' }],
  };
}

async function storedReadings(api: Api): Promise<Map<string, { time: string; value: number }[]>> {
  const stored = new Map<string, { time: string; value: number }[]>();
  const to = new Date(BASE + READINGS_EACH * STEP_MS).toISOString();
  for (const device of DEVICES) {
    const path = `/readings?device=${device}&metric=temperature&from=${new Date(BASE).toISOString()}&to=${to}`;
    stored.set(device, await api.all(path));
  }
  return stored;
}

function missing(
  acknowledged: readonly Publication[],
  stored: ReadonlyMap<string, readonly { time: string }[]>,
): string[] {
  const present = new Set([...stored].flatMap(([device, rows]) => rows.map((row) => `${device} ${row.time}`)));
  return acknowledged
    .map((publication) => `${publication.device} ${JSON.parse(publication.payload).time}`)
    .filter((identity) => !present.has(identity));
}

interface AlertItem {
  readonly id: string;
  readonly state: string;
  readonly rule: { readonly id: string };
  readonly subject: { readonly device?: string; readonly metric?: string };
  readonly from: string;
  readonly to: string | null;
}

/**
 * Rule, key, interval and affected serials of every alert in force, once no consumer is behind, all are there and two looks a
 * second apart agree. (After a restart of PostgreSQL a consumer may take seconds to take up its work.)
 */
async function settledAlerts(api: Api, httpUrl: string): Promise<unknown[]> {
  let previous = '';
  return eventually(
    'the alerts settle, silence of every device included',
    async () => {
      const { lag } = (await (await fetch(`${httpUrl}/readyz`)).json()) as {
        lag: { consumer: string; records: number }[];
      };
      // Ticks go on, and the archive takes the log every ten minutes.
      const isBehind = lag.some(({ consumer, records }) => consumer !== 'archive' && records > 2);
      if (isBehind) return [];
      const alerts = (await api.all<AlertItem>('/alerts')).filter((alert) => alert.state !== 'retracted');
      const view = await Promise.all(
        alerts.map(async ({ id, rule, subject, from, to }) => ({
          rule: rule.id,
          key: `${subject.device}/${subject.metric}`,
          from,
          to,
          serials: (
            await api.all<{ epc: string; from: string; to: string | null; minutesOutOfRange: number | null }>(
              `/alerts/${id}/serials`,
            )
          )
            .map((serial) => `${serial.epc} ${serial.from} ${serial.to} ${serial.minutesOutOfRange}`)
            .toSorted(),
        })),
      );
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return view.toSorted((a, b) => `${a.rule} ${a.key} ${a.from}`.localeCompare(`${b.rule} ${b.key} ${b.from}`));
    },
    (view) => {
      const text = JSON.stringify(view);
      const isSettled =
        text === previous &&
        view.length >= ALERTS &&
        DEVICES.every((device) => view.some((alert) => alert.rule.includes('silen') && alert.key.startsWith(device)));
      previous = text;
      return isSettled;
    },
  );
}
