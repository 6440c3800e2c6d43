// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { faultsOf } from './browser.ts';

const WANTED = process.env.ISOTHERM_TEST_PICTURES ?? '';
/** Where pictures of every form are wanted; `1` asks for those of docs/screens alone. */
export const PICTURE_FOLDER = WANTED === '' || WANTED === '1' ? null : WANTED;

const FORMS = [
  { width: 390, height: 850, scheme: 'light' },
  { width: 390, height: 850, scheme: 'dark' },
  { width: 1280, height: 850, scheme: 'light' },
  { width: 1280, height: 850, scheme: 'dark' },
  { width: 2560, height: 1440, scheme: 'light' },
  { width: 2560, height: 1440, scheme: 'dark' },
] as const;
/** 1280 px enlarged four times: the width that WCAG 2.2, 1.4.10 asks for. */
const NARROWEST = { width: 320, height: 256 };

/**
 * Takes pictures of the whole screen that is open, at every width and in both themes.
 *
 * @returns what does not fit and what axe finds serious, one line each
 */
export async function lookedAt(page: Page, name: string, folder: string): Promise<string[]> {
  const troubles: string[] = [];
  for (const { width, height, scheme } of FORMS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme });
    // Twice: charts and rows near the window are drawn in the frame after the one that measures them.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const form = `${width}-${scheme}`;
    mkdirSync(join(folder, form), { recursive: true });
    await page.screenshot({ path: join(folder, form, `${name}.png`), animations: 'disabled', fullPage: true });
    troubles.push(...(await faultsOf(page, `${name} at ${form}`)));
  }
  await page.setViewportSize(NARROWEST);
  const excess = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  return excess > 0 ? [...troubles, `${name} is ${excess} px wider than ${NARROWEST.width} px`] : troubles;
}
