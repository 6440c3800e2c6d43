import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { io } from 'socket.io-client';
import type { Accounts } from '../access/index.ts';
import type { IsothermProcess } from '../tests/isotherm-process.ts';

export interface AlertLatency {
  readonly count: number;
  /** Milliseconds from handing the reading to the MQTT client to the alert on a subscribed socket. */
  readonly p50: number;
  readonly p99: number;
}

const EVERY_MS = 40;

/**
 * One device alternates between calm and hot, so that every other reading opens a finding of its own at once; a socket
 * subscribed as a browser is gets the alert.
 */
export async function alertLatency(given: {
  readonly platform: IsothermProcess;
  readonly accounts: Accounts;
  readonly seconds: number;
}): Promise<AlertLatency> {
  const { platform, accounts, seconds } = given;
  const id = 'bench-latency';
  const password = await accounts.credentials.create(id);
  const token = await accounts.tokens.create({ name: 'bench-latency', role: 'operations' });
  const device = await mqtt.connectAsync(platform.mqttUrl, { clientId: id, username: id, password });
  const browser = io(`${platform.httpUrl}/live`, { auth: { token }, transports: ['websocket'] });
  await new Promise<void>((resolve, reject) => {
    browser.once('connect', resolve);
    browser.once('connect_error', reject);
  });
  browser.emit('subscribe', { room: 'alerts' });

  const sentAt = new Map<number, number>();
  const latencies: number[] = [];
  browser.on('alert', ({ alert }: { alert: { subject: { device?: string }; from: string } }) => {
    const from = Date.parse(alert.from);
    const sent = alert.subject.device === id ? sentAt.get(from) : undefined;
    if (sent === undefined) return;
    sentAt.delete(from);
    latencies.push(performance.now() - sent);
  });

  const until = performance.now() + seconds * 1_000;
  const topic = `isotherm/v1/devices/${id}/readings`;
  for (let i = 0; performance.now() < until; i++) {
    const time = Date.now();
    const isHot = i % 2 === 1;
    if (isHot) sentAt.set(time, performance.now());
    await device.publishAsync(topic, JSON.stringify({ time, temperature: isHot ? 50 : 5 }), { qos: 1 });
    await sleep(EVERY_MS);
  }
  // The last ones are still on their way.
  for (let wait = 0; sentAt.size > 0 && wait < 100; wait++) await sleep(50);
  await device.endAsync();
  browser.close();
  if (sentAt.size > 0) throw new Error(`${sentAt.size} alerts never reached the socket`);
  const sorted = latencies.toSorted((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return { count: sorted.length, p50: quantile(0.5), p99: quantile(0.99) };
}
