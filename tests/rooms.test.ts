import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const rooms = readTable();
const written: string[] = [];

afterAll(() => {
  for (const folder of written) rmSync(folder, { recursive: true, force: true });
});

/** docs/rooms.md: which room may import which. */
function readTable(): Map<string, readonly string[]> {
  const rows = readFileSync(join(root, 'docs/rooms.md'), 'utf8').matchAll(/^\| `(\w+)\/` \|.*\| ([^|]+) \|$/gm);
  return new Map(
    [...rows].map((row) => [
      String(row[1]),
      String(row[2])
        .split(', ')
        .filter((name) => /^\w+$/.test(name)),
    ]),
  );
}

/** Lints lines as if each stood in a file of the room; for each, whether the import rule refuses it. */
function areRefused(room: string, lines: readonly string[]): boolean[] {
  const folder = join(root, room, `import-rule-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  written.push(folder);
  for (const [i, line] of lines.entries()) writeFileSync(join(folder, `probe-${i}.ts`), line);
  const biome = join(root, 'node_modules/.bin/biome');
  const args = ['lint', '--only=style/noRestrictedImports', '--reporter=json', '--max-diagnostics=none', folder];
  const { stdout } = spawnSync(biome, args, { cwd: root, encoding: 'utf8' });
  rmSync(folder, { recursive: true, force: true });
  return lines.map((_, i) => stdout.includes(`probe-${i}.ts`));
}

describe('the import rule', () => {
  const guarded = [...rooms].filter(([, may]) => !may.includes('all'));

  test('the table names every room', () => {
    expect([...rooms.keys()]).toEqual([
      'domain',
      'codecs',
      'rules',
      'storage',
      'broker',
      'gateways',
      'ingest',
      'trace',
      'access',
      'mirror',
      'alerts',
      'quality',
      'partners',
      'dashboards',
      'simulators',
      'app',
    ]);
  });

  test.each(guarded)('%s/ may import its row of the table and nothing else', (room, may) => {
    const others = [...rooms.keys()].filter((other) => other !== room);
    const face = (other: string) => (other === 'codecs' ? 'codecs/llrp/index.ts' : `${other}/index.ts`);
    const probe = (other: string) => `import * as x from '../../${face(other)}';\nconsole.log(x);\n`;
    const verdicts = areRefused(room, others.map(probe));
    const refused = others.filter((_, i) => verdicts[i]);
    expect(refused).toEqual(others.filter((other) => !may.includes(other)));
  });

  test('a room is entered by its face only', () => {
    expect(
      areRefused('trace', ["import * as x from '../../storage/log/consuming/consumer.ts';\nconsole.log(x);\n"]),
    ).toEqual([true]);
    expect(areRefused('rules', ["import * as x from '../../domain/time.ts';\nconsole.log(x);\n"])).toEqual([true]);
  });
});

// The image was built without a room that had just been made, and did not start.
test('the image holds every room', () => {
  const kept = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  expect([...rooms.keys()].filter((room) => !kept.includes(`!${room}`))).toEqual([]);
});
