import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemPart } from '../../parts.ts';

const SOURCE = join(import.meta.dirname, 'unsynced.c');

/**
 * Compiles what is preloaded into processes whose disk loses power (unsynced.c says what it does).
 * @param folder where it goes; every account of the machine reads it
 * @returns its path; null where there is no compiler, which is said
 */
export function buildLibrary(folder: string): string | null {
  const compiler = systemPart('cc');
  if (compiler === null || systemPart('C library headers') === null) return null;
  const library = join(folder, 'unsynced.so');
  if (existsSync(library)) return library;
  const flags = ['-std=gnu11', '-O2', '-fPIC', '-shared', '-fvisibility=hidden'];
  execFileSync(compiler, [...flags, '-o', library, SOURCE], { stdio: ['ignore', 'ignore', 'pipe'] });
  chmodSync(library, 0o755);
  return library;
}
