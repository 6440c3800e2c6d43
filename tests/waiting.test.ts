import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PATIENCE_MS } from './testing/bounds.ts';
import { suite } from './traceability.ts';

const ROOT = join(import.meta.dirname, '..');
/** What a page shows comes when it comes: read once, right after a click, it is what was there before. */
const READ_ONCE =
  /expect\(\s*await [^;]{1,200}?\.(?:allInnerTexts|allTextContents|innerText|textContent|inputValue|isVisible|isHidden|isDisabled|isEnabled|isChecked)\(\)/g;
/** That there is none is looked at once, behind what was waited for; how many there are is not. */
const COUNTED_ONCE = /expect\(\s*await [^;]{1,200}?\.count\(\),?\s*\)\s*\.(?!toBe\(0\))/g;

test('what a page shows is waited for, never read once', () => {
  const found = [...suite().keys()].flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [...text.matchAll(READ_ONCE), ...text.matchAll(COUNTED_ONCE)].map(
      ({ index }) => `${file}:${text.slice(0, index).split('\n').length}`,
    );
  });
  expect(found, 'await expect.poll(() => …) instead').toEqual([]);
});

/** Behind a test or a hook, or in the options of a group. */
const OWN_BOUND = /^\s*\}, (\d[\d_]*)\);$|\bdescribe[^;\n]*?, \{ timeout: (\d[\d_]*) \}/gm;
/** In the options of `expect.poll` and `vi.waitFor`. */
const OWN_PATIENCE = /\b(?:poll|waitFor|waitUntil)\((?:(?!\b(?:poll|waitFor|waitUntil)\()[^;])*?\btimeout: (\d[\d_]*)/g;

// Bounds of ten seconds ran out where servers, browsers and other tests had the two cores.
test('no test has less patience than all have', () => {
  const number = (digits: string | undefined) => Number(digits?.replaceAll('_', ''));
  const found = [...suite().keys()].flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [
      ...[...text.matchAll(OWN_BOUND)].filter(
        ([, a, b]) => number(a ?? b) >= 1_000 && number(a ?? b) < 4 * PATIENCE_MS,
      ),
      ...[...text.matchAll(OWN_PATIENCE)].filter(([, given]) => number(given) < PATIENCE_MS),
    ].map(({ index, 0: what }) => `${file}:${text.slice(0, index + what.length).split('\n').length}`);
  });
  expect(found, 'leave the bound away').toEqual([]);
});
