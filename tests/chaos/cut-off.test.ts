import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

/* `npm run chaos` that is told to end. */

const PROGRAM = join(import.meta.dirname, '../chaos.ts');
const home = mkdtempSync(join(realpathSync(tmpdir()), 'isotherm-cut-off-'));
// PostgreSQL refuses to be root, and has to come through.
chmodSync(home, 0o755);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Processes that name a folder in their arguments. */
function naming(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.includes(folder) ? [`${pid} ${words}`] : [];
      } catch {
        // It has ended.
        return [];
      }
    });
}

// It died of a TypeError of a link that was closed under what was played, and its PostgreSQL went on.
test('SIGTERM in the middle of a seed ends all of it, and leaves no process behind', async () => {
  const args = [PROGRAM, '--seeds', '1', '--faults', '4', '--seconds', '5'];
  const env = { ...process.env, TMPDIR: home };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/without a fault: \d/.test(text)) child.kill('SIGTERM');
    });
  }
  const [code] = await once(child, 'close');
  expect(code, said).toBe(1);
  expect(said).toMatch(/SIGTERM: cut off at seed 1/);
  expect(said).not.toMatch(/TypeError/);
  expect(naming(home)).toEqual([]);
});
