import { InputError, systemTime } from '../../domain/index.ts';
import {
  checkPacked,
  type Database,
  type PackedWeek,
  PartitionManager,
  packedWeeks,
  readyWeeks,
  WeekPacker,
  WeekUnpacker,
} from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { untilToldToStop } from '../signals.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'readings status|pack|unpack|check [--progress] [--config FILE]';

/** How often a week that somebody holds up is asked for again, and how long each waits, ms. */
const ATTEMPTS = 30;
const AGAIN_AFTER_MS = 1_000;

interface Told {
  /** One line, for a person who waits. */
  readonly progress: (text: string) => void;
  /** Set by Ctrl-C: the week under way is given up, those before it stay done. */
  readonly signal: AbortSignal;
}

/**
 * `isotherm readings ...`: how much of the readings is packed, and moving them there and back while the platform runs
 * (docs/storage.md). Prints one JSON line; `--progress` adds a line on stderr a block of readings, for large moves.
 * Stopped or killed it has changed whole weeks only, and goes on with the next when it is run again.
 * @returns 1 where something was left: somebody held it up, it was stopped, it cannot be packed, or it is damaged
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { progress: { type: 'boolean' } });
  const [action, ...more] = positionals;
  if (more.length > 0) throw usageError(USAGE);
  const config = configFor(values.config);
  const stopping = new AbortController();
  const progress = (text: string) => {
    if (values.progress) process.stderr.write(`isotherm: ${text}\n`);
  };
  const told: Told = { progress, signal: stopping.signal };
  const act = actions[action ?? ''];
  if (act === undefined) throw usageError(USAGE);
  if (action === 'unpack' && config.readings.pack) {
    throw new InputError(
      'READINGS_PACK_ON',
      'readings.pack is on: what is unpacked would be packed again; set it to false, start the server again, then unpack',
    );
  }
  // A look is ended by Ctrl-C as any command; a move goes back to the end of a week first.
  if (action === 'pack' || action === 'unpack') void untilToldToStop(systemTime).then(() => stopping.abort());
  return withDatabase(config, (database) => act(database, told));
}

const actions: Readonly<Record<string, (database: Database, told: Told) => Promise<number>>> = {
  status,
  pack,
  unpack,
  check,
};

async function status(database: Database): Promise<number> {
  const packed = await packedWeeks(database);
  const ready = await readyWeeks({ database, partitions: new PartitionManager({ database }), now: systemTime.now() });
  print({
    ...totalOf(packed),
    weeks: packed.length,
    withLateRows: packed.filter(({ rowsSince }) => rowsSince !== null).length,
    ready: ready?.map(({ from }) => day(from)) ?? null,
  });
  return 0;
}

async function pack(database: Database, { progress, signal }: Told): Promise<number> {
  const partitions = new PartitionManager({ database });
  const packer = new WeekPacker({ database, time: systemTime });
  const weeks = await readyWeeks({ database, partitions, now: systemTime.now(), lateMs: 0 });
  if (weeks === null) {
    throw new InputError(
      'READINGS_HYPERTABLE',
      'the readings are in TimescaleDB, which packs them by itself; there is nothing to do',
    );
  }
  const done = { packed: 0, readings: 0, stretches: 0, bytes: 0 };
  const left: { week: string; why: string }[] = [];
  for (const [nth, week] of weeks.entries()) {
    const name = `week ${day(week.from)} (${nth + 1} of ${weeks.length})`;
    const outcome = await untilFree(signal, () =>
      packer.pack(week, {
        signal,
        onBlock: (made, of) => progress(`${name}: ${made} of ${of} readings`),
        onPacked: ({ readings, stretches, bytes }) => {
          done.packed++;
          done.readings += readings;
          done.stretches += stretches;
          done.bytes += bytes;
        },
      }),
    );
    progress(`${name}: ${outcome}`);
    if (outcome !== 'packed') left.push({ week: day(week.from), why: outcome });
    if (signal.aborted) break;
  }
  if (done.packed > 0) await database.query('ANALYZE packed_readings');
  print({ ...done, left });
  return left.length > 0 || signal.aborted ? 1 : 0;
}

async function unpack(database: Database, { progress, signal }: Told): Promise<number> {
  const unpacker = new WeekUnpacker({ database, partitions: new PartitionManager({ database }) });
  const weeks = await packedWeeks(database);
  const done = { unpacked: 0, readings: 0 };
  const left: { week: string; why: string }[] = [];
  for (const [nth, week] of weeks.entries()) {
    const name = `week ${day(week.from)} (${nth + 1} of ${weeks.length})`;
    const outcome = await untilFree(signal, () =>
      unpacker.unpack(week, {
        signal,
        onBlock: (made, of) => progress(`${name}: ${made} of ${of} readings`),
        onUnpacked: ({ readings, stretches }) => {
          done.unpacked++;
          done.readings += readings;
          if (stretches < week.stretches) left.push({ week: day(week.from), why: 'damaged' });
        },
      }),
    );
    progress(`${name}: ${outcome}`);
    if (outcome !== 'unpacked') left.push({ week: day(week.from), why: outcome });
    if (signal.aborted) break;
  }
  print({ ...done, left });
  return left.length > 0 || signal.aborted ? 1 : 0;
}

async function check(database: Database): Promise<number> {
  const { stretches, damaged } = await checkPacked(database);
  print({
    stretches,
    damaged: damaged.map(({ device, metric, since }) => ({ device, metric, since: new Date(since).toISOString() })),
  });
  for (const { device, metric, since } of damaged) {
    process.stderr.write(
      `${device}, metric ${metric}, from ${new Date(since).toISOString()}: not what was written; restore that day (docs/storage.md)\n`,
    );
  }
  return damaged.length === 0 ? 0 : 1;
}

/** Another packs, a backup reads, or a late reading came: asked again a second later, for half a minute. */
async function untilFree<T extends string>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let nth = 1; ; nth++) {
    const outcome = await attempt();
    if ((outcome !== 'busy' && outcome !== 'changed') || nth === ATTEMPTS || signal.aborted) return outcome;
    await systemTime.sleep('readings command', AGAIN_AFTER_MS, signal);
  }
}

function totalOf(weeks: readonly PackedWeek[]) {
  const sum = (of: (week: PackedWeek) => number) => weeks.reduce((total, week) => total + of(week), 0);
  return {
    readings: sum(({ readings }) => readings),
    stretches: sum(({ stretches }) => stretches),
    bytes: sum(({ bytes }) => bytes),
  };
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function print(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
