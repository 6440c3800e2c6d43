/**
 * `npm test` as `.ci/run` wants it: where a few files fail, those are run again, alone and once. What passes then is
 * unsteady: it is named aloud, here and in the file of `--note`, and the run goes on. Whatever else fails, fails.
 *
 *     node tests/steady.ts [--note FILE] [-- OPTIONS OF VITEST]
 *
 * It ends with 0, or with 1 where something failed that is no such chance.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Failure, RESULT_VARIABLE, type RunResult } from './failure-reporter.ts';

/** More at once is no chance. */
const MOST_FILES = 3;
const VITEST = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
const REPORTER = join(import.meta.dirname, 'failure-reporter.ts');

/** The files that are worth running again; none where what failed cannot be chance. */
export function worthAgain({ reason, failures, strays }: RunResult): readonly string[] {
  const files = [...new Set(failures.map(({ file }) => file))];
  if (reason !== 'failed' || strays.length > 0 || failures.some(({ isProperty }) => isProperty)) return [];
  return files.length > MOST_FILES ? [] : files;
}

export function line({ file, test, error }: Failure): string {
  return `UNSTEADY: ${file}${test === '' ? '' : ` > ${test}`}: ${error}`;
}

/** @returns null where the run ended without a result */
function run(options: readonly string[], folder: string): { code: number; result: RunResult | null } {
  const path = join(folder, 'result.json');
  rmSync(path, { force: true });
  const { status } = spawnSync(
    process.execPath,
    [VITEST, 'run', '--reporter=default', `--reporter=${REPORTER}`, ...options],
    { stdio: 'inherit', env: { ...process.env, ISOTHERM_TEST_PLANS: '1', [RESULT_VARIABLE]: path } },
  );
  const result = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RunResult) : null;
  return { code: status ?? 1, result };
}

function main(): number {
  const { values, positionals } = parseArgs({ options: { note: { type: 'string' } }, allowPositionals: true });
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-steady-'));
  try {
    const first = run(positionals, folder);
    if (first.code === 0) return 0;
    const files = first.result === null ? [] : worthAgain(first.result);
    if (first.result === null || files.length === 0) return 1;
    console.log(`\n== failed, so run again alone: ${files.join(', ')}`);
    if (run([...positionals, '--maxWorkers=1', ...files], folder).code !== 0) return 1;
    const lines = first.result.failures.map(line);
    console.log(
      `\n${lines.join('\n')}\nEach passed alone. An unsteady test is a fault: mend it now (CONTRIBUTING.md).`,
    );
    if (values.note !== undefined) appendFileSync(values.note, `${lines.join('\n')}\n`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) process.exitCode = main();
