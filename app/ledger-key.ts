import { hkdfSync, randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, UnavailableError } from '../domain/index.ts';
import { makeFolder, SigningKey, syncFolder, VerifierKey } from '../storage/index.ts';
import { type Config, dataDir } from './config/index.ts';

export const LEDGER_KEY_FILE = 'ledger.key';

/** The keys of this installation's ledger. */
export interface LedgerKeys {
  readonly signing: SigningKey;
  /** Those that signed before, newest first. */
  readonly former: readonly VerifierKey[];
}

const SEED_BYTES = 32;

/**
 * The key that signs the ledger, from a file beside the installation key, which is made at the first start and readable by
 * this account alone: the key in its first line, verifier keys of former ones below. Where `secrets.key` is given and there is
 * no such file it follows from that: every process of an installation has the same, and keeps it though its data directory
 * is gone with its container.
 * @throws {InputError} LEDGER_KEY_BAD, LEDGER_KEY_OPEN
 * @throws {UnavailableError} LEDGER_KEY_UNREADABLE
 */
export async function ledgerKeys(config: Config): Promise<LedgerKeys> {
  const file = ledgerKeyFileOf(config);
  const found = await kept(file);
  if (found !== null) return found;
  const given = config.secrets.key;
  if (given !== null) return { signing: SigningKey.ofSeed(originOf, seedOf(given)), former: [] };
  await write(file, { signing: SigningKey.random(originOf), former: [] }, link);
  const made = await kept(file);
  if (made !== null) return made;
  throw unreadable(file, 'it was taken away as it was made');
}

/** Another one than the installation's secrets are under (RFC 5869). */
function seedOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64'), '', 'isotherm ledger', SEED_BYTES));
}

/**
 * Signs with a new key from now on.
 * @param isNewOrigin the ledger is another log from here on: what was signed before is not continued
 * @throws {InputError} LEDGER_KEY_GIVEN
 */
export async function rotateLedgerKey(config: Config, isNewOrigin: boolean): Promise<LedgerKeys> {
  const { signing, former } = await ledgerKeys(config);
  const file = ledgerKeyFileOf(config);
  if (config.secrets.key !== null && (await kept(file)) === null) {
    throw new InputError(
      'LEDGER_KEY_GIVEN',
      `the key of the ledger follows from secrets.key, so that each process has it; to change it, put a file ${LEDGER_KEY_FILE} (mode 600) into the data directory of every process (docs/ledger.md, "The key")`,
      { file },
    );
  }
  const fresh = SigningKey.random(isNewOrigin ? originOf : () => signing.name);
  const keys = { signing: fresh, former: [signing.verifier, ...former] };
  await write(file, keys, rename);
  return keys;
}

/** A name that is nobody else's, where none is given. */
function originOf(publicKey: string): string {
  return `isotherm-${publicKey.slice(0, 16)}/ledger`;
}

/** Where the key is kept. */
export function ledgerKeyFileOf(config: Config): string {
  return join(dataDir(config, process.cwd(), process.getuid?.() === 0), LEDGER_KEY_FILE);
}

async function kept(file: string): Promise<LedgerKeys | null> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o007) !== 0) {
      const message = `${file}: others on this machine may read it (mode ${(mode & 0o777).toString(8)}); allowed: 600, so chmod 600 it, and think whether it was read`;
      throw new InputError('LEDGER_KEY_OPEN', message, { file });
    }
    const [secret = '', ...former] = (await readFile(file, 'utf8')).trim().split('\n');
    return { signing: SigningKey.parse(secret), former: former.map((text) => VerifierKey.parse(text)) };
  } catch (cause) {
    if (cause instanceof InputError) {
      throw cause.code === 'LEDGER_KEY_BAD' ? new InputError(cause.code, `${file}: ${cause.message}`, { file }) : cause;
    }
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw unreadable(file, String(code), cause);
  }
}

/** Whole or not at all; by `link` of two processes at once by one. On the disk, under its name, before anything is signed with it. */
async function write(file: string, { signing, former }: LedgerKeys, put: (from: string, to: string) => Promise<void>) {
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await makeFolder(join(file, '..'));
    const handle = await open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(`${[signing.secret(), ...former].join('\n')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await put(fresh, file);
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

function unreadable(file: string, why: string, cause?: unknown): UnavailableError {
  return new UnavailableError(
    'LEDGER_KEY_UNREADABLE',
    `${file}: the key of the ledger cannot be read or made (${why})`,
    { file },
    cause,
  );
}
