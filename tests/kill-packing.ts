/**
 * kill -9 while weeks are packed and made rows again: `npm run kill-packing -- [SEEDS]` (default 50, some ten minutes on two quiet
 * cores) prints a line a seed (`packing-killed.ts`). `npm test` kills twice.
 */
import { systemTime } from '../domain/index.ts';
import { killSeeds, PACKER, packForEver } from './packing-killed.ts';

/** Longer than a seed takes on a machine with ten times as much to do: one that takes longer hangs. */
const SEED_MS = 180_000;
/** All of them: what is left by then is not begun. */
const ALL_MS = 30 * 60_000;

const [given = '50', url = '', end = ''] = process.argv.slice(2);
if (given === PACKER) await packForEver(url, Number(end));
else process.exit(await killMany(Number(given)));

/** @returns exit code */
async function killMany(count: number): Promise<number> {
  const began = systemTime.monotonic();
  const seeds = Array.from({ length: count }, (_, nth) => nth + 1);
  const outcomes = killSeeds(seeds, { weeks: 2, devices: 12, longestMs: 6_000 });
  for (let done = 0; ; done++) {
    const next = await Promise.race([outcomes.next(), systemTime.sleep('seed', SEED_MS).then(() => null)]);
    if (next === null) {
      process.stdout.write(`seed ${done + 1}: has not ended after ${SEED_MS / 1_000} s\n`);
      return 1;
    }
    const tookMs = systemTime.monotonic() - began;
    if (next.done) {
      process.stdout.write(`${done} seeds in ${Math.round(tookMs / 1_000)} s\n`);
      return 0;
    }
    const { seed, killed, afterMs, state, wrong } = next.value;
    process.stdout.write(`seed ${seed}: ${killed} after ${afterMs} ms: ${state}: ${wrong ?? 'all there once'}\n`);
    if (wrong !== null) return 1;
    if (tookMs > ALL_MS && done + 1 < count) {
      process.stdout.write(`${done + 1} of ${count} seeds in ${ALL_MS / 60_000} minutes, allowed: all of them\n`);
      await outcomes.return(undefined);
      return 1;
    }
  }
}
