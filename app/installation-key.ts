import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, UnavailableError } from '../domain/index.ts';
import { InstallationKey, makeFolder, syncFolder } from '../storage/index.ts';
import { type Config, dataDir } from './config/index.ts';

export const KEY_FILE = 'installation.key';
const FORM = /^[A-Za-z0-9+/_-]{43}=?$/;

/** Where the key of this installation is; null where the configuration gives it. */
export function keyFileOf(config: Config): string | null {
  if (config.secrets.key !== null) return null;
  return join(dataDir(config, process.cwd(), process.getuid?.() === 0), KEY_FILE);
}

/**
 * The key under which secrets are kept in the database: of `secrets.key`, else of a file in the data directory, which
 * is made at the first start and readable by this account alone.
 * @throws {InputError} INSTALLATION_KEY_BAD, INSTALLATION_KEY_OPEN
 * @throws {UnavailableError} INSTALLATION_KEY_UNREADABLE
 */
export async function installationKey(config: Config): Promise<InstallationKey> {
  const file = keyFileOf(config);
  if (file === null) return keyOf(config.secrets.key ?? '', 'secrets.key');
  const found = await kept(file);
  if (found !== null) return found;
  await create(file);
  const made = await kept(file);
  if (made !== null) return made;
  throw unreadable(file, 'it was taken away as it was made');
}

/** The key as it is, made by nobody who only asks; null = none yet. */
export async function kept(file: string): Promise<InstallationKey | null> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o007) !== 0) {
      const message = `${file}: others on this machine may read it (mode ${(mode & 0o777).toString(8)}); allowed: 600, so chmod 600 it, and think whether it was read`;
      throw new InputError('INSTALLATION_KEY_OPEN', message, { file });
    }
    return keyOf((await readFile(file, 'utf8')).trim(), file);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw unreadable(file, String(code), cause);
  }
}

/** Whole or not at all, and of two processes at once by one. On the disk, under its name, before a secret is kept under it. */
async function create(file: string): Promise<void> {
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await makeFolder(join(file, '..'));
    const handle = await open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(`${randomBytes(32).toString('base64')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(fresh, file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw unreadable(file, `cannot be made (${code})`, cause);
  } finally {
    await rm(fresh, { force: true });
  }
  // Where another made it too: that one may not have come to this yet.
  await syncFolder(dirname(file)).catch((cause) => {
    throw unreadable(file, `cannot be kept (${cause.code})`, cause);
  });
}

function keyOf(text: string, where: string): InstallationKey {
  if (FORM.test(text)) return new InstallationKey(Buffer.from(text, 'base64'));
  const message = `${where}: given what is no key (not shown), allowed: 32 bytes in base64, such as openssl rand -base64 32 prints`;
  throw new InputError('INSTALLATION_KEY_BAD', message);
}

function unreadable(file: string, why: string, cause?: unknown): UnavailableError {
  return new UnavailableError(
    'INSTALLATION_KEY_UNREADABLE',
    `${file}: the key of this installation cannot be read or made (${why})`,
    { file },
    cause,
  );
}
