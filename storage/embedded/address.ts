import { chmod, chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { DATABASE_NAME } from './cluster.ts';
import { OWNER_ROLE, PRODUCT_ROLE } from './roles.ts';

/** Part of the socket's name only: nothing listens on TCP. */
export const PORT = 5432;

export interface SocketDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

const SOCKET = `.s.PGSQL.${PORT}`;

/** sun_path holds 107 bytes and a terminating zero (unix(7)). */
const LONGEST_SOCKET_DIR = 107 - `/${SOCKET}`.length;

/** In the data directory where its path is short enough, else a short one of its own in the temporary directory. */
export async function socketDirectory(dataDir: string, account: Account | undefined): Promise<SocketDirectory> {
  const usual = join(dataDir, 'run');
  const isShort = Buffer.byteLength(usual) <= LONGEST_SOCKET_DIR;
  const path = isShort ? usual : await mkdtemp(join(tmpdir(), 'isotherm-'));
  await mkdir(path, { recursive: true });
  await chmod(path, 0o700);
  // Left by a server that was killed. Its pid may be another process's by now, and PostgreSQL would believe it.
  for (const name of [SOCKET, `${SOCKET}.lock`]) await rm(join(path, name), { force: true });
  if (account !== undefined) await chown(path, account.uid, account.gid);
  return { path, remove: async () => (isShort ? undefined : rm(path, { recursive: true, force: true })) };
}

/** @param user default: the superuser */
export function urlOf(socketDir: string, database: string, user: string = DATABASE_NAME): string {
  return `postgresql://${user}@localhost:${PORT}/${database}?host=${encodeURIComponent(socketDir)}`;
}

/** Connection strings of the installation's database. */
export interface RoleUrls {
  /** Of the role that migrates and owns what must not change. */
  readonly owner: string;
  /** Of the role that the platform runs as. */
  readonly product: string;
}

export function roleUrls(socketDir: string): RoleUrls {
  return {
    owner: urlOf(socketDir, DATABASE_NAME, OWNER_ROLE),
    product: urlOf(socketDir, DATABASE_NAME, PRODUCT_ROLE),
  };
}

/**
 * Where the server on `dataDir` answers, for a second process on this machine (administration); null where none runs.
 * From `postmaster.pid`: pid, data directory, start, port, socket directory, address, shared memory, status.
 */
export async function runningEmbeddedUrl(dataDir: string): Promise<string | null> {
  const socketDir = await runningSocketDir(dataDir);
  return socketDir === null ? null : urlOf(socketDir, DATABASE_NAME);
}

/** The same of the two roles the platform uses. */
export async function runningRoleUrls(dataDir: string): Promise<RoleUrls | null> {
  const socketDir = await runningSocketDir(dataDir);
  return socketDir === null ? null : roleUrls(socketDir);
}

async function runningSocketDir(dataDir: string): Promise<string | null> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  const [, , , , socketDir, , , status] = text.split('\n');
  return socketDir && status?.trim() === 'ready' ? socketDir : null;
}
