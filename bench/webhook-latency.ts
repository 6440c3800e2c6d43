/**
 * From a reading handed to the MQTT client to the webhook of its alert received, while others publish 10,000 readings a
 * second: each alert is of a logger of its own, so that none is held as flapping or gathered with others.
 *
 *   node bench/webhook-latency.ts [ALERTS]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { Accounts } from '../access/index.ts';
import { Receiver } from '../alerts/testing/receiver.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase, runningEmbeddedUrl } from '../storage/index.ts';
import { startIsotherm } from '../tests/isotherm-process.ts';

const ALERTS = Number(process.argv[2]) || 100;
const EVERY_MS = 200;
/** Messages of 100 readings, from one device beside. */
const BESIDE = { messagesASecond: 100, readings: 100 };

const receiver = new Receiver();
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-webhook-'));
const channel = {
  id: 'ops',
  kind: 'webhook',
  url: await receiver.start(),
  secret: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
};
const rules = 'rules:\n  - { id: at-once, kind: threshold, metric: temperature, above: 40, severity: warning }\n';
writeFileSync(join(dataDir, 'rules.yaml'), rules);
const alerts = { channels: [channel], route: { channel: 'ops' } };
writeFileSync(join(dataDir, 'isotherm.yaml'), JSON.stringify({ rules: { file: 'rules.yaml' }, alerts }));
const args = ['--config', join(dataDir, 'isotherm.yaml')];
const platform = await startIsotherm({ command: 'serve', args, dataDir, env: { ISOTHERM_LOG_LEVEL: 'error' } });
const url = await runningEmbeddedUrl(dataDir);
if (url === null) throw new Error('the platform runs without its database');
const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
const clients: MqttClient[] = [];
try {
  const accounts = new Accounts({ database, time: systemTime });
  const connect = async (id: string) => {
    const password = await accounts.credentials.create(id);
    const client = await mqtt.connectAsync(platform.mqttUrl, { clientId: id, username: id, password });
    clients.push(client);
    return client;
  };
  const publish = (client: MqttClient, id: string, payload: object) =>
    client.publishAsync(`isotherm/v1/devices/${id}/readings`, JSON.stringify(payload), { qos: 1 });
  const loggers: { readonly id: string; readonly client: MqttClient }[] = [];
  for (let n = 0; n < ALERTS; n++) loggers.push({ id: `hot-${n}`, client: await connect(`hot-${n}`) });
  for (const { id, client } of loggers) await publish(client, id, { temperature: 5 });

  const beside = await connect('beside');
  let isOn = true;
  let readings = 0;
  const load = (async () => {
    const began = performance.now();
    for (let n = 0; isOn; n++) {
      const due = began + (n * 1_000) / BESIDE.messagesASecond - performance.now();
      if (due > 0) await sleep(due);
      const now = Date.now();
      const batch = Array.from({ length: BESIDE.readings }, (_, i) => ({
        time: now - BESIDE.readings + i,
        temperature: 5,
      }));
      readings += batch.length;
      void publish(beside, 'beside', batch);
    }
    return readings / ((performance.now() - began) / 1_000);
  })();
  await sleep(3_000);

  const receivedAt = new Map<string, number>();
  const watch = (async () => {
    for (let seen = 0; receivedAt.size < ALERTS && isOn; await sleep(1)) {
      for (; seen < receiver.received.length; seen++) {
        const { data } = JSON.parse(receiver.received[seen]?.body ?? '{}') as {
          data?: { alert?: { subject: { device?: string } } };
        };
        const device = data?.alert?.subject.device;
        if (device !== undefined && !receivedAt.has(device)) receivedAt.set(device, performance.now());
      }
    }
  })();
  const sentAt = new Map<string, number>();
  for (const { id, client } of loggers) {
    await publish(client, id, { temperature: 50 });
    // A reading holds until the next one: only the second shows that the first lasted.
    await sleep(20);
    sentAt.set(id, performance.now());
    await publish(client, id, { temperature: 50 });
    await sleep(EVERY_MS);
  }
  for (let wait = 0; receivedAt.size < ALERTS && wait < 600; wait++) await sleep(50);
  isOn = false;
  const [rate] = await Promise.all([load, watch]);
  const took = [...receivedAt].map(([id, at]) => at - (sentAt.get(id) ?? at)).sort((a, b) => a - b);
  const quantile = (q: number) =>
    Math.round(took[Math.min(took.length - 1, Math.floor(q * took.length))] ?? Number.NaN);
  process.stdout.write(
    `${took.length} of ${ALERTS} alerts at the webhook beside ${Math.round(rate)} readings/s: ${quantile(0.5)} ms, median, ${quantile(0.99)} ms, p99, ${quantile(1)} ms, longest; target 500 ms; load ${loadavg()[0]?.toFixed(1)}\n`,
  );
} finally {
  for (const client of clients) client.end(true);
  await database.close();
  await platform.stop();
  await receiver.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
