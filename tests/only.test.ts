import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Accounts } from '../access/index.ts';
import { systemTime } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { AcknowledgedPublisher } from './acknowledged-publisher.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

/*
 * One installation in three processes on one database. What comes in over MQTT in the first is stored by the second and
 * judged by the third, and each of them shows it.
 */

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-only-'));
const processes: IsothermProcess[] = [];
afterAll(async () => {
  await Promise.all(processes.map((one) => one.stop()));
  rmSync(dataDir, { recursive: true, force: true });
});

test('parts in processes of their own do together what one process does', async () => {
  const database = await testDatabase({ maxConnections: 2 });
  const env = { DATABASE_URL: database.url };
  const start = async (only: string) => {
    const started = await startIsotherm({ command: 'serve', args: ['--only', only], dataDir, env });
    processes.push(started);
    return started;
  };
  // The door opens first and alone: what comes in waits in the log for consumers that have never run.
  const door = await start('broker');
  const accounts = new Accounts({ database, time: systemTime });
  const token = await accounts.tokens.create({ name: 'split', role: 'admin' });
  const publisher = new AcknowledgedPublisher(new Map([['split-1', await accounts.credentials.create('split-1')]]));
  const base = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  const readings = Array.from({ length: 60 }, (_, n) => ({ time: base + n * 60_000, temperature: 12 }));
  await publisher.publish(door.mqttUrl, [{ device: 'split-1', payload: JSON.stringify(readings) }], () => {});
  expect(publisher.acknowledged.size).toBe(1);

  const [middle, behind] = await Promise.all([start('ingest,storage'), start('trace,rules,alerts')]);
  expect([middle.mqttUrl, behind.mqttUrl]).toEqual(['', '']);
  await new Api(door.httpUrl, token).send('POST', '/shipments', shipment(base));
  for (const { httpUrl } of [door, middle, behind]) {
    const api = new Api(httpUrl, token);
    await eventually(
      'the readings are stored',
      () => api.all(`/readings?device=split-1&metric=temperature&from=${base}&to=${base + 3_600_000}`),
      (items) => items.length === 60,
    );
    await eventually(
      'the excursion is an alert with the serial it touched',
      () => api.all<{ subject: { device?: string }; affected: { count: number } }>('/alerts'),
      (alerts) => alerts.some(({ subject, affected }) => subject.device === 'split-1' && affected.count === 1),
    );
  }
  for (const one of processes.splice(0)) expect(await one.stop()).toBe(0);
}, 120_000);

test('a part that is none is refused before anything starts', async () => {
  const { code, stderr } = await isotherm(['serve', '--only', 'broker,web'], { dataDir });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'isotherm: --only: given "web", allowed: broker, ingest, trace, rules, alerts, storage, joined by commas\n',
  });
});

function shipment(base: number): object {
  return {
    id: 'SHP-SPLIT',
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:lyon',
    departs: new Date(base - 3_600_000).toISOString(),
    arrives: new Date(base + 72 * 3_600_000).toISOString(),
    units: [
      {
        sscc: 'urn:epc:id:sscc:0614141.1000000099',
        devices: ['split-1'],
        children: ['urn:epc:id:sgtin:0614141.812345.900'],
        from: new Date(base - 3_600_000).toISOString(),
      },
    ],
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2028-06-30' }],
  };
}
