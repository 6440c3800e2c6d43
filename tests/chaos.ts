/**
 * `npm run chaos -- --seeds N [--seed S] [--faults F]`: faults drawn by seed against a real system of processes under load, compared
 * with the same load without a fault. A line a fault and a seed; exit code 1 where something acknowledged is lost, doubled or
 * differs, or what follows from it does. What is played, and what is not, is in docs/chaos.md.
 */
import { parseArgs } from 'node:util';
import { Chance } from '../simulators/portal/random.ts';
import { drawFaults, type Fault, faultText } from './chaos/drawing.ts';
import { play } from './chaos/mischief.ts';
import { pause, Round } from './chaos/round.ts';
import { System } from './chaos/system.ts';
import { type Account, accountOf, gapsOf, settled, sightingsMissing, type Truth } from './chaos/truth.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '10' },
    shape: { type: 'string', default: 'small' },
  },
});
const READINGS_EACH = 300;
const STEP_MS = 30_000;
/** A fault of which the system has not recovered by then is one of its own. */
const RECOVERS_WITHIN_MS = 120_000;
/** A process that needs more than this many times what it needed undisturbed, and so much more, keeps something. */
const MEMORY_FACTOR = 2;
const MEMORY_MB = 300;
const STORED_LOOK_MS = 100;
const KILLS = ['kill', 'machine gone', 'freeze'];

interface Played {
  readonly fault: Fault;
  /** ms of `performance.now()`. */
  readonly at: number;
  readonly outcome: string | null;
}

interface Result {
  readonly truth: Truth;
  readonly account: Account;
  readonly played: readonly Played[];
  /** ms from each fault until a reading of after it was acknowledged, and stored. */
  readonly resumed: readonly { readonly fault: Fault; readonly acknowledged: number; readonly stored: number }[];
  readonly acknowledged: number;
  readonly answered: number;
}

const seeds = Number(values.seeds);
const first = Number(values.seed);
const faults = Number(values.faults);
const lastsMs = Number(values.seconds) * 1_000;
if (![seeds, first, faults, lastsMs].every((one) => Number.isFinite(one) && one >= 0) || values.shape !== 'small') {
  process.stderr.write('chaos: allowed: --seeds N, --seed S, --faults F, --seconds S, --shape small\n');
  process.exit(2);
}
process.exit(await main());

async function main(): Promise<number> {
  const base = Math.floor(Date.now() / 60_000) * 60_000 - 2 * 3_600_000 - READINGS_EACH * STEP_MS;
  const system = new System();
  const wrong: string[] = [];
  const resumed: Result['resumed'][number][] = [];
  const sum = { acknowledged: 0, answered: 0, sightings: 0, inGaps: 0, faults: 0, lost: 0, doubled: 0, differing: 0 };
  try {
    await system.start();
    say('started');
    const undisturbed = await runRound(system, 0, base, [], null);
    const { truth } = undisturbed;
    const peak = new Map(system.peakMb);
    const counts = Object.entries(truth).map(([what, lines]) => `${lines.length} ${what}`);
    say(`without a fault: ${undisturbed.acknowledged} acknowledged, ${counts.join(', ')}`);
    wrong.push(...complaints(undisturbed, truth).map((text) => `without a fault: ${text}`));
    for (let seed = first; seed < first + seeds; seed++) {
      const drawn = drawFaults(seed, { faults, lastsMs });
      const result = await runRound(system, seed, base, drawn, truth).catch((error: Error) => {
        wrong.push(`seed ${seed}: ${error.message}`);
        say(`seed ${seed}: ${drawn.map(faultText).join(', ')}: ${error.message}`);
        return null;
      });
      if (result === null) break;
      const found = complaints(result, truth);
      wrong.push(...found.map((text) => `seed ${seed}: ${text}`));
      resumed.push(...result.resumed);
      sum.acknowledged += result.acknowledged;
      sum.answered += result.answered;
      sum.sightings += result.account.sightings;
      sum.inGaps += result.account.inGaps;
      sum.faults += drawn.length;
      sum.lost += result.account.lost.length;
      sum.doubled += result.account.doubled.length;
      sum.differing += result.account.differing.length + differences(result.truth, truth).length;
      for (const one of result.resumed) {
        say(`  ${faultText(one.fault)}: acknowledged after ${ms(one.acknowledged)}, stored after ${ms(one.stored)}`);
      }
      for (const { fault, outcome } of result.played) if (outcome !== null) say(`  ${faultText(fault)}: ${outcome}`);
      const verdict = found.length === 0 ? 'all there once' : found.join('; ').slice(0, 2_000);
      say(`seed ${seed}: ${drawn.map(({ kind, target }) => `${kind} ${target}`).join(', ')}: ${verdict}`);
    }
    for (const what of ['audit', 'archive']) {
      const { code, stderr } = await system.command(what, 'verify');
      if (code !== 0) wrong.push(`${what} verify: ${code} ${stderr}`);
    }
    for (const [name, mb] of system.peakMb) {
      const calm = peak.get(name) ?? 0;
      if (mb > MEMORY_FACTOR * calm + MEMORY_MB)
        wrong.push(`${name} needed ${mb.toFixed(0)} MB, ${calm.toFixed(0)} undisturbed`);
    }
    wrong.push(...system.fallen);
    const { acknowledged, answered, sightings, inGaps, lost, doubled, differing } = sum;
    say(
      `${seeds} seeds, ${sum.faults} faults: ${acknowledged} readings and ${answered} requests acknowledged, ${sightings} tags seen (${inGaps} in gaps that were told): ${lost} lost, ${doubled} doubled, ${differing} differing`,
    );
    for (const kind of KILLS) {
      const of = resumed.filter(({ fault }) => fault.kind === kind);
      if (of.length === 0) continue;
      say(
        `after ${kind} (${of.length}): acknowledged again p50 ${share(of, 'acknowledged', 0.5)}, p99 ${share(of, 'acknowledged', 0.99)}; stored again p50 ${share(of, 'stored', 0.5)}, p99 ${share(of, 'stored', 0.99)}`,
      );
    }
    say(`memory at most: ${[...system.peakMb].map(([name, mb]) => `${name} ${mb.toFixed(0)} MB`).join(', ')}`);
  } catch (error) {
    wrong.push(String(error instanceof Error ? error.stack : error));
  } finally {
    await system.stop();
  }
  for (const text of wrong) process.stderr.write(`WRONG ${text}\n`);
  return wrong.length === 0 ? 0 : 1;
}

