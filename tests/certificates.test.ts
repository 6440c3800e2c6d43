import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { AUTHORITY, LOGGER, SECOND } from '../broker/testing/authority.ts';
import { TEST_CERT, TEST_KEY } from '../broker/testing/certificate.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-certificates-'));
const [cert, key, clientCa] = ['cert.pem', 'key.pem', 'ca.pem'].map((name) => join(dataDir, name)) as [
  string,
  string,
  string,
];
let server: IsothermProcess;

beforeAll(async () => {
  writeFileSync(cert, TEST_CERT);
  writeFileSync(key, TEST_KEY);
  writeFileSync(clientCa, AUTHORITY);
  const env = {
    ...{ ISOTHERM_HTTP_TLS_CERT: cert, ISOTHERM_HTTP_TLS_KEY: key },
    ...{ ISOTHERM_MQTT_TLS_CERT: cert, ISOTHERM_MQTT_TLS_KEY: key, ISOTHERM_MQTT_TLS_PORT: '0' },
    ISOTHERM_MQTT_TLS_CLIENT_CA: clientCa,
  };
  server = await startIsotherm({ command: 'serve', dataDir, env });
}, 120_000);

afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const secureUrl = () => /(mqtts:\/\/[\d.:]+)\n/.exec(server.output())?.[1] ?? '';

/** The certificate that a door shows. */
function shown(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false }, () => {
      const found = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
      socket.destroy();
      resolve(found);
    });
    socket.once('error', reject);
  });
}

test('both doors show a renewed certificate within seconds, and who is connected stays', async () => {
  const created = await isotherm(['device', 'create', 'logger-7', '--kind', 'device'], { dataDir });
  expect(created.code).toBe(0);
  const options = { ...LOGGER, clientId: 'logger-7', reconnectPeriod: 0, ca: [TEST_CERT, SECOND.cert] };
  const client = await connectAsync(secureUrl(), options);
  const topic = 'isotherm/v1/devices/logger-7/readings';
  await client.publishAsync(topic, '{"temperature":5.1}', { qos: 1 });
  const before = [await shown(server.httpUrl), await shown(secureUrl())];
  writeFileSync(cert, SECOND.cert);
  writeFileSync(key, SECOND.key);
  await vi.waitFor(
    async () => {
      const now = [await shown(server.httpUrl), await shown(secureUrl())];
      expect(now.map((found, door) => found !== before[door])).toEqual([true, true]);
    },
    { timeout: 30_000, interval: 500 },
  );
  await client.publishAsync(topic, '{"temperature":5.2}', { qos: 1 });
  // Its credentials go: the certificate is worth nothing, and what is open with it ends.
  const closed = new Promise<number>((resolve) => client.once('close', () => resolve(Date.now())));
  expect(await isotherm(['device', 'revoke', 'logger-7'], { dataDir })).toMatchObject({ code: 0 });
  const revoked = Date.now();
  expect((await closed) - revoked).toBeLessThan(5_000);
  await expect(connectAsync(secureUrl(), options)).rejects.toMatchObject({ code: 4 });
}, 120_000);
