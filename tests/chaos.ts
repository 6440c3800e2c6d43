/**
 * `npm run chaos -- --shape small|large --seeds N|--minutes M [--seed S] [--faults F] [--shares N] [--redis]`: faults drawn by seed against a
 * real system of processes under load, compared with the same load without a fault. A line a fault and a seed, a table at the end; exit code 1 where
 * something acknowledged is lost, doubled or differs, or what follows from it does. What is played, and what is not, is in docs/chaos.md.
 */
import { parseArgs } from 'node:util';
import { drawFaults, faultText } from './chaos/drawing.ts';
import { SHAPES, shapeWith } from './chaos/shape.ts';
import { System } from './chaos/system.ts';
import { secondsText, Tally } from './chaos/tally.ts';
import { baseOfNow, complaints, runTrial } from './chaos/trial.ts';
import type { Truth } from './chaos/truth.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '10' },
    shape: { type: 'string', default: 'small' },
    shares: { type: 'string' },
    redis: { type: 'boolean', default: false },
  },
});
/** A process that needs more than this many times what it needed undisturbed, and so much more, keeps something. */
const MEMORY_FACTOR = 2;
const MEMORY_MB = 300;

const named = values.shape === 'small' || values.shape === 'large' ? SHAPES[values.shape] : null;
const shares = Number(values.shares ?? named?.shares);
const shape = named === null ? null : shapeWith(named, { shares, hasRedis: values.redis });
const minutes = Number(values.minutes ?? Number.POSITIVE_INFINITY);
const seeds = Number(values.seeds ?? (values.minutes === undefined ? 3 : Number.POSITIVE_INFINITY));
const first = Number(values.seed);
const faults = Number(values.faults);
const lastsMs = Number(values.seconds) * 1_000;
const areNumbers =
  [seeds, minutes, first, faults, lastsMs].every((one) => one >= 0) &&
  Number.isFinite(first + faults + lastsMs) &&
  shares >= 1 &&
  Number.isInteger(shares);
if (!areNumbers || shape === null) {
  process.stderr.write(
    'chaos: allowed: --seeds N, --minutes M (no seed is begun after them), --seed S, --faults F, --seconds S, --shape small|large, --shares N, --redis\n',
  );
  process.exit(2);
}
const endsAt = minutes * 60_000;
const tally = new Tally();
const wrong: string[] = [];
let seed = first;
let playing: System | null = null;
const cutOff: { ending: Promise<void> | null } = { ending: null };
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    cutOff.ending ??= end(signal);
  });
}
// One installation plays seeds until one does not come back.
while (seed < first + seeds && performance.now() < endsAt) if (!(await playSome())) break;
await cutOff.ending;
for (const line of tally.lines()) say(line);
for (const text of wrong) process.stderr.write(`WRONG ${text}\n`);
process.exit(wrong.length === 0 ? 0 : 1);

/** Leaves nothing running behind. */
async function end(signal: string): Promise<void> {
  say(`${signal}: cut off at seed ${seed}`);
  // What plays meets an installation that ends under it: that is no finding.
  for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => {});
  for (const line of tally.lines()) say(line);
  try {
    await playing?.stop();
  } finally {
    process.exit(1);
  }
}

/** @returns false where another installation would do no better */
async function playSome(): Promise<boolean> {
  if (shape === null) return false;
  const base = baseOfNow();
  const system = new System(shape);
  playing = system;
  try {
    await system.start();
    say('started');
    const undisturbed = await runTrial({ system, number: 0, base, lastsMs, drawn: [], expected: null });
    const { truth } = undisturbed;
    const calm = new Map(system.peakMb);
    const counts = Object.entries(truth).map(([what, lines]) => `${lines.length} ${what}`);
    say(`without a fault: ${undisturbed.acknowledged} acknowledged, ${counts.join(', ')}`);
    wrong.push(...complaints(undisturbed, truth).map((text) => `without a fault: ${text}`));
    let goesOn = true;
    while (goesOn && seed < first + seeds && performance.now() < endsAt) {
      goesOn = await playSeed(system, seed, base, truth);
      seed++;
    }
    if (cutOff.ending !== null) return false;
    for (const what of ['audit', 'archive']) {
      const { code, stderr } = await system.command(what, 'verify');
      if (code !== 0) wrong.push(`${what} verify: ${code} ${stderr}`);
    }
    for (const [name, mb] of system.peakMb) {
      const before = calm.get(name) ?? 0;
      if (mb > MEMORY_FACTOR * before + MEMORY_MB)
        wrong.push(`${name} needed ${mb.toFixed(0)} MB, ${before.toFixed(0)} undisturbed`);
    }
    wrong.push(...system.fallen);
    say(`memory at most: ${[...system.peakMb].map(([name, mb]) => `${name} ${mb.toFixed(0)} MB`).join(', ')}`);
    return true;
  } catch (error) {
    wrong.push(String(error instanceof Error ? error.stack : error));
    return false;
  } finally {
    await system.stop();
  }
}

/** @returns whether the installation can play another */
async function playSeed(system: System, number: number, base: number, truth: Truth): Promise<boolean> {
  const drawn = drawFaults(number, { shape: system.shape, faults, lastsMs });
  tally.began(drawn);
  try {
    const result = await runTrial({ system, number, base, lastsMs, drawn, expected: truth });
    const found = complaints(result, truth);
    wrong.push(...found.map((text) => `seed ${number}: ${text}`));
    tally.add(result, truth);
    for (const { fault, what, acknowledged, stored } of result.resumed) {
      const [again, kept] = [acknowledged, stored].map(secondsText);
      say(`  ${faultText(fault)} (${what}): acknowledged after ${again}, stored after ${kept}`);
    }
    for (const { fault, outcome } of result.played) if (outcome !== null) say(`  ${faultText(fault)}: ${outcome}`);
    const verdict = found.length === 0 ? 'all there once' : found.join('; ').slice(0, 2_000);
    say(`seed ${number}: ${drawn.map(({ kind, target }) => `${kind} ${target}`).join(', ')}: ${verdict}`);
    return true;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    wrong.push(`seed ${number}: ${text}`);
    say(`seed ${number}: ${drawn.map(faultText).join(', ')}: ${text}`);
    return false;
  }
}

function say(text: string): void {
  process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${text}\n`);
}
