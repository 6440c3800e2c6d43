import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { UnavailableError } from '../../domain/index.ts';

/** Who a process of the server runs as. Undefined: as whoever runs Isotherm. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The uid the server gets when Isotherm is root and the data directory belongs to nobody else yet. PostgreSQL refuses
 * to run as root. 60578..61183 is in use by no distribution and by no range of systemd (uids-gids, "Special
 * distribution UID ranges"), so nothing else on the machine runs under it; the server does not need it to have a name.
 */
const SERVER_UID = 61018;

/** As root: the data directory's owner where that is not root, else {@link SERVER_UID}. Not as root: undefined. */
export async function serverAccount(clusterDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(clusterDir).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return { uid: SERVER_UID, gid: SERVER_UID };
}

/** How to run a program that insists on a named user. */
export interface NamedRun {
  readonly account: Account | undefined;
  /** Put in front of the command line. */
  readonly prefix: readonly string[];
  /** For the message where it fails. */
  readonly as: string;
}

/**
 * `initdb`, unlike the server, asks for the name of its uid and gives up where there is none. As root it runs as any
 * named account (the cluster is handed to the server's uid afterwards); an unnamed user (`docker run --user 1234`)
 * borrows a name in a user namespace of its own.
 *
 * @throws {UnavailableError} POSTGRES_NO_ACCOUNT if the machine has no account but root
 */
export async function namedRun(server: Account | undefined): Promise<NamedRun> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && hasName()) return { account: undefined, prefix: [], as: 'this user' };
  const named = await namedAccount();
  if (named === null) {
    throw new UnavailableError(
      'POSTGRES_NO_ACCOUNT',
      'cannot set up the embedded PostgreSQL: /etc/passwd names no account but root; add one or set DATABASE_URL',
    );
  }
  // With the server's group, which is what lets it into the data directory.
  if (isRoot) {
    const account = { uid: named.uid, gid: server?.gid ?? named.gid };
    return { account, prefix: [], as: `uid ${account.uid}, since it refuses to be root` };
  }
  return {
    account: undefined,
    prefix: ['unshare', '--user', `--map-user=${named.uid}`, `--map-group=${named.gid}`],
    as: `this user, whom /etc/passwd does not name, under a borrowed name`,
  };
}

/** What a path's last part must allow; the directories above it must let pass. */
export const READ = 4;
export const PASS = 1;

/** The first part of `path` that keeps `account` from what it `needs` there, or null. Undefined, ourselves: never kept. */
export async function barrier(account: Account | undefined, path: string, needs: number): Promise<string | null> {
  if (account === undefined) return null;
  const parts: string[] = [];
  for (let at = resolve(path); parts[0] !== at; at = dirname(at)) parts.unshift(at);
  for (const part of parts) {
    const entry = await stat(part);
    const shift = entry.uid === account.uid ? 6 : entry.gid === account.gid ? 3 : 0;
    const needed = part === parts.at(-1) ? needs : PASS;
    if (((entry.mode >> shift) & needed) !== needed) return part;
  }
  return null;
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

async function namedAccount(): Promise<Account | null> {
  const accounts: Account[] = [];
  for (const line of (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (uid === undefined || gid === undefined || !/^\d+$/.test(uid) || !/^\d+$/.test(gid) || uid === '0') continue;
    const account = { uid: Number(uid), gid: Number(gid) };
    if (name === 'nobody') return account;
    accounts.push(account);
  }
  return accounts[0] ?? null;
}
