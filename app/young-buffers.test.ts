import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Counts collections while buffers of 64 KB come and go. */
const CODE = `
  const { collectYoungBuffers } = await import(process.argv[1]);
  const { PerformanceObserver } = await import('node:perf_hooks');
  if (process.argv[2] === 'young') collectYoungBuffers();
  const counts = { young: 0, all: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) {
      if (detail.kind === 1) counts.young++;
      if (detail.kind === 4) counts.all++;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let i = 0; i < 12_000; i++) {
    Buffer.allocUnsafe(65_536 + (i % 3))[0] = 1;
    if (i % 100 === 0) await new Promise(setImmediate);
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
  console.log(JSON.stringify(counts));
`;

/**
 * Memory that is already free counts as taken until threads beside have given it back. On a busy machine they are late, and
 * what they are late for sets off a collection of everything (seen: as many as without the setting).
 */
const WITHOUT_THREADS = ['--single-threaded-gc', '--no-incremental-marking'];

async function collections(how: string): Promise<{ readonly young: number; readonly all: number }> {
  const module = new URL('young-buffers.ts', import.meta.url).href;
  const args = [...WITHOUT_THREADS, '--input-type=module', '--eval', CODE, module, how];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

// Of the time of a backlog's intake a tenth went into collecting everything, 64 MB of buffers after the other.
test('what is in memory for a moment does not have everything collected', async () => {
  const [asItComes, young] = [await collections('as it comes'), await collections('young')];
  expect(young.all).toBeLessThan(asItComes.all / 3);
  expect(young.young).toBeGreaterThan(3 * asItComes.young);
  expect(young.all).toBeLessThan(young.young);
});
