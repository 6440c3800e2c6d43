/**
 * Whether the tracer keeps up with a busy dock: pallets of 1,000 tags through one door, 200 sightings a batch, and
 * twenty doors with one pallet each every ten seconds, each batch taken when the one before is done, as the log hands
 * over what waits. Prints sightings a second, and how long after a pass's last read its last verdict stood.
 *
 *   node bench/dock.ts [DOORS] [TAGS] [ROUNDS] [--statements] [--step=MS]
 *
 * With --step each batch holds what arrives in so many ms, however long the one before took: processor times of two runs can then be
 * compared on a machine that others use. With --statements the time between asking the database and its answer is printed by statement.
 */
import { loadavg } from 'node:os';
import pg from 'pg';
import { type Portal, type Sighting, systemTime } from '../domain/index.ts';
import { spentMs } from './cpu.ts';
import { median, ms } from './timing.ts';
import { BenchYard, DAY, DOOR, HOUR, notice, pallet, through, vials } from './yard.ts';

const numbers = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const DOORS = Number(numbers[0]) || 20;
const TAGS = Number(numbers[1]) || 1_000;
const ROUNDS = Number(numbers[2]) || 3;
const ROUND_MS = 10_000;
const BATCH = 200;
/** From the first read of a pass until its door has been quiet for long enough. */
const SETTLED_MS = 9_000;
const START = DAY + 15 * HOUR;

/** null: a batch holds what came while the one before was worked in. */
const STEP_MS = Number(process.argv.find((word) => word.startsWith('--step='))?.slice(7)) || null;
const statements = process.argv.includes('--statements') ? watchStatements() : null;
const yard = await BenchYard.open();
try {
  const doors = Array.from({ length: DOORS }, (_, n) => door(n));
  for (const portal of doors) await yard.hears({ type: 'portal', portal, by: 'bench' });
  const pallets = DOORS * ROUNDS + 10;
  for (let n = 0; n < pallets; n++) await yard.hears(notice(n, vials(n * TAGS, TAGS), 'A17'));
  await yard.database.query('ANALYZE');
  statements?.clear();
  await oneDoor(doors[0] ?? DOOR);
  await allDoors(doors);
  statements?.print();
} finally {
  await yard.close();
}

/** Both work in turn, so this is what a quiet machine needs at least; a busy one only takes longer. */
function perThousand(
  before: { ours: number; database: number },
  after: { ours: number; database: number },
  count: number,
) {
  const [ours, database] = [after.ours - before.ours, after.database - before.database].map(
    (ms) => (ms * 1_000) / count,
  );
  return { 'ms of processor time a thousand': ours ?? 0, 'and of the database': database ?? 0 };
}

/** One door, one batch of a gateway at a time. */
async function oneDoor({ id }: Portal): Promise<void> {
  let [count, took] = [0, 0];
  const before = await spentMs(yard.database);
  for (let n = 0; n < 10; n++) {
    const reads = readsAt(id, START - HOUR + n * 180_000, DOORS * ROUNDS + n);
    for (let at = 0; at < reads.length; at += BATCH) {
      const part = reads.slice(at, at + BATCH);
      took += await ms(() => yard.reports(part, [readerOf(id)], part.at(-1)?.firstSeen ?? 0));
    }
    count += reads.length;
  }
  say(`one door, ${TAGS} tags a pass, ${BATCH} a batch`, {
    'sightings/s': (count * 1_000) / took,
    ...perThousand(before, await spentMs(yard.database), count),
  });
}

