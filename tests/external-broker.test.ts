import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect, test, vi } from 'vitest';
import { signBatch, signingKey } from '../codecs/batch/index.ts';
import { isotherm, startIsotherm } from './isotherm-process.ts';
import { MosquittoBroker } from './mosquitto-broker.ts';

const ROUNDS = 600;
const FROM = Date.now() - 3_600_000;

/** As a logger's library does: what is not acknowledged is sent again, whoever was killed meanwhile. */
async function publishAll(url: string, onAcknowledged: (n: number) => Promise<void>): Promise<void> {
  const client = await connectAsync(url, { clientId: 'logger-7', clean: false, reconnectPeriod: 100 });
  client.on('error', () => {
    // The broker is being killed; the client comes back by itself.
  });
  for (let n = 0; n < ROUNDS; n++) {
    const reading = JSON.stringify({ time: FROM + n * 1_000, temperature: n / 100 });
    await client.publishAsync('isotherm/v1/devices/logger-7/readings', reading, { qos: 1 });
    await onAcknowledged(n + 1);
  }
  await client.endAsync();
}

test('nothing that a broker of others has acknowledged is lost when either side is killed', {
  timeout: 240_000,
}, async (context) => {
  const mosquitto = await MosquittoBroker.start();
  if (mosquitto === null) return context.skip('mosquitto is not installed');
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-external-'));
  // Mosquitto forgets shared subscriptions when it is restarted (docs/mqtt-broker.md).
  const env = { MQTT_URL: mosquitto.url, ISOTHERM_MQTT_SHARED: 'false' };
  let server = await startIsotherm({ command: 'serve', dataDir, env });
  try {
    const token = (
      await isotherm(['token', 'create', 'reader', '--role', 'operations'], { dataDir, env })
    ).stdout.trim();
    const ask = async (path: string) => {
      const answer = await fetch(`${server.httpUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
      return (await answer.json()) as { items: unknown[]; troubles?: { part: string }[] };
    };
    await vi.waitFor(async () => expect((await ask('/readyz')).troubles).toEqual([]), {
      timeout: 30_000,
      interval: 200,
    });
    await publishAll(mosquitto.url, async (n) => {
      if (n === 150) await server.kill();
      if (n === 250) server = await startIsotherm({ command: 'serve', dataDir, env });
      if (n === 400) {
        // It has written what it acknowledged (autosave_on_changes); what it has not is sent again.
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await mosquitto.kill();
        await mosquitto.restart();
      }
    });
    const to = new Date(FROM + ROUNDS * 1_000).toISOString();
    const query = `device=logger-7&metric=temperature&from=${new Date(FROM).toISOString()}&to=${to}&limit=1000`;
    await vi.waitFor(async () => expect((await ask(`/api/v1/readings?${query}`)).items).toHaveLength(ROUNDS), {
      ...{ timeout: 60_000, interval: 500 },
    });

    // A batch moves goods: unsigned, or signed by another, it waits with its reason.
    const created = await isotherm(['device', 'create', 'gw-1', '--kind', 'gateway'], { dataDir, env });
    const { password } = JSON.parse(created.stdout) as { password: string };
    const client = await connectAsync(mosquitto.url);
    const batch = Buffer.from('01000467772d3101', 'hex');
    const topic = 'isotherm/v1/gateways/gw-1/batches';
    await client.publishAsync(topic, batch, { qos: 1 });
    await client.publishAsync(topic, Buffer.from(signBatch(batch, 'gw-1', signingKey('guessed'))), { qos: 1 });
    await client.publishAsync(topic, Buffer.from(signBatch(batch, 'gw-1', signingKey(password))), { qos: 1 });
    await client.endAsync();
    await vi.waitFor(
      async () => {
        const { items } = await ask('/api/v1/quarantine?source=gw-1');
        const reasons = (items as { reason: string }[]).map(({ reason }) => reason).toSorted();
        // The third is believed, and found to be cut off.
        expect(reasons).toEqual(['BATCH_MALFORMED', 'BATCH_SIGNATURE_WRONG', 'BATCH_UNSIGNED']);
      },
      { timeout: 30_000, interval: 300 },
    );

    const doctor = await isotherm(['doctor'], { dataDir, env });
    expect(doctor.code).toBe(0);
    expect(doctor.stdout).toMatch(/the topic is the identity.*\n.*signed.*\n.*at least once.*\n.*in another order/);
    await mosquitto.kill();
    const away = await isotherm(['doctor'], { dataDir, env });
    expect([away.code, away.stdout.includes('nobody listens there')]).toEqual([1, true]);
    await vi.waitFor(async () => {
      const { troubles = [] } = await ask('/readyz');
      expect(troubles.map(({ part }) => part)).toEqual(['mqtt']);
    });
  } finally {
    await server.stop();
    await mosquitto.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
