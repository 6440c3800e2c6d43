// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { seriousFaults } from './browser.ts';

const WANTED = process.env.ISOTHERM_TEST_PICTURES ?? '';
const IS_OF_DOCS = WANTED === '1';
/** Where pictures of every form go: `1` is those of docs/screens; null where none are wanted. */
export const PICTURE_FOLDER = IS_OF_DOCS
  ? join(import.meta.dirname, '../../docs/screens')
  : WANTED === ''
    ? null
    : WANTED;

/** Of both themes axe looks at one width: colours are the theme's, names and order are the layout's. */
const FORMS = [
  { width: 390, height: 850, scheme: 'light', isAsked: false },
  { width: 390, height: 850, scheme: 'dark', isAsked: true },
  { width: 1280, height: 850, scheme: 'dark', isAsked: false },
  { width: 1280, height: 850, scheme: 'light', isAsked: true },
  { width: 2560, height: 1440, scheme: 'light', isAsked: false },
  { width: 2560, height: 1440, scheme: 'dark', isAsked: false },
] as const;
/** 1280 px enlarged four times: the width that WCAG 2.2, 1.4.10 asks for. */
const NARROWEST = { width: 320, height: 256 };
/** How high a picture is at most: WebP ends at 16,383 px; those of docs/screens show how a screen looks, not all of a list. */
const HIGHEST_PX = IS_OF_DOCS ? 2_000 : 4_000;

/** Some seven hundred pictures are kept: of docs/screens they are smaller than the screen. */
function scaleOf(width: number): number {
  if (width > 2_000) return IS_OF_DOCS ? 0.35 : 0.5;
  if (!IS_OF_DOCS) return 1;
  return width > 1_000 ? 0.6 : 0.8;
}

/**
 * Takes pictures of the whole screen that is open, at every width and in both themes, without loading it again.
 *
 * @returns what does not fit and what axe finds serious, one line each
 */
export async function lookedAt(page: Page, name: string, folder: string): Promise<string[]> {
  const troubles: string[] = [];
  const excess = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  for (const { width, height, scheme, isAsked } of FORMS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme });
    // A busy browser is not so wide at once. Then twice: charts and rows near the window are drawn in the frame after the
    // one that measures them.
    await comes(page, `innerWidth === ${width} && document.documentElement.clientWidth > ${width - 20}`);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const form = `${width}-${scheme}`;
    await takePicture(page, width, join(folder, form), name);
    const beyond = await excess();
    if (beyond > 0) troubles.push(`${name} at ${form} is ${beyond} px wider than the screen`);
    if (isAsked && process.env.NO_AXE !== '1')
      troubles.push(...(await seriousFaults(page)).map((fault) => `${name} at ${form}: ${fault}`));
  }
  await page.setViewportSize(NARROWEST);
  const beyond = await excess();
  return beyond > 0 ? [...troubles, `${name} is ${beyond} px wider than ${NARROWEST.width} px`] : troubles;
}

/** Asked from outside the page: `waitForFunction` evaluates text inside of it, which the page's Content Security Policy refuses. */
async function comes(page: Page, condition: string): Promise<void> {
  const sizes = "[innerWidth, innerHeight, document.documentElement.clientWidth].join(', ')";
  await expect
    .poll(() => page.evaluate<string>(`(${condition}) ? '' : ${sizes}`), { message: `${page.url()}: ${condition}` })
    .toBe('');
}

/** As WebP: a third of what PNG takes. */
async function takePicture(page: Page, width: number, folder: string, name: string): Promise<void> {
  const whole = await page.evaluate<number>('document.documentElement.scrollHeight');
  const height = Math.min(whole, HIGHEST_PX);
  const isFixed = await page.evaluate<boolean>(
    "[...document.querySelectorAll('nav')].some((one) => getComputedStyle(one).position === 'fixed')",
  );
  if (isFixed) {
    // The window as high as the screen: what is fixed to its foot stands at the foot.
    await page.setViewportSize({ width, height });
    await comes(page, `innerHeight === ${height}`);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }
  await page.evaluate('scrollTo(0, 0)');
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    ...{ format: 'webp', quality: IS_OF_DOCS ? 50 : 60, captureBeyondViewport: !isFixed },
    clip: { x: 0, y: 0, width, height, scale: scaleOf(width) },
  });
  await session.detach();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
}