async function runRound(
  system: System,
  number: number,
  base: number,
  drawn: readonly Fault[],
  expected: Truth | null,
): Promise<Result> {
  const has = (kind: Fault['kind']) => drawn.some((fault) => fault.kind === kind);
  const chance = new Chance(number + 77);
  const shares = { doubled: has('duplicates') ? 0.2 : 0, late: has('late delivery') ? 0.2 : 0 };
  const round = await Round.begin({ system, number, base, readingsEach: READINGS_EACH, lastsMs, chance, ...shares });
  const began = performance.now();
  const played: Played[] = [];
  const stored: { readonly at: number; readonly through: number }[] = [];
  let isOver = false;
  const watching = watchStored();

  const mischief = playAll().then(async () => {
    system.heal();
    await system.allStarted();
  });
  try {
    await within(round.play(mischief), async () => `${round.waiting()}; ${await system.state()}`);
    await within(arrived(), async () => `missing ${await missing()}; ${await system.state()}`);
    const truth = await settled(system, round, number, expected);
    const account = await accountOf(system, round);
    await pause(STORED_LOOK_MS);
    const resumed = played.filter(({ fault }) => KILLS.includes(fault.kind)).map(resumedAfter);
    return { truth, account, played, resumed, acknowledged: round.acknowledged, answered: round.answered };
  } finally {
    isOver = true;
    await watching;
    await round.stop();
  }

  async function playAll(): Promise<void> {
    // A process is not killed while it stands still.
    const busy = new Map<string, Promise<unknown>>();
    await Promise.all(
      drawn.map(async (fault) => {
        await pause(began + fault.atMs - performance.now());
        const before = busy.get(fault.target);
        const playing = (async () => {
          await before;
          const at = performance.now();
          const outcome = await play(fault, system, round);
          played.push({ fault, at, outcome });
        })();
        busy.set(fault.target, playing);
        await playing;
      }),
    );
    await pause(began + lastsMs - performance.now());
  }

  /** When which of the measured logger's readings were in the tables. */
  async function watchStored(): Promise<void> {
    while (!isOver) {
      const { rows } = await system.database
        .query<{ through: number | null }>(
          `SELECT (extract(epoch FROM max(r.time)) * 1000)::float8 AS through FROM devices AS d
           JOIN readings AS r ON r.device_id = d.id WHERE d.name = $1 AND r.metric = 1`,
          [round.beat.id],
        )
        .catch(() => ({ rows: [] }));
      const through = rows[0]?.through;
      if (typeof through === 'number') stored.push({ at: performance.now(), through });
      await pause(STORED_LOOK_MS);
    }
  }

  async function arrived(): Promise<void> {
    while ((await sightingsMissing(system, round).catch(() => ['?'])).length > 0) await pause(200);
  }

  async function missing(): Promise<string> {
    const tags = await sightingsMissing(system, round);
    return `${tags.length}: ${tags.slice(0, 10).join(', ')}; began ${began + performance.timeOrigin}; ${await gapsOf(system, round)}`;
  }

  function resumedAfter({ fault, at }: Played) {
    const wall = at + performance.timeOrigin;
    const after = round.beat.acknowledgements.filter(({ madeAt }) => madeAt >= at).map((one) => one.at - at);
    const kept = stored.find(({ through }) => through >= wall);
    return { fault, acknowledged: Math.min(...after), stored: (kept?.at ?? Number.POSITIVE_INFINITY) - at };
  }
}

function complaints({ truth, account }: Result, expected: Truth): string[] {
  const { lost, doubled, differing } = account;
  const said = Object.entries({ lost, doubled, differing }).flatMap(([what, all]) =>
    all.length === 0 ? [] : [`${all.length} ${what}: ${all.slice(0, 5).join(', ')}`],
  );
  return [...said, ...differences(truth, expected)];
}

function differences(truth: Truth, expected: Truth): string[] {
  return (Object.keys(expected) as (keyof Truth)[]).flatMap((what) => {
    const missing = without(expected[what], truth[what]);
    const more = without(truth[what], expected[what]);
    return [...missing.map((line) => `${what} lacks ${line}`), ...more.map((line) => `${what} has ${line}`)];
  });
}

/** As multisets. */
function without(some: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return some.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

async function within(work: Promise<void>, what: () => Promise<string>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(async () => {
    const state = await what().catch(String);
    late.reject(new Error(`not recovered within ${RECOVERS_WITHIN_MS / 1_000} s: ${state}`));
  }, RECOVERS_WITHIN_MS + lastsMs);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function share(of: Result['resumed'], what: 'acknowledged' | 'stored', quantile: number): string {
  const ordered = of.map((one) => one[what]).toSorted((a, b) => a - b);
  return ms(ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * quantile))] ?? Number.NaN);
}

function ms(value: number): string {
  return `${(value / 1_000).toFixed(2)} s`;
}

function say(text: string): void {
  process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${text}\n`);
}
