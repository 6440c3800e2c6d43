import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';
import { freePort } from './testing/free-port.ts';

const WITHIN_MS = 60_000;
const CODE = /code {2}((?:[0-9A-Z]{5}-){4}[0-9A-Z]{5})\n/;
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-first-start-'));
let server: IsothermProcess | null = null;

afterEach(async () => {
  await server?.stop();
  server = null;
});

const codeOf = async (process: IsothermProcess) =>
  vi.waitFor(() => CODE.exec(process.output())?.[1] ?? expect.fail('no code was printed'), WITHIN_MS);

const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

test('a first start on all addresses shows a code on the terminal and nothing to the network, until a user is made in a terminal', async () => {
  const mqttPort = await freePort('0.0.0.0');
  const env = { ISOTHERM_HTTP_HOST: '0.0.0.0', ISOTHERM_MQTT_HOST: '0.0.0.0', ISOTHERM_MQTT_PORT: String(mqttPort) };
  server = await startIsotherm({ command: 'serve', dataDir, env });
  const first = await codeOf(server);
  const { httpUrl } = server;
  const status = async (path: string) => (await fetch(`${httpUrl}${path}`)).status;
  expect(await status('/readyz')).toBe(200);
  expect(await status('/api/v1/shipments')).toBe(403);
  expect(await (await fetch(`${httpUrl}/shipments`)).text()).toContain('<div id="root">');
  expect(await isOpen(mqttPort)).toBe(false);
  await server.stop();

  server = await startIsotherm({ command: 'serve', dataDir, env });
  const second = await codeOf(server);
  expect(second).not.toBe(first);
  const url = server.httpUrl;
  const withCode = (code: string) =>
    fetch(`${url}/api/v1/setup/admin`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, name: 'eve', password: 'a few odd words' }),
    });
  expect((await withCode(first)).status).toBe(401);
  const options = { dataDir, stdin: 'some other words' };
  expect(await isotherm('user create ada --role admin --password-stdin'.split(' '), options)).toMatchObject({
    code: 0,
  });
  expect((await withCode(second)).status).toBe(409);
  expect((await fetch(`${url}/api/v1/shipments`)).status).toBe(401);
  await vi.waitFor(async () => expect(await isOpen(mqttPort)).toBe(true), WITHIN_MS);
}, 300_000);

test('on the next start there is no code', async () => {
  server = await startIsotherm({ command: 'serve', dataDir, fromSources: true });
  expect(await (await fetch(`${server.httpUrl}/api/v1/sign-in`)).json()).not.toHaveProperty('needsFirstAdmin');
  expect(server.output()).not.toMatch(CODE);
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 300_000);
