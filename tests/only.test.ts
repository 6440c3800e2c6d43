import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Accounts } from '../access/index.ts';
import { Receiver } from '../alerts/testing/receiver.ts';
import { systemTime } from '../domain/index.ts';
import type { Database } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { AcknowledgedPublisher } from './acknowledged-publisher.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

/*
 * One installation in three processes on one database. What comes in over MQTT in the first is stored by the second and
 * judged by the third, and each of them shows it. Then the third runs twice, and a fifth has the web alone.
 */

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-only-'));
const config = join(dataDir, 'isotherm.yaml');
const processes: IsothermProcess[] = [];
const receiver = new Receiver();
const base = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
let database: Database;
let accounts: Accounts;
let token = '';
let door: IsothermProcess;
let behind: IsothermProcess;

const start = async (only: string) => {
  const env = { DATABASE_URL: database.url };
  const args = ['--only', only, '--config', config];
  const started = await startIsotherm({ command: 'serve', args, dataDir, env });
  processes.push(started);
  return started;
};

/** Warmer than its goods may be, for an hour. @param id unique */
async function tooWarm(id: string): Promise<void> {
  const publisher = new AcknowledgedPublisher(new Map([[id, await accounts.credentials.create(id)]]));
  const readings = Array.from({ length: 60 }, (_, n) => ({ time: base + n * 60_000, temperature: 12 }));
  await publisher.publish(door.mqttUrl, [{ device: id, payload: JSON.stringify(readings) }], () => {});
  expect(publisher.acknowledged.size).toBe(1);
}

beforeAll(async () => {
  database = await testDatabase({ maxConnections: 2 });
  accounts = new Accounts({ database, time: systemTime });
  const secret = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
  const channels = [{ id: 'hook', kind: 'webhook', url: await receiver.start(), secret }];
  // Rules in two shares: one process has both, then each has one, then again one has both.
  writeFileSync(config, JSON.stringify({ alerts: { channels, route: { channel: 'hook' } }, rules: { shares: 2 } }));
});

afterAll(async () => {
  await Promise.all(processes.map((one) => one.stop()));
  await receiver.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('parts in processes of their own do together what one process does', async () => {
  // The door opens first and alone: what comes in waits in the log for consumers that have never run.
  door = await start('broker');
  token = await accounts.tokens.create({ name: 'split', role: 'admin' });
  await tooWarm('split-1');

  const [middle, judging] = await Promise.all([start('ingest,storage'), start('trace,rules,alerts')]);
  behind = judging;
  expect([middle.mqttUrl, behind.mqttUrl]).toEqual(['', '']);
  await new Api(door.httpUrl, token).send('POST', '/shipments', shipment('split-1', 1));
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
}, 240_000);

test('what runs twice tells nobody twice, takes over when one is killed, and shows in every web process', async () => {
  const [, web] = await Promise.all([start('trace,rules,alerts'), start('web')]);
  const live = io(`${web.httpUrl}/live`, { auth: { token }, transports: ['websocket'], forceNew: true });
  try {
    const heard: string[] = [];
    live.on('device', ({ id }: { id: string }) => heard.push(`device ${id}`));
    live.on('alert', ({ alert }: { alert: { subject: { device?: string } } }) =>
      heard.push(`alert ${alert.subject.device}`),
    );
    for (const room of ['fleet', 'alerts']) await subscribed(live, room);
    const api = new Api(door.httpUrl, token);
    // What is changed through one is shown by the other at once: to who watches, and to who asks.
    await api.send('POST', '/devices', { id: 'split-2', kind: 'logger', name: 'Second of two' });
    await eventually(
      'a device that was registered through another process',
      async () => heard,
      (told) => told.includes('device split-2'),
    );
    const { name } = await new Api(web.httpUrl, token).get<{ name: string }>('/devices/split-2');
    expect(name).toBe('Second of two');

    // Two processes look for alerts and their people.
    await api.send('POST', '/shipments', shipment('split-2', 2));
    await tooWarm('split-2');
    await eventually(
      'the alert',
      async () => heard,
      (told) => told.includes('alert split-2'),
    );

    const began = systemTime.monotonic();
    await behind.kill();
    processes.splice(processes.indexOf(behind), 1);
    await api.send('POST', '/shipments', shipment('split-3', 3));
    await tooWarm('split-3');
    await eventually(
      'the alert of who took over',
      async () => heard,
      (told) => told.includes('alert split-3'),
    );
    const took = (systemTime.monotonic() - began) / 1_000;
    process.stdout.write(`killed with its consumers: the next alert ${took.toFixed(1)} s later\n`);

    await eventually(
      'three are told',
      async () => opened().length,
      (count) => count >= 3,
    );
  } finally {
    live.close();
  }
  for (const one of processes.splice(0)) expect(await one.stop()).toBe(0);
  // Whatever was under way has been told by now.
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(ids.length);
  expect(opened().toSorted()).toEqual(['split-1', 'split-2', 'split-3']);
}, 240_000);

/** Devices whose alerts the receiver was told of as new. */
function opened(): (string | undefined)[] {
  return receiver.received.flatMap(({ body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { alert: { subject: { device?: string } } } };
    return type === 'alert.opened' ? [data.alert.subject.device] : [];
  });
}

function subscribed(socket: Socket, room: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.emit('subscribe', { room }, ({ ok, reason }: { ok: boolean; reason?: string }) => {
      if (ok) resolve();
      else reject(new Error(`${room}: ${reason}`));
    });
  });
}

test('a part that is none is refused before anything starts', async () => {
  const { code, stderr } = await isotherm(['serve', '--only', 'broker,webb'], { dataDir });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      'isotherm: --only: given "webb", allowed: broker, ingest, trace, rules, alerts, storage, web, joined by commas\n',
  });
});

function shipment(device: string, number: number): object {
  return {
    id: `SHP-SPLIT-${number}`,
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:lyon',
    departs: new Date(base - 3_600_000).toISOString(),
    arrives: new Date(base + 72 * 3_600_000).toISOString(),
    units: [
      {
        sscc: `urn:epc:id:sscc:0614141.100000009${number}`,
        devices: [device],
        children: [`urn:epc:id:sgtin:0614141.812345.90${number}`],
        from: new Date(base - 3_600_000).toISOString(),
      },
    ],
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2028-06-30' }],
  };
}
