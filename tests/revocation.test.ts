import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

/** What docs/commands.md promises; measured from the end of the command that takes it away. */
const WITHIN_MS = 5_000;

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-revocation-'));
const command = (line: string, stdin = '') => isotherm(line.split(' '), { dataDir, stdin });
let server: IsothermProcess;

beforeAll(async () => {
  server = await startIsotherm({ command: 'serve', dataDir });
}, 120_000);

afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function connect(id: string, password: string) {
  return mqtt.connect(server.mqttUrl, { clientId: id, username: id, password, reconnectPeriod: 0 });
}

/** An MQTT session that is open; `ended` says when the platform closed it, epoch ms. */
async function session(id: string, password: string) {
  const client = connect(id, password);
  await new Promise<void>((resolve, reject) => client.once('connect', () => resolve()).once('error', reject));
  return { ended: new Promise<number>((resolve) => client.once('close', () => resolve(Date.now()))) };
}

async function isRefused(id: string, password: string): Promise<boolean> {
  const client = connect(id, password);
  const outcome = await new Promise<boolean>((resolve) =>
    client.once('connect', () => resolve(false)).once('error', () => resolve(true)),
  );
  client.end(true);
  return outcome;
}

async function passwordFrom(line: string): Promise<string> {
  const { code, stdout } = await command(line);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { password: string }).password;
}

// An old password was good for 29 s, and an open session for ever.
test('a device whose credentials are rotated, then revoked, at the command line is out within five seconds', async () => {
  const first = await passwordFrom('device create logger-7 --kind device');
  const before = await session('logger-7', first);
  const second = await passwordFrom('device rotate logger-7');
  const rotated = Date.now();
  expect((await before.ended) - rotated).toBeLessThan(WITHIN_MS);
  await vi.waitFor(async () => expect(await isRefused('logger-7', first)).toBe(true), WITHIN_MS);
  const after = await session('logger-7', second);
  expect(await command('device revoke logger-7')).toMatchObject({ code: 0 });
  const revoked = Date.now();
  expect((await after.ended) - revoked).toBeLessThan(WITHIN_MS);
  await vi.waitFor(async () => expect(await isRefused('logger-7', second)).toBe(true), WITHIN_MS);
}, 120_000);

test('a user who is disabled and a token that is revoked at the command line are out within five seconds', async () => {
  const create = await command('user create paula --role quality --password-stdin', 'a few odd words');
  expect(create).toMatchObject({ code: 0 });
  expect(await command('user create ada --role admin --password-stdin', 'some other words')).toMatchObject({ code: 0 });
  const token = (await command('token create erp --role logistics --expires 1d')).stdout.trim();
  const signedIn = await fetch(`${server.httpUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'paula', password: 'a few odd words' }),
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const options = { transports: ['websocket'], forceNew: true, reconnection: false };
  const sockets = [
    io(`${server.httpUrl}/live`, { ...options, extraHeaders: { cookie } }),
    io(`${server.httpUrl}/live`, { ...options, auth: { token } }),
  ].map((socket) => socket as unknown as NodeJS.EventEmitter);
  const ended = sockets.map((socket) => once(socket, 'disconnect').then(() => Date.now()));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  expect(await command('user disable paula')).toMatchObject({ code: 0 });
  const disabled = Date.now();
  expect(await command('token revoke erp')).toMatchObject({ code: 0 });
  const revoked = Date.now();
  expect(((await ended[0]) ?? 0) - disabled).toBeLessThan(WITHIN_MS);
  expect(((await ended[1]) ?? 0) - revoked).toBeLessThan(WITHIN_MS);
  for (const headers of [{ cookie }, { authorization: `Bearer ${token}` }] as Record<string, string>[]) {
    expect((await fetch(`${server.httpUrl}/api/v1/devices`, { headers })).status).toBe(401);
  }
}, 120_000);
