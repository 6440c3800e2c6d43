import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
