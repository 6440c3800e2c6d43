// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { silentLogger } from '../../domain/index.ts';
import { systemPart } from '../../tests/parts.ts';
import { ensurePage } from '../page-build.ts';
import { Installation } from '../server/testing/installation.ts';

/** Null where there is no Chromium: the tests skip. */
export const chromiumPath = systemPart('chromium');

/** How long anything on a page may take: a machine that is busy with other tests is slow, not wrong. */
export const PATIENCE_MS = 60_000;

export type PageOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
}

/** An installation that serves the page. */
export async function startHouse(options: Parameters<typeof Installation.start>[0] = {}): Promise<Installation> {
  return Installation.start({ pageDir: await ensurePage({ logger: silentLogger }), ...options });
}

export function openBrowser(...args: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox', ...args] });
}

/** A profile of the browser in which somebody is signed in; no screen is open yet. */
export async function signIn(
  { browser, house }: { browser: Browser; house: Installation },
  username: string,
  options: PageOptions = {},
): Promise<Visit> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const answer = await page.request.post(`${house.url}/api/v1/session`, { data: { username, password: 'demo' } });
  if (!answer.ok()) throw new Error(`${username} cannot sign in: ${answer.status()} ${await answer.text()}`);
  return { context, page };
}

/** Evaluated, not added: the page's policy lets in no script without its nonce. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeFault {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What is wrong with the screen that is open: wider than the window, or seriously so by axe. @returns one line each */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
  const excess = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  const tooWide = excess > 0 ? [`${name} is ${excess} px wider than the screen`] : [];
  return [...tooWide, ...(await seriousFaults(page)).map((fault) => `${name}: ${fault}`)];
}

/** Two frames without one that comes to an end: what fades in is pale until then, and axe would find its contrast too low. */
const NOTHING_MOVES = `(async () => {
  for (let calm = 0; calm < 2; ) {
    await new Promise(requestAnimationFrame);
    const moving = document.getAnimations().filter(
      ({ playState, effect }) => playState === 'running' && Number.isFinite(Number(effect?.getComputedTiming().endTime)),
    );
    calm = moving.length === 0 ? calm + 1 : 0;
    await Promise.allSettled(moving.map(({ finished }) => finished));
  }
})()`;

/** Serious and critical faults that axe finds. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(NOTHING_MOVES);
  await page.evaluate(AXE);
  const faults = await page.evaluate<AxeFault[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  return faults
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
