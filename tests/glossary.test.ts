import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/glossary.md'), 'utf8');

/** The rows of every table of the glossary. */
const entries = [...page.matchAll(/^\| (?!word \|)([^|]+) \| ([^|]+) \| `([^`]+)` \|$/gm)].map(
  ([, word = '', meaning = '', owner = '']) => ({ word: word.trim(), meaning: meaning.trim(), owner }),
);

/** Whether a source file exports a name, as a declaration or in a list. */
function exportsName(file: string, name: string): boolean {
  const text = readFileSync(join(root, file), 'utf8');
  const declared = new RegExp(`^export (?:declare |abstract |async )*(?:\\w+) \\*?\\s*${name}\\b`, 'm');
  const listed = new RegExp(`^export (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\}`, 'm');
  return declared.test(text) || listed.test(text);
}

describe('the glossary', () => {
  test('every row of its tables is a word, a meaning and an owner', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| word |'));
    expect(rows.filter((line) => !/^\| [^|]+ \| [^|]+ \| `[^`]+` \|$/.test(line))).toEqual([]);
    expect(entries.length).toBe(rows.length);
  });

  test('a word stands in it once', () => {
    const words = entries.map(({ word }) => word.toLowerCase());
    expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
  });

  test.each(entries)('$word is owned by $owner', ({ owner }) => {
    const [file = '', name] = owner.split('#');
    expect(existsSync(join(root, file)), `${file} exists`).toBe(true);
    if (name === undefined) expect(file).toMatch(/^docs\/.*\.md$/);
    else expect(exportsName(file, name), `${file} exports ${name}`).toBe(true);
  });
});
