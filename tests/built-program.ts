import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildProgram } from '../app/program-build.ts';
import { systemTime } from '../domain/index.ts';

const ROOT = join(import.meta.dirname, '..');
const BUILT = join(ROOT, 'node_modules', '.cache', 'isotherm-program');
const KEPT_MS = 24 * 3_600_000;
/** Not what the program is made of. */
const ASIDE =
  /^(\.|bench|coverage|data|docs|node_modules|tests)|(^|\/)(dist|web\/src|testing|\.cache)(\/|$)|\.test\.tsx?$/;

let built: Promise<string> | null = null;

/**
 * The program built from the sources as they are, once for all that run beside each other: tests start it some five
 * hundred times, and from its sources each start loads 2,700 files (docs/decisions/0199).
 */
export function builtProgram(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const directory = join(BUILT, await fingerprint());
  const program = join(directory, 'isotherm.js');
  if (existsSync(program)) return program;
  await mkdir(BUILT, { recursive: true });
  await sweep();
  const work = await mkdtemp(join(BUILT, 'making-'));
  await buildProgram(work);
  await rename(work, directory).catch(async (error) => {
    // Somebody beside us was first, with the same sources.
    if (!existsSync(program)) throw error;
    await rm(work, { recursive: true });
  });
  return program;
}

/** Of names, sizes and times of what it is made of. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const look = async (folder: string): Promise<void> => {
    const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (ASIDE.test(path)) continue;
      if (entry.isDirectory()) await look(path);
      else if (/\.(ts|js|json)$/.test(entry.name)) {
        const { size, mtimeMs } = await stat(join(ROOT, path));
        hash.update(`${path} ${size} ${mtimeMs}\n`);
      }
    }
  };
  await look('');
  return hash.digest('hex').slice(0, 16);
}

/** What was built of earlier sources. */
async function sweep(): Promise<void> {
  for (const name of await readdir(BUILT)) {
    const path = join(BUILT, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: systemTime.now() }));
    if (mtimeMs < systemTime.now() - KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}
