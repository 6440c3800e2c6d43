import type { CDPSession, Page } from 'playwright-core';

export const TARGET_FPS = 50;

const BEGIN = `(() => { const kept = globalThis.__frames = { times: [], isOn: true }; let before = performance.now();
  const next = (at) => { kept.times.push(at - before); before = at; if (kept.isOn) requestAnimationFrame(next); };
  requestAnimationFrame(next) })()`;
const END = '(globalThis.__frames.isOn = false, globalThis.__frames.times.slice(1))';

/** How long a page's frames take while something is done on it, printed beside what is asked. @returns frames a second */
export async function timeFrames(page: Page, what: string, work: () => Promise<unknown>): Promise<number> {
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
  return fps;
}

const KINDS = {
  ScriptDuration: 'script',
  RecalcStyleDuration: 'styles',
  LayoutDuration: 'layout',
  TaskDuration: 'all',
};

/** Prints what a page's main thread did while its frames were timed, by kind. */
export async function timeMain<T>(session: CDPSession, work: () => Promise<T>): Promise<T> {
  await session.send('Performance.enable');
  const seconds = async () =>
    new Map((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  const [before, from] = [await seconds(), performance.now()];
  const done = await work();
  const [after, to] = [await seconds(), performance.now()];
  const shares = Object.entries(KINDS).map(([name, kind]) => {
    const share = ((after.get(name) ?? 0) - (before.get(name) ?? 0)) / ((to - from) / 1_000);
    return `${kind} ${(100 * share).toFixed(0)} %`;
  });
  console.log(`its main thread meanwhile: ${shares.join(', ')} of the time`);
  return done;
}

/** Bytes in use on a page, once what nobody holds is gone. */
export async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

const WATCH = (selector: string) =>
  `(() => { const kept = globalThis.__changes = { count: 0, texts: new Set() };
    new MutationObserver((all) => { for (const { target } of all) { kept.count++; kept.texts.add(target.textContent.slice(0, 60)); } })
      .observe(document.querySelector(${JSON.stringify(selector)}), { subtree: true, characterData: true }) })()`;

/**
 * Counts texts of a page that change in place: what arrives is shown only where some do.
 * @returns how many changed so far, and how many different texts they became
 */
export async function watchTexts(
  page: Page,
  selector: string,
): Promise<() => Promise<{ readonly changes: number; readonly texts: number }>> {
  await page.evaluate(WATCH(selector));
  return () => page.evaluate('({ changes: globalThis.__changes.count, texts: globalThis.__changes.texts.size })');
}
