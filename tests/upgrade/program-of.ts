import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The program as it was at a commit, built in `folder` from what git has of it. Its packages are those of now: a fault that only
 * the packages of then would show is not seen.
 *
 * @param hasPage whether its page is built too; else it serves an empty one
 * @returns the program, to be started as `app/isotherm.js` is
 * @throws {Error} what git or the build says
 */
export async function programOf(commit: string, folder: string, { hasPage }: { hasPage: boolean }): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const archive = spawn('git', ['-C', ROOT, 'archive', commit], { stdio: ['ignore', 'pipe', 'inherit'] });
  const unpack = spawn('tar', ['-x', '-C', folder], { stdio: ['pipe', 'ignore', 'inherit'] });
  archive.stdout.pipe(unpack.stdin);
  const [[packed], [unpacked]] = await Promise.all([once(archive, 'exit'), once(unpack, 'exit')]);
  if (packed !== 0 || unpacked !== 0) throw new Error(`git archive ${commit}: ${packed}, tar: ${unpacked}`);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  if (!hasPage) {
    const page = join(folder, 'dashboards/web/dist');
    mkdirSync(page, { recursive: true });
    writeFileSync(join(page, 'index.html'), '<!doctype html>');
  }
  const built = join(folder, 'built');
  mkdirSync(built);
  const page = `import { ensurePage } from './dashboards/page-build.ts'; await ensurePage({ logger: { info() {} } });`;
  const program = `import { buildProgram } from './app/program-build.ts'; await buildProgram(${JSON.stringify(built)});`;
  const build = `${program}${hasPage ? page : ''}`;
  execFileSync(process.execPath, ['--input-type=module', '-e', build], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(built, 'isotherm.js');
}

/** The commit's full name, or null where this is no clone that has it. */
export function commitOf(name: string): string | null {
  try {
    const args = ['-C', ROOT, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`];
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}
