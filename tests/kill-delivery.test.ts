import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Receiver } from '../alerts/testing/receiver.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

/*
 * kill -9 between an alert and its receiver, of the real program and of its PostgreSQL: every message arrives, those of one
 * alert in order, each under one idempotency key, however often it is sent.
 */

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-kill-delivery-'));
const config = join(dataDir, 'isotherm.yaml');
const receiver = new Receiver();
let platform: IsothermProcess;
let token = '';

const start = async () => {
  platform = await startIsotherm({ command: 'serve', args: ['--config', config], dataDir });
};

beforeAll(async () => {
  const secret = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
  const channels = [{ id: 'hook', kind: 'webhook', url: await receiver.start(), secret }];
  writeFileSync(
    join(dataDir, 'rules.yaml'),
    'rules: [{ id: at-once, kind: threshold, metric: temperature, above: 8, severity: critical }]',
  );
  const settings = { rules: { file: join(dataDir, 'rules.yaml') }, alerts: { channels, route: { channel: 'hook' } } };
  writeFileSync(config, JSON.stringify(settings));
  await start();
  const made = await isotherm(['token', 'create', 'kill-delivery', '--role', 'admin', '--config', config], { dataDir });
  expect(made.code, made.stderr).toBe(0);
  token = made.stdout.trim();
}, 180_000);

afterAll(async () => {
  await platform?.stop();
  await receiver.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const api = () => new Api(platform.httpUrl, token);

/** A device is too warm from now on. */
async function tooWarm(device: string): Promise<void> {
  const now = Date.now();
  // A reading holds until the next one: the second shows that the first lasted.
  const body = [now - 2_000, now - 1_000].map((at) => `air,device=${device} temperature=12 ${at}`).join('\n');
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${platform.httpUrl}/api/v2/write?precision=ms`, { method: 'POST', headers, body });
  expect(answer.status).toBe(204);
}

/** The next request is answered by this, all others with 204. @returns when it has come and been answered */
function next(answer: (response: ServerResponse) => Promise<void> | void): Promise<void> {
  return new Promise((resolve, reject) => {
    const usual = (response: ServerResponse) => void response.writeHead(204).end();
    receiver.answer = (response) => {
      receiver.answer = usual;
      Promise.resolve(answer(response)).then(resolve, reject);
    };
  });
}

interface Arrived {
  readonly key: string;
  readonly type: string;
  readonly alert: string;
}

function arrived(): readonly Arrived[] {
  return receiver.received.map(({ headers, body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { alert: { id: string } } };
    return { key: String(headers['webhook-id']), type, alert: data.alert.id };
  });
}

test('every message of an alert arrives, in order and under one key, whoever is killed between it and its receiver', async () => {
  // The program, while the receiver has not answered.
  const underWay = next(async () => {
    await platform.kill();
  });
  await tooWarm('under-way');
  await underWay;
  // Again, when the receiver has answered and nobody can have written it down.
  const answered = next(async (response) => {
    await platform.kill();
    response.writeHead(204).end();
  });
  await start();
  await answered;
  await start();
  await eventually(
    'what was under way comes again',
    async () => arrived().length,
    (count) => count >= 3,
  );
  // PostgreSQL, while the receiver has not answered.
  const databaseGone = next((response) => {
    const [pid] = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    response.writeHead(204).end();
  });
  await tooWarm('database-gone');
  await databaseGone;
  const alerts = await eventually(
    'both alerts are there again',
    () => api().all<{ id: string; subject: { device: string } }>('/alerts'),
    (all) => all.length === 2,
  );
  for (const { id } of alerts) {
    await eventually(
      'it is acknowledged',
      async () => {
        const { state } = await api().get<{ state: string }>(`/alerts/${id}`);
        if (state === 'open') await api().send('POST', `/alerts/${id}/acknowledge`, {});
        return state;
      },
      (state) => state === 'acknowledged',
    );
  }
  await eventually(
    'that they were acknowledged is told',
    async () => new Set(arrived().flatMap(({ type, alert }) => (type === 'alert.acknowledged' ? [alert] : []))).size,
    (count) => count === 2,
  );
  for (const { id, subject } of alerts) {
    const ofAlert = arrived().filter(({ alert }) => alert === id);
    // What was answered may come again where we died before we wrote it down: under its own key, so it is known.
    const types = ofAlert.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
    expect([subject.device, types]).toEqual([subject.device, ['alert.opened', 'alert.acknowledged']]);
    const keys = Map.groupBy(ofAlert, ({ type }) => type);
    for (const [type, same] of keys) expect([type, new Set(same.map(({ key }) => key)).size]).toEqual([type, 1]);
  }
  expect(new Set(arrived().map(({ key }) => key)).size).toBe(4);
}, 240_000);
