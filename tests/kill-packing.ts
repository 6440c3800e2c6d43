/**
 * kill -9 while weeks are packed and made rows again: `npm run kill-packing -- [SEEDS]` (default 50) prints a line a seed
 * (`packing-killed.ts`). `npm test` kills twice.
 */
import { killSeeds, PACKER, packForEver } from './packing-killed.ts';

const [given = '50', url = '', end = ''] = process.argv.slice(2);
if (given === PACKER) await packForEver(url, Number(end));
else process.exit(await killMany(Number(given)));

/** @returns exit code */
async function killMany(count: number): Promise<number> {
  const seeds = Array.from({ length: count }, (_, nth) => nth + 1);
  for await (const outcome of killSeeds(seeds, { weeks: 2, devices: 12, longestMs: 6_000 })) {
    const { seed, killed, afterMs, state, wrong } = outcome;
    process.stdout.write(`seed ${seed}: ${killed} after ${afterMs} ms: ${state}: ${wrong ?? 'all there once'}\n`);
    if (wrong !== null) return 1;
  }
  return 0;
}
