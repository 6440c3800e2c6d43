import { existsSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Chance } from '../../simulators/portal/random.ts';
import type { Fault } from './drawing.ts';
import type { LinkState } from './link.ts';
import { pastItsLeaseText, playPastItsLease } from './past-its-lease.ts';
import { SURVIVES } from './power/disk.ts';
import { pause, type Round } from './round.ts';
import { REDIS, redisLinksOf } from './shape.ts';
import type { System } from './system.ts';

const DAY = 86_400_000;
/** Long enough for tags to wait in the spool. */
const SPOOLS_MS = 1_000;

const READER_GIVES_UP_MS = 4_000;

/** Whoever has the database just now has given it back by then. */
const ANSWERS_WITHIN_MS = 60_000;
const ANSWER_LOOK_MS = 300;

/** How whoever is told fails: with such a status, silent, or by breaking off. */
const WAYS = [500, 503, 'hang', 'cut'] as const;

/** What came of a fault where that is not seen at the end; null: nothing to say. */
export type Outcome = string | null;

interface Played {
  /** Of the fault, where that names one of several the one it is now. */
  readonly target: string;
  readonly system: System;
  readonly round: Round;
  /** Called at the moment of what ends or stops a process. */
  struck(): void;
}

/**
 * Plays a fault to its end; what is down is started again, what is cut is joined.
 */
export async function play(fault: Fault, { target, system, round, struck }: Played): Promise<Outcome> {
  const { kind, forMs, chance } = fault;
  switch (kind) {
    case 'kill':
      await system.kill(target, undefined, struck);
      return target === fault.target ? null : `it was ${target}`;
    case 'machine gone':
      return machineGone(system, target, forMs, struck);
    case 'power loss':
      return powerLoss(system, target, chance, struck);
    case 'freeze':
      system.signal(target, 'SIGSTOP');
      await pause(forMs);
      system.signal(target, 'SIGCONT');
      return target === fault.target ? null : `it was ${target}`;
    case 'past its lease':
      return pastItsLeaseText(await playPastItsLease(system, target.split(' or '), forMs, struck));
    case 'cut':
    case 'hold':
    case 'lose': {
      const link = system.link(target);
      link.state = kind;
      await pause(forMs);
      link.state = 'open';
      // A reader takes one client at a time, and nothing tells it that this one is gone but its own TCP, after minutes.
      if (kind === 'lose' && target === 'gateway>reader') {
        await pause(READER_GIVES_UP_MS);
        link.giveUp();
      }
      return null;
    }
    case 'delay': {
      const link = system.link(target);
      link.delayMs = 20 + 280 * chance;
      await pause(forMs);
      link.delayMs = 0;
      return null;
    }
    case 'disk full':
      system.fillDisk(true);
      await pause(forMs);
      system.fillDisk(false);
      return null;
    case 'bit in spool':
      return bitInSpool(system, chance);
    case 'bit in archive':
      return bitInArchive(system, chance);
    case 'bit in nats':
      return system.flipBitOfNats(target, chance);
    case 'clock jump':
      return clockJump(round, chance);
    case 'corrupt frames':
      await corruptFrames(system, chance);
      return null;
    case 'slow consumer':
      await slowConsumer(system, forMs);
      return null;
    case 'receiver fails': {
      const way = WAYS[Math.floor(chance * WAYS.length)] ?? 500;
      system.receiver.fails(way);
      await pause(forMs);
      system.receiver.fails(null);
      return `${way}`;
    }
    case 'redis away':
      return redisAway(system, forMs, chance);
    case 'primary stands still':
      return system.standStill(target, forMs, struck);
    case 'duplicates':
    case 'late delivery':
      // The load itself is drawn so.
      return null;
  }
}

/** The power of its machine: the process ends, and nobody is told; PostgreSQL, NATS and Redis keep its connections. */
async function machineGone(system: System, name: string, forMs: number, struck: () => void): Promise<Outcome> {
  const links = Object.entries(system.links).flatMap(([link, one]) => (link.startsWith(`${name}>`) ? [one] : []));
  const set = (state: LinkState) => () => {
    for (const link of links) link.state = state;
  };
  await system.kill(name, set('open'), () => {
    struck();
    set('lose')();
  });
  await pause(forMs);
  return null;
}

/** Killed, or out of reach for all that have their jobs there. */
async function redisAway(system: System, forMs: number, chance: number): Promise<Outcome> {
  const how = (['kill', 'cut', 'hold', 'lose'] as const)[Math.floor(chance * 4)] ?? 'kill';
  if (how === 'kill') {
    await system.kill(REDIS);
    return how;
  }
  const links = redisLinksOf(system.shape).map((name) => system.link(name));
  for (const link of links) link.state = how;
  await pause(forMs);
  for (const link of links) link.state = 'open';
  return how;
}

/** All that runs on it ends, and its disk has what it was told to sync, and what is drawn of the rest. */
async function powerLoss(system: System, target: string, chance: number, struck: () => void): Promise<Outcome> {
  const survives = SURVIVES[Math.floor(chance * SURVIVES.length)] ?? 'nothing';
  const losses = await system.losePower(target, survives, new Chance(chance * 2 ** 32), struck);
  if (losses === null) return 'not played: there is no C compiler, or its PostgreSQL is run by another';
  const sum = (what: 'files' | 'bytes' | 'names') => losses.reduce((all, loss) => all + loss[what], 0);
  const lost = `${sum('bytes')} bytes of ${sum('files')} files and ${sum('names')} names lost`;
  return `${target}: of what was not synced ${survives} survived, ${lost}`;
}

