import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, UnavailableError } from '../domain/index.ts';

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
/** Not known to git, and on the same disk as `dist`. */
const WORK = join(WEB, '.cache');

/**
 * The built page's directory, built first where it is missing or older than what it is made of: nobody has to know that
 * there is a build. Where the sources are not (an image has the page alone) it is as it is.
 */
export async function ensurePage({ logger }: { logger: Logger }): Promise<string> {
  const builtAt = await modifiedAt(join(DIST, 'index.html'));
  if (builtAt !== null && (await modifiedAt(join(WEB, 'src'))) === null) return DIST;
  const changedAt = Math.max(...(await Promise.all(SOURCES.map(newestIn))));
  if (builtAt === null || builtAt < changedAt) await buildPage({ logger });
  return DIST;
}

/** Builds the page beside the one that is served, then puts it in its place. @returns its directory */
export async function buildPage({ logger }: { logger: Logger }): Promise<string> {
  await mkdir(WORK, { recursive: true });
  const work = await mkdtemp(join(WORK, 'page-'));
  const fresh = join(work, 'fresh');
  await runVite(['build', WEB, '--outDir', fresh, '--emptyOutDir', '--logLevel', 'error']);
  await exchange(fresh, join(work, 'old'));
  await rm(work, { recursive: true });
  logger.info({ directory: DIST }, 'built the page');
  return DIST;
}

/**
 * In a process of its own: a build leaves a server nothing to carry, and takes React's production build whatever
 * NODE_ENV the server was started with.
 *
 * @throws {UnavailableError} PAGE_BUILD_FAILED
 */
async function runVite(parameters: readonly string[]): Promise<void> {
  const require = createRequire(import.meta.url);
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, ...parameters], {
    cwd: WEB,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const reason = complaint.trim() === '' ? `exit ${code ?? 'by a signal'}` : complaint.trim();
  throw new UnavailableError('PAGE_BUILD_FAILED', `the page could not be built: ${reason}`);
}

/** Somebody else may build at the same time; whoever comes second keeps the first one's, made of the same sources. */
async function exchange(fresh: string, old: string): Promise<void> {
  try {
    if ((await modifiedAt(DIST)) !== null) await rename(DIST, old);
    await rename(fresh, DIST);
  } catch (error) {
    if ((await modifiedAt(join(DIST, 'index.html'))) === null) throw error;
  }
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
