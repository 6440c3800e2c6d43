/**
 * A hostile neighbour on one machine: `npm run attack [-- NAME...]`. Starts an Isotherm of its own on loopback, measures the
 * time to PUBACK of a well-behaved logger while nothing else happens, then during each attack, and prints both with the
 * memory before and after and the lines that were logged. The attack runs in a thread of its own. Bounded: each lasts some
 * seconds and ends by itself. What the figures mean is in docs/security.md.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Target } from './attack-worker.ts';
import { isotherm, startIsotherm } from './isotherm-process.ts';

/** How long each measurement lasts, ms. */
const LASTS_MS = 8_000;
/** The well-behaved logger's pace, ms. */
const PACE_MS = 25;

/** What each does is in attack-worker.ts. */
const ATTACKS: readonly { readonly name: string; readonly what: string }[] = [
  { name: 'bodies', what: 'anonymous posts of 15 MB, six at a time' },
  { name: 'small-bodies', what: 'anonymous posts of 0.6 MB, 50 at a time' },
  { name: 'flood', what: 'one device with 20 messages of 119 KB in flight' },
  { name: 'fields', what: 'one device with messages of 45,000 unknown fields' },
  { name: 'retained', what: 'one device with 50 retained messages in flight' },
  { name: 'mute', what: '1,500 connections that never say CONNECT' },
  { name: 'crowd', what: '10,000 connections of one address' },
  { name: 'sockets', what: '500 WebSockets that never sign in' },
  { name: 'garbage', what: 'bytes that are no MQTT, from 20 connections' },
  { name: 'passwords', what: 'wrong and replayed passwords, and another name each time' },
  { name: 'topics', what: 'wildcards, $SYS, empty and 64 KB segments, topics of others' },
  { name: 'announced', what: '256 MiB announced by who has signed in, 20 at a time' },
  { name: 'slow-mqtt', what: '500 connections that send a byte of CONNECT now and then' },
  { name: 'slow-http', what: '400 connections that send a byte of a request now and then' },
  { name: 'rule', what: 'a dry run of a rule with a pattern that backtracks without end' },
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
  const command = async (...args: string[]) => (await isotherm(args, { dataDir, env })).stdout.trim();
  const token = await command('token', 'create', 'attacker', '--role', 'admin');
  const passwords = new Map<string, string>();
  const passwordOf = (json: string) => (JSON.parse(json) as { password: string }).password;
  for (const id of ['calm', 'hostile']) passwords.set(id, passwordOf(await command('device', 'create', id)));
  const oldPassword = passwords.get('hostile') ?? '';
  passwords.set('hostile', passwordOf(await command('device', 'rotate', 'hostile')));
  const target: Target = { httpUrl: server.httpUrl, mqttUrl: server.mqttUrl, passwords, oldPassword, token };
  const calm = await connectAsync(server.mqttUrl, {
    ...{ clientId: 'calm', username: 'calm', password: passwords.get('calm') ?? '', reconnectPeriod: 200 },
  });
  await acknowledgements(calm, 2_000);
  const quiet = await acknowledgements(calm, LASTS_MS);
  row('calm', 'nothing else', quiet, residentMb(), residentMb(), 1, '');
  for (const { name, what } of ATTACKS.filter((attack) => asked.length === 0 || asked.includes(attack.name))) {
    const before = residentMb();
    const logged = server.logged();
    const [times, outcome] = await Promise.all([acknowledgements(calm, LASTS_MS), attack(name, target)]);
    const lines = [...server.logged()]
      .map(([text, count]) => [text, count - (logged.get(text) ?? 0)] as const)
      .filter(([, count]) => count > 0);
    const said = lines.map(([text, count]) => `"${text}" x ${count}`).join(', ');
    const ratio = percentile(times, 0.99) / percentile(quiet, 0.99);
    row(name, what, times, before, residentMb(), ratio, `${outcome}; logged ${said === '' ? 'nothing' : said}`);
  }
  await calm.endAsync(true);
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function attack(name: string, target: Target): Promise<string> {
  const worker = new Worker(new URL('./attack-worker.ts', import.meta.url), {
    workerData: { name, target, lastsMs: LASTS_MS },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', (outcome: string) => {
      void worker.terminate();
      resolve(outcome);
    });
    worker.once('error', reject);
  });
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
