import type { Page } from 'playwright-core';

const TARGET_FPS = 50;

const BEGIN = `(() => { const kept = globalThis.__frames = { times: [], isOn: true }; let before = performance.now();
  const next = (at) => { kept.times.push(at - before); before = at; if (kept.isOn) requestAnimationFrame(next); };
  requestAnimationFrame(next) })()`;
const END = '(globalThis.__frames.isOn = false, globalThis.__frames.times.slice(1))';

/** How long a page's frames take while something is done on it, printed beside what is asked. */
export async function timeFrames(page: Page, what: string, work: () => Promise<unknown>): Promise<void> {
  await page.evaluate(BEGIN);
  await work();
  const times = await page.evaluate<number[]>(END);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
  const fps = (1_000 * times.length) / times.reduce((sum, one) => sum + one, 0);
  const slow = times.filter((one) => one > 1_000 / TARGET_FPS + 1).length;
  console.log(
    `${what}: ${fps.toFixed(1)} frames/s (asked: ${TARGET_FPS}), frame p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ${slow} of ${times.length} longer than ${1_000 / TARGET_FPS} ms`,
  );
}
