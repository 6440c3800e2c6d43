/**
 * A hostile neighbour on one machine: `npm run attack [-- NAME...]`. Starts an Isotherm of its own on loopback, measures the
 * time to PUBACK of a well-behaved logger while nothing else happens, then during each attack, and prints both with the
 * memory before and after. Bounded: each attack lasts some seconds and ends by itself. What the figures mean is in
 * docs/security.md.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { isotherm, startIsotherm } from './isotherm-process.ts';

/** How long each measurement lasts, ms. */
const LASTS_MS = 8_000;
/** The well-behaved logger's pace, ms. */
const PACE_MS = 25;
const MB = 1024 * 1024;

interface Target {
  readonly httpUrl: string;
  readonly mqttUrl: string;
  readonly passwords: ReadonlyMap<string, string>;
  readonly token: string;
  /** Aborted when the attack is over. */
  readonly over: AbortSignal;
}

interface Attack {
  readonly name: string;
  readonly what: string;
  /** @returns what came of it, in a few words */
  readonly run: (target: Target) => Promise<string>;
}

const ATTACKS: readonly Attack[] = [
  { name: 'bodies', what: 'anonymous posts of 15 MB, six at a time', run: (target) => posts(target, 15 * MB, 6) },
  {
    name: 'small-bodies',
    what: 'anonymous posts of 0.6 MB, 50 at a time',
    run: (target) => posts(target, 0.6 * MB, 50),
  },
  {
    ...{ name: 'flood', what: 'one device with 20 messages of 119 KB in flight' },
    run: (target) => flood(target, 20, readingsOf(119 * 1024)),
  },
  {
    ...{ name: 'fields', what: 'one device with messages of 80,000 unknown fields' },
    run: (target) => flood(target, 4, fieldsOf(80_000)),
  },
  { name: 'mute', what: '1,500 connections that never say CONNECT', run: (target) => mute(target, 1_500) },
  { name: 'sockets', what: '500 WebSockets that never sign in', run: (target) => upgrades(target, 500) },
  { name: 'garbage', what: 'bytes that are no MQTT, from 20 connections', run: garbage },
  { name: 'rule', what: 'a dry run of a rule with a pattern that backtracks without end', run: pattern },
];

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !ATTACKS.some((attack) => attack.name === name));
if (unknown !== undefined) {
  process.stderr.write(`attack: given "${unknown}", allowed: ${ATTACKS.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-attack-'));
const server = await startIsotherm({ command: 'serve', dataDir });
try {
  const env = { ISOTHERM_HTTP_PORT: '0', ISOTHERM_MQTT_PORT: '0' };
  const token = (await isotherm(['token', 'create', 'attacker', '--role', 'admin'], { dataDir, env })).stdout.trim();
  const passwords = new Map<string, string>();
  for (const id of ['calm', 'hostile']) {
    const { stdout } = await isotherm(['device', 'create', id], { dataDir, env });
    passwords.set(id, (JSON.parse(stdout) as { password: string }).password);
  }
  const base = { httpUrl: server.httpUrl, mqttUrl: server.mqttUrl, passwords, token };
  const calm = await signIn(base, 'calm');
  await acknowledgements(calm, 2_000);
  const quiet = await acknowledgements(calm, LASTS_MS);
  row('calm', 'nothing else', quiet, residentMb(), residentMb(), 1, '');
  for (const { name, what, run } of ATTACKS.filter((attack) => asked.length === 0 || asked.includes(attack.name))) {
    const before = residentMb();
    const over = AbortSignal.timeout(LASTS_MS);
    const [times, outcome] = await Promise.all([acknowledgements(calm, LASTS_MS), run({ ...base, over })]);
    row(name, what, times, before, residentMb(), percentile(times, 0.99) / percentile(quiet, 0.99), outcome);
  }
  await calm.endAsync(true);
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function row(
  name: string,
  what: string,
  times: number[],
  before: number,
  after: number,
  ratio: number,
  note: string,
): void {
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)].map((ms) => ms.toFixed(1));
  const memory = `${before.toFixed(0)} -> ${after.toFixed(0)} MB`;
  const line = `${name.padEnd(13)} PUBACK p50 ${p50} ms, p99 ${p99} ms (x ${ratio.toFixed(1)}), n ${times.length}, ${memory}`;
  process.stdout.write(`${line}; ${what}${note === '' ? '' : `: ${note}`}\n`);
}

function signIn({ mqttUrl, passwords }: Pick<Target, 'mqttUrl' | 'passwords'>, id: string): Promise<MqttClient> {
  const password = passwords.get(id) ?? '';
  return connectAsync(mqttUrl, { clientId: id, username: id, password, reconnectPeriod: 200 });
}

/** Publishes one reading after the other at a steady pace. @returns ms to each PUBACK */
async function acknowledgements(client: MqttClient, lastsMs: number): Promise<number[]> {
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  const end = performance.now() + lastsMs;
  while (performance.now() < end) {
    const at = performance.now();
    const payload = JSON.stringify({ time: Date.now(), temperature: 5 });
    const sent = client
      .publishAsync('isotherm/v1/devices/calm/readings', payload, { qos: 1 })
      .then(() => void times.push(performance.now() - at));
    pending.push(sent);
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  }
  await Promise.race([Promise.all(pending), new Promise((resolve) => setTimeout(resolve, 60_000))]);
  return times;
}

function percentile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? Number.NaN;
}

/** Memory of the server's process, MB (proc(5), VmRSS). */
function residentMb(): number {
  const text = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
}

async function posts({ httpUrl, over }: Target, bytes: number, atOnce: number): Promise<string> {
  const body = Buffer.alloc(bytes, 0x20);
  const outcomes = new Map<string, number>();
  const one = async () => {
    while (!over.aborted) {
      const outcome = await fetch(`${httpUrl}/api/v1/shipments`, {
        ...{ method: 'POST', body, headers: { 'content-type': 'application/json' }, signal: over },
      }).then(
        (response) => String(response.status),
        () => 'cut off',
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return counted(outcomes);
}

/** As many messages in flight as asked, again and again. */
async function flood(target: Target, inFlight: number, payload: string): Promise<string> {
  const client = await signIn(target, 'hostile');
  let acknowledged = 0;
  const one = async () => {
    while (!target.over.aborted) {
      const sent = client.publishAsync('isotherm/v1/devices/hostile/readings', payload, { qos: 1 });
      await Promise.race([sent, ended(target.over)]).catch(() => undefined);
      acknowledged += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  await client.endAsync(true);
  return `${acknowledged} messages`;
}

function readingsOf(bytes: number): string {
  const rows: string[] = [];
  const from = Date.now() - 86_400_000;
  for (let i = 0, size = 2; size < bytes; i++) {
    const row = JSON.stringify({ time: from + i * 1000, temperature: 4 + (i % 10) / 10 });
    rows.push(row);
    size += row.length + 1;
  }
  return `[${rows.join()}]`;
}

function fieldsOf(count: number): string {
  return `{"temperature":5,${Array.from({ length: count }, (_, i) => `"field${i}":${i}`).join()}}`;
}

async function mute({ mqttUrl, over }: Target, count: number): Promise<string> {
  const port = Number(new URL(mqttUrl).port);
  const sockets = Array.from({ length: count }, () => connectTcp(port, '127.0.0.1'));
  const stay = await lasting(sockets, over);
  return `${stay} of ${count} stand at the end`;
}

async function upgrades({ httpUrl, over }: Target, count: number): Promise<string> {
  const port = Number(new URL(httpUrl).port);
  const request = [
    'GET /mqtt HTTP/1.1',
    ...['Host: 127.0.0.1', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'],
    ...['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol: mqtt', '', ''],
  ].join('\r\n');
  const sockets = Array.from({ length: count }, () => {
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('connect', () => socket.write(request));
    return socket;
  });
  const stay = await lasting(sockets, over);
  return `${stay} of ${count} stand at the end`;
}

async function garbage({ mqttUrl, over }: Target): Promise<string> {
  const port = Number(new URL(mqttUrl).port);
  let opened = 0;
  const one = async () => {
    while (!over.aborted && opened < 5_000) {
      opened += 1;
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => socket.destroy());
      socket.end(Buffer.from(Array.from({ length: 64 }, () => Math.floor(Math.random() * 256))));
      await new Promise((resolve) => socket.once('close', resolve));
    }
  };
  await Promise.all(Array.from({ length: 20 }, one));
  return `${opened} connections`;
}

async function pattern({ httpUrl, token, over }: Target): Promise<string> {
  const device = `${'a'.repeat(40)}!`;
  const appliesTo = `"${device}".matches("^(a|a)*$")`;
  const body = JSON.stringify({ id: 'slow', kind: 'threshold', metric: 'temperature', above: 8, appliesTo });
  const outcomes = new Map<string, number>();
  while (!over.aborted) {
    const outcome = await fetch(`${httpUrl}/api/v1/rules/slow?dryRun=true`, {
      ...{ method: 'PUT', body, signal: over },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    }).then(
      (response) => String(response.status),
      () => 'no answer in time',
    );
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return counted(outcomes);
}

/** How many still stand when it is over; all are closed then. */
async function lasting(sockets: readonly Socket[], over: AbortSignal): Promise<number> {
  let standing = 0;
  for (const socket of sockets) {
    socket.on('error', () => socket.destroy());
    socket.on('connect', () => {
      standing += 1;
      socket.once('close', () => (standing -= 1));
    });
    socket.resume();
  }
  await ended(over);
  const stay = standing;
  for (const socket of sockets) socket.destroy();
  return stay;
}

function ended(over: AbortSignal): Promise<void> {
  if (over.aborted) return Promise.resolve();
  return new Promise((resolve) => over.addEventListener('abort', () => resolve(), { once: true }));
}

function counted(outcomes: ReadonlyMap<string, number>): string {
  return [...outcomes].map(([outcome, times]) => `${outcome} x ${times}`).join(', ');
}