/** Arrivals by their event time; a batch holds all that arrived while the one before was worked in. */
async function allDoors(doors: readonly Portal[]): Promise<void> {
  const arrivals: { at: number; door: string; reads: Sighting[]; isLast: boolean }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { id }] of doors.entries()) {
      const from = START + round * ROUND_MS + index * (ROUND_MS / doors.length);
      const reads = readsAt(id, from, round * doors.length + index);
      for (let at = 0; at < reads.length; at += BATCH) {
        const part = reads.slice(at, at + BATCH);
        const isLast = at + BATCH >= reads.length;
        arrivals.push({ at: part.at(-1)?.firstSeen ?? from, door: id, reads: part, isLast });
      }
      arrivals.push({ at: from + SETTLED_MS, door: id, reads: [], isLast: false });
    }
  }
  arrivals.sort((a, b) => a.at - b.at);
  const behind: number[] = [];
  const before = await spentMs(yard.database);
  let [clock, busy, batches] = [arrivals[0]?.at ?? 0, 0, 0];
  for (let next = 0; next < arrivals.length; ) {
    clock = Math.max(clock, arrivals[next]?.at ?? clock);
    const rest = arrivals.slice(next);
    const waits = rest.slice(0, rest.findIndex(({ at }) => at > clock) + 1 || rest.length);
    if (STEP_MS !== null) clock += STEP_MS;
    const readers = [...new Set(waits.map(({ door }) => readerOf(door)))];
    const until = Math.floor(clock);
    const reads = waits.flatMap(({ reads }) => reads);
    const took = await ms(() => yard.reports(reads, readers, until));
    if (STEP_MS === null) clock += took;
    busy += took;
    batches++;
    next += waits.length;
    for (const { at, isLast } of waits) if (isLast) behind.push(clock - at);
  }
  const count = arrivals.reduce((sum, { reads }) => sum + reads.length, 0);
  say(`${doors.length} doors, ${TAGS} tags each every ${ROUND_MS / 1_000} s, ${batches} batches`, {
    'sightings/s': (count * 1_000) / busy,
    'times as fast as they come': (ROUND_MS * ROUNDS) / busy,
    'ms from a pass’s last read to its verdict, median': median(behind),
    'ms, worst': Math.max(...behind),
    ...perThousand(before, await spentMs(yard.database), count),
  });
}

function door(n: number): Portal {
  const reader = `reader-${n}`;
  const antennas = DOOR.antennas.map((antenna) => ({ ...antenna, reader }));
  return { ...DOOR, id: `dock-${n}`, name: `Dock ${n}`, antennas };
}

function readerOf(door: string): string {
  return door.replace('dock', 'reader');
}

/** All in three seconds. */
function readsAt(door: string, from: number, n: number): Sighting[] {
  const reads = through(from, [pallet(n), ...vials(n * TAGS, TAGS)]);
  const reader = readerOf(door);
  return reads.map((read, index) => {
    const firstSeen = read.firstSeen + (index % (TAGS + 1));
    return { ...read, reader, firstSeen, lastSeen: firstSeen + 500 };
  });
}

function say(name: string, figures: Readonly<Record<string, number>>): void {
  const rounded = Object.entries(figures).map(([unit, value]) => {
    return `${value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ${unit}`;
  });
  console.log(`${name}: ${rounded.join(', ')}; load ${loadavg()[0]?.toFixed(1)}`);
}

/** Every statement of this process from now on. */
function watchStatements(): { clear(): void; print(): void } {
  const spent = new Map<string, { count: number; ms: number }>();
  const query = pg.Client.prototype.query;
  pg.Client.prototype.query = async function (this: pg.Client, ...given: never[]) {
    const [asked] = given as unknown[];
    const text = typeof asked === 'string' ? asked.replaceAll(/\s+/g, ' ').slice(0, 110) : 'another';
    const from = systemTime.monotonic();
    try {
      return await (query as (...given: never[]) => Promise<unknown>).apply(this, given);
    } finally {
      const known = spent.get(text) ?? { count: 0, ms: 0 };
      spent.set(text, { count: known.count + 1, ms: known.ms + systemTime.monotonic() - from });
    }
  } as typeof query;
  return {
    clear: () => spent.clear(),
    print: () => {
      const most = [...spent].sort(([, a], [, b]) => b.ms - a.ms).slice(0, 30);
      for (const [text, { count, ms }] of most) {
        console.log(`${Math.round(ms)} ms, ${count} times, ${(ms / count).toFixed(1)} ms each: ${text}`);
      }
    },
  };
}
