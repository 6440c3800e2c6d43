import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const program = join(import.meta.dirname, 'steady.ts');
const UNSTEADY = `import { existsSync, writeFileSync } from 'node:fs';
test('is late', () => {
  if (existsSync('was-here')) return;
  writeFileSync('was-here', '');
  throw new Error('read too early\\nand more of it');
});`;
const BROKEN = `test('is wrong', () => expect(1).toBe(2));`;
const GOOD = `test('is right', () => expect(1).toBe(1));`;

describe('the tests as .ci/run runs them', { timeout: 120_000 }, () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'isotherm-steady-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs these files, each by its name, in a project of their own. */
  function run(files: Readonly<Record<string, string>>): { code: number | null; output: string; note: string } {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.test.ts`), text);
    const note = join(folder, 'note.txt');
    writeFileSync(note, '');
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, '--note', note, '--', '--root', folder, '--globals'],
      { cwd: folder, encoding: 'utf8', env: { ...Object.fromEntries(kept), NO_COLOR: '1' } },
    );
    return { code: status, output: stdout + stderr, note: readFileSync(note, 'utf8') };
  }

  const timesRun = (output: string) => output.match(/RUN {2}v/g)?.length;

  test('pass at once where nothing fails', () => {
    const { code, output, note } = run({ good: GOOD });
    expect([code, timesRun(output), note], output).toEqual([0, 1, '']);
  });

  test('name one that passes alone, and go on', () => {
    const { code, output, note } = run({ good: GOOD, unsteady: UNSTEADY });
    expect([code, timesRun(output)], output).toEqual([0, 2]);
    expect(note).toBe('UNSTEADY: unsteady.test.ts > is late: read too early\n');
    expect(output).toContain(note.trim());
    // Alone: the good one was run once.
    expect(output.match(/good\.test\.ts/g)).toHaveLength(1);
  });

  test('fail where one fails alone too', () => {
    const { code, output, note } = run({ broken: BROKEN, unsteady: UNSTEADY });
    expect([code, timesRun(output), note], output).toEqual([1, 2, '']);
  });

  test.each([
    [
      'a counter-example to a property',
      `import fc from '${createRequire(import.meta.url).resolve('fast-check')}';
test('holds', () => { fc.assert(fc.property(fc.integer(), (n) => n < 3)); });`,
    ],
    [
      'an error outside every test',
      `test('is right', () => { setTimeout(() => { throw new Error('stray'); }); return new Promise((r) => setTimeout(r, 100)); });`,
    ],
  ])('do not try again after %s', (_, text) => {
    const { code, output, note } = run({ one: text, unsteady: UNSTEADY });
    expect([code, timesRun(output), note], output).toEqual([1, 1, '']);
  });

  test('do not try again where four files fail', () => {
    const { code, output } = run({ a: BROKEN, b: BROKEN, c: BROKEN, d: BROKEN });
    expect([code, timesRun(output)], output).toEqual([1, 1]);
  });

  test('try again what failed in setting up', () => {
    const setUp = `import { existsSync, writeFileSync } from 'node:fs';
beforeAll(() => { if (existsSync('was-here')) return; writeFileSync('was-here', ''); throw new Error('not ready'); });
${GOOD}`;
    const { code, note, output } = run({ one: setUp });
    expect([code, note], output).toEqual([0, 'UNSTEADY: one.test.ts: not ready\n']);
  });
});
