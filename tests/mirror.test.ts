import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { AcknowledgedPublisher, type Publication } from './acknowledged-publisher.ts';
import { eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';
import { systemPart } from './parts.ts';
import { VictoriaMetrics } from './victoria-metrics.ts';

/*
 * The mirror as an installation runs it: 100,000 readings over MQTT while the InfluxDB stand-in is stopped, Isotherm is
 * killed with -9, and both come back.
 */

const program = systemPart('victoria-metrics');
const influx = new VictoriaMetrics(program ?? '');
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-mirror-'));
const DEVICES = ['mirror-1', 'mirror-2', 'mirror-3', 'mirror-4'];
const MESSAGES = 50;
const READINGS = 500;
const BASE = Math.floor(Date.now() / 1000) * 1000 - MESSAGES * READINGS * 1000 - 60_000;

let server: IsothermProcess | null = null;
afterAll(async () => {
  await server?.stop();
  await influx.remove();
  rmSync(dataDir, { recursive: true, force: true });
});

test.skipIf(program === null)(
  '100,000 readings are in InfluxDB once each after it was away and Isotherm was killed',
  async () => {
    await influx.start();
    const start = async () => {
      server = await startIsotherm({ command: 'serve', dataDir, env: influx.environment });
      return server;
    };
    let running = await start();
    const passwords = new Map<string, string>();
    for (const device of DEVICES) {
      const { stdout } = await isotherm(['device', 'create', device], { dataDir });
      passwords.set(device, JSON.parse(stdout).password);
    }
    const publisher = new AcknowledgedPublisher(passwords);
    const publications = DEVICES.flatMap(series);
    await publisher.publish(running.mqttUrl, publications.slice(0, 60), () => {});
    await influx.stop();
    await publisher.publish(running.mqttUrl, publications.slice(60, 120), () => {});
    const { ready, lag } = await eventually(
      'the mirror is behind',
      () => readiness(running.httpUrl),
      (seen) => (seen.lag.find(({ consumer }) => consumer === 'influx')?.records ?? 0) > 0,
    );
    expect(ready).toBe(true);
    expect(lag.find(({ consumer }) => consumer === 'influx')).toMatchObject({ isMandatory: false, isDetached: false });
    await influx.start();
    await running.kill();
    running = await start();
    await publisher.publish(running.mqttUrl, publications, () => {});
    await eventually(
      'the mirror has everything',
      () => readiness(running.httpUrl),
      (seen) => seen.lag.find(({ consumer }) => consumer === 'influx')?.records === 0,
    );
    const stored = await influx.readings((seen) =>
      DEVICES.every((device) => seen.get(`${device}/temperature`)?.size === MESSAGES * READINGS),
    );
    for (const device of DEVICES) {
      const points = stored.get(`${device}/temperature`) ?? new Map<number, number>();
      expect(points.size).toBe(MESSAGES * READINGS);
      const wrong = [...points].filter(([time, value]) => value !== valueAt((time - BASE) / 1000));
      expect(wrong).toEqual([]);
    }
    expect(await running.stop()).toBe(0);
    server = null;
  },
  300_000,
);

interface Readiness {
  readonly ready: boolean;
  readonly lag: readonly { consumer: string; records: number; isMandatory: boolean; isDetached: boolean }[];
}

async function readiness(url: string): Promise<Readiness> {
  return (await fetch(`${url}/readyz`)).json() as Promise<Readiness>;
}

function series(device: string): Publication[] {
  return Array.from({ length: MESSAGES }, (_, message) => {
    const readings = Array.from({ length: READINGS }, (_, i) => {
      const n = message * READINGS + i;
      return { time: BASE + n * 1000, temperature: valueAt(n) };
    });
    return { device, payload: JSON.stringify(readings) };
  });
}

function valueAt(n: number): number {
  return 2 + (n % 48) / 8;
}
