/** What attacks, in a thread of its own: its work must not slow down the logger that is measured (tests/attack.ts). */
import { connect as connectTcp, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { connectAsync, type MqttClient } from 'mqtt';
import mqttPacket from 'mqtt-packet';

const MB = 1024 * 1024;

export interface Target {
  readonly httpUrl: string;
  readonly mqttUrl: string;
  readonly passwords: ReadonlyMap<string, string>;
  /** A password of `hostile` that was rotated away. */
  readonly oldPassword: string;
  readonly token: string;
}

/** @returns what came of it, in a few words */
type Attack = (target: Target, over: AbortSignal) => Promise<string>;

const RUNS: Readonly<Record<string, Attack>> = {
  bodies: (target, over) => posts(target, over, 15 * MB, 6),
  'small-bodies': (target, over) => posts(target, over, 0.6 * MB, 50),
  flood: (target, over) => flood(target, over, 20, () => readingsOf(119 * 1024)),
  fields: (target, over) => flood(target, over, 4, () => fieldsOf(45_000)),
  retained: (target, over) => flood(target, over, 50, () => '{"temperature":5.1}', { retain: true }),
  mute: (target, over) => mute(target, over, 1_500),
  crowd: (target, over) => mute(target, over, 10_000),
  sockets: upgrades,
  garbage,
  rule: pattern,
  passwords,
  topics,
  announced,
  'slow-mqtt': (target, over) => slowly(new URL(target.mqttUrl).port, over, 500, SLOW_CONNECT),
  'slow-http': (target, over) => slowly(new URL(target.httpUrl).port, over, 400, SLOW_REQUEST),
};

const SLOW_CONNECT = Buffer.from([0x10, 0x7f, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60]);
const SLOW_REQUEST = Buffer.from('GET /api/v1/shipments HTTP/1.1\r\nHost: isotherm\r\nX-Slow: aaaaaaaaaaaaaaaa');

function signIn({ mqttUrl, passwords }: Target, id: string, options = {}): Promise<MqttClient> {
  const password = passwords.get(id) ?? '';
  return connectAsync(mqttUrl, { clientId: id, username: id, password, reconnectPeriod: 200, ...options });
}

async function posts({ httpUrl }: Target, over: AbortSignal, bytes: number, atOnce: number): Promise<string> {
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
      count(outcomes, outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return counted(outcomes);
}

/** As many messages in flight as asked, again and again. */
async function flood(
  target: Target,
  over: AbortSignal,
  inFlight: number,
  make: () => string,
  options: { readonly retain?: boolean } = {},
): Promise<string> {
  const payload = make();
  const client = await signIn(target, 'hostile');
  let acknowledged = 0;
  const one = async () => {
    while (!over.aborted) {
      const sent = client
        .publishAsync('isotherm/v1/devices/hostile/readings', payload, { qos: 1, ...options })
        .then(() => {
          acknowledged += 1;
        });
      await Promise.race([sent, ended(over)]).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  await client.endAsync(true);
  return `${acknowledged} messages acknowledged`;
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

async function mute({ mqttUrl }: Target, over: AbortSignal, count: number): Promise<string> {
  const port = Number(new URL(mqttUrl).port);
  const sockets: Socket[] = [];
  while (sockets.length < count && !over.aborted) {
    for (let i = 0; i < 250 && sockets.length < count; i++) sockets.push(connectTcp(port, '127.0.0.1'));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const stay = await lasting(sockets, over);
  return `${stay} of ${count} stand at the end`;
}

async function upgrades({ httpUrl }: Target, over: AbortSignal): Promise<string> {
  const port = Number(new URL(httpUrl).port);
  const request = [
    'GET /mqtt HTTP/1.1',
    ...['Host: 127.0.0.1', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'],
    ...['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol: mqtt', '', ''],
  ].join('\r\n');
  const sockets = Array.from({ length: 500 }, () => {
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('connect', () => socket.write(request));
    return socket;
  });
  const stay = await lasting(sockets, over);
  return `${stay} of 500 stand at the end`;
}

/** Opens, sends, and waits until the other end has closed; again and again. */
async function knocking(port: string, over: AbortSignal, atOnce: number, bytes: () => Buffer): Promise<number> {
  let opened = 0;
  const one = async () => {
    while (!over.aborted && opened < 20_000) {
      opened += 1;
      const socket = connectTcp(Number(port), '127.0.0.1');
      socket.on('error', () => socket.destroy()).resume();
      socket.write(bytes());
      await Promise.race([new Promise((resolve) => socket.once('close', resolve)), ended(over)]);
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return opened;
}

async function garbage({ mqttUrl }: Target, over: AbortSignal): Promise<string> {
  const bytes = () => Buffer.from(Array.from({ length: 64 }, () => Math.floor(Math.random() * 256)));
  return `${await knocking(new URL(mqttUrl).port, over, 20, bytes)} connections`;
}

function connectPacket(clientId: string, password: string): Buffer {
  const packet = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 60 } as const;
  return mqttPacket.generate({ ...packet, clientId, username: clientId, password: Buffer.from(password) });
}

/** Wrong ones, an old one, and another name each time. */
async function passwords({ mqttUrl, oldPassword }: Target, over: AbortSignal): Promise<string> {
  let n = 0;
  const tries = [
    () => connectPacket('hostile', `guess ${n++}`),
    () => connectPacket('hostile', oldPassword),
    () => connectPacket(`stranger-${n++}`, 'guess'),
    () => connectPacket('x'.repeat(50_000), 'guess'),
  ];
  const port = new URL(mqttUrl).port;
  const opened = await Promise.all(tries.map((bytes) => knocking(port, over, 10, bytes)));
  return `${opened.reduce((sum, one) => sum + one)} tries`;
}

const TOPICS = [
  ...['#', '+/readings', 'isotherm/v1/devices/+/readings', '$SYS/broker/uptime', '$share/isotherm/#', '///', ''],
  ...['isotherm/v1/devices//readings', `isotherm/v1/devices/${'x'.repeat(65_000)}/readings`, 'x/'.repeat(30_000)],
  ...['isotherm/v1/devices/calm/readings', 'isotherm/v1/gateways/hostile/commands'],
];

/** Publishes and subscribes where nobody may. */
async function topics(target: Target, over: AbortSignal): Promise<string> {
  const password = target.passwords.get('hostile') ?? '';
  const packets = TOPICS.flatMap((topic, n) => [publishBytes(topic, n + 1), subscribeBytes(topic, n + 100)]);
  let n = 0;
  const bytes = () =>
    Buffer.concat([connectPacket('hostile', password), packets[n++ % packets.length] ?? Buffer.alloc(0)]);
  return `${await knocking(new URL(target.mqttUrl).port, over, 4, bytes)} connections`;
}

function publishBytes(topic: string, id: number): Buffer {
  return packetBytes(0x32, Buffer.concat([text(topic), Buffer.of(0, id), Buffer.from('{"temperature":5}')]));
}

function subscribeBytes(topic: string, id: number): Buffer {
  return packetBytes(0x82, Buffer.concat([Buffer.of(0, id), text(topic), Buffer.of(1)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function packetBytes(first: number, body: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = body.length; length.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
  }
  return Buffer.concat([Buffer.of(first, ...length), body]);
}

/** 256 MiB announced in a PUBLISH, and as much of it as is taken. */
async function announced(target: Target, over: AbortSignal): Promise<string> {
  const connect = connectPacket('hostile', target.passwords.get('hostile') ?? '');
  const head = Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]);
  const bytes = () => Buffer.concat([connect, head, Buffer.alloc(MB)]);
  return `${await knocking(new URL(target.mqttUrl).port, over, 20, bytes)} connections`;
}

/** A byte a second from each, over and over. */
async function slowly(port: string, over: AbortSignal, count: number, bytes: Buffer): Promise<string> {
  const sockets = Array.from({ length: count }, () => connectTcp(Number(port), '127.0.0.1'));
  for (const socket of sockets) {
    let at = 0;
    const timer = setInterval(
      () => socket.writable && socket.write(bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1)),
      700,
    );
    socket.once('close', () => clearInterval(timer));
  }
  return `${await lasting(sockets, over)} of ${count} stand at the end`;
}

async function pattern({ httpUrl, token }: Target, over: AbortSignal): Promise<string> {
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
    count(outcomes, outcome);
  }
  return counted(outcomes);
}

/** How many still stand when it is over; all are closed then. */
async function lasting(sockets: readonly Socket[], over: AbortSignal): Promise<number> {
  const closed = new Set<Socket>();
  for (const socket of sockets) {
    socket.on('error', () => socket.destroy());
    socket.once('close', () => closed.add(socket));
    if (socket.destroyed) closed.add(socket);
    socket.resume();
  }
  await ended(over);
  const stay = sockets.filter((socket) => !closed.has(socket) && socket.readyState === 'open').length;
  for (const socket of sockets) socket.destroy();
  return stay;
}

function ended(over: AbortSignal): Promise<void> {
  if (over.aborted) return Promise.resolve();
  return new Promise((resolve) => over.addEventListener('abort', () => resolve(), { once: true }));
}

function count(outcomes: Map<string, number>, outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

function counted(outcomes: ReadonlyMap<string, number>): string {
  return [...outcomes].map(([outcome, times]) => `${outcome} x ${times}`).join(', ');
}

if (parentPort !== null) {
  const { name, target, lastsMs } = workerData as { name: string; target: Target; lastsMs: number };
  const run = RUNS[name];
  if (run === undefined) throw new Error(`no attack ${name}`);
  parentPort.postMessage(await run(target, AbortSignal.timeout(lastsMs)));
}
