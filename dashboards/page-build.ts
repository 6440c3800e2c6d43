import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../domain/index.ts';

const ROOM = fileURLToPath(new URL('.', import.meta.url));
const WEB = join(ROOM, 'web');
/** What the page is made of. */
const SOURCES = [
  join(WEB, 'src'),
  join(WEB, 'public'),
  join(WEB, 'index.html'),
  join(WEB, 'vite.config.ts'),
  join(ROOM, 'api'),
];
const DIST = join(WEB, 'dist');

/**
 * The built page's directory, built first where it is missing or older than what it is made of: nobody has to know that
 * there is a build.
 */
export async function ensurePage({ logger }: { logger: Logger }): Promise<string> {
  const builtAt = await modifiedAt(join(DIST, 'index.html'));
  const changedAt = Math.max(...(await Promise.all(SOURCES.map(newestIn))));
  if (builtAt === null || builtAt < changedAt) await buildPage({ logger });
  return DIST;
}

/** Builds the page. @returns its directory */
export async function buildPage({ logger }: { logger: Logger }): Promise<string> {
  // Vite is needed for this alone: a server with a built page starts without it.
  const { build } = await import('vite');
  await build({ root: WEB, configFile: join(WEB, 'vite.config.ts'), logLevel: 'error', mode: 'production' });
  logger.info({ directory: DIST }, 'built the page');
  return DIST;
}

async function newestIn(path: string): Promise<number> {
  const own = await modifiedAt(path);
  if (own === null) return 0;
  if (!(await stat(path)).isDirectory()) return own;
  const entries = await readdir(path, { recursive: true });
  const times = await Promise.all(
    entries.filter((entry) => !/\.test\.tsx?$/.test(entry)).map((entry) => modifiedAt(join(path, entry))),
  );
  return times.reduce<number>((newest, at) => Math.max(newest, at ?? 0), 0);
}

async function modifiedAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