/** The gateway is cut off and killed, and a bit of what waits in its spool is another when it comes back. */
async function bitInSpool(system: System, chance: number): Promise<Outcome> {
  const link = system.link('gateway>door');
  link.state = 'cut';
  await pause(SPOOLS_MS);
  let flipped: Outcome = 'nothing waited in the spool';
  await system.kill('gateway', () => {
    const file = join(system.spoolDir, 'spool.sqlite');
    if (!existsSync(file)) return;
    const spool = new DatabaseSync(file);
    const rows = spool.prepare('SELECT sequence, payload FROM batches ORDER BY sequence').all();
    const row = rows[Math.floor(chance * rows.length)];
    if (row !== undefined) {
      const payload = Buffer.from(row.payload as Uint8Array);
      const bit = Math.floor(((chance * 1_000) % 1) * payload.length * 8);
      payload[bit >> 3] = (payload[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      spool.prepare('UPDATE batches SET payload = ? WHERE sequence = ?').run(payload, row.sequence ?? null);
      flipped = `bit ${bit} of batch ${row.sequence}, one of ${rows.length}`;
    }
    spool.close();
  });
  link.state = 'open';
  return flipped;
}

/** Must be found by `archive verify`, and is put right again. The database may be away meanwhile. */
async function bitInArchive(system: System, chance: number): Promise<Outcome> {
  const { rows } = await answered(() =>
    system.database.query<{ number: string; length: number }>(
      'SELECT number, octet_length(content) AS length FROM archive_segments WHERE content IS NOT NULL ORDER BY number',
    ),
  );
  const row = rows[Math.floor(chance * rows.length)];
  if (row === undefined) return 'nothing is archived yet';
  const bit = Math.floor(((chance * 1_000) % 1) * row.length * 8);
  const found = await answered(() =>
    system.database.query<{ value: number }>(
      'SELECT get_bit(content, $2::bigint) AS value FROM archive_segments WHERE number = $1',
      [row.number, bit],
    ),
  );
  const value = found.rows[0]?.value ?? 0;
  // Told what it is to be, not to change: a commit whose answer is lost is tried again.
  const set = (to: number) =>
    answered(() =>
      system.database.query('UPDATE archive_segments SET content = set_bit(content, $2, $3) WHERE number = $1', [
        ...[row.number, bit, to],
      ]),
    );
  await set(1 - value);
  const verified = () => system.command('archive', 'verify');
  let { code, stderr } = await verified();
  // 75: the database is away (docs/commands.md).
  for (let tries = 0; code !== 1 && /DATABASE/.test(stderr) && tries < 20; tries++) {
    await pause(ANSWER_LOOK_MS);
    ({ code, stderr } = await verified());
  }
  await set(value);
  if (code === 1) return `bit ${bit} of segment ${row.number}: found`;
  throw new Error(`archive verify: ${code} though bit ${bit} of segment ${row.number} is another: ${stderr}`);
}

/** Until the database answers, for whoever plays a fault while another has it. */
async function answered<T>(question: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  for (;;) {
    try {
      return await question();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(ANSWER_LOOK_MS);
    }
  }
}

/** A logger whose clock is wrong: what it says is kept, as a reading or in quarantine with its reason. */
async function clockJump(round: Round, chance: number): Promise<Outcome> {
  const days = [-400, -0.01, 0.005, 1, 4_000][Math.floor(chance * 5)] ?? 1;
  for (let n = 0; n < 20; n++) {
    const time = Math.floor(Date.now() + days * DAY) + n * 1_000;
    await round.odd.send(JSON.stringify({ time, temperature: 5 }));
    round.recordOdd(time);
  }
  return `${days} days`;
}

/** Bytes that are no MQTT, MQTT that breaks off or announces too much, and payloads that are no readings. */
async function corruptFrames(system: System, chance: number): Promise<void> {
  const bytes = Buffer.from(Array.from({ length: 64 }, (_, n) => Math.floor(chance * 2 ** ((n % 24) + 8)) & 255));
  const connect = Buffer.from('101000044d5154540402003c0004637a2d78', 'hex');
  const frames = [
    bytes,
    connect.subarray(0, 9),
    Buffer.concat([connect, Buffer.from('32ffffff7f', 'hex'), bytes]),
    Buffer.from('10ffffffffff', 'hex'),
    Buffer.from('3203000100', 'hex'),
  ];
  for (const frame of frames) {
    const socket = net.connect(system.link('loggers>door').port, '127.0.0.1');
    socket.on('error', () => {});
    socket.end(frame);
    await pause(50);
    socket.destroy();
  }
}

/** Ask for much and read nothing. */
async function slowConsumer(system: System, forMs: number): Promise<void> {
  const { port } = system.link('clients>door');
  const request = `GET /api/v1/alerts?limit=1000 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${system.token}\r\n\r\n`;
  const sockets = Array.from({ length: 10 }, () => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(request.repeat(20));
    return socket;
  });
  await pause(forMs);
  for (const socket of sockets) socket.destroy();
}
