import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type net from 'node:net';
import { join } from 'node:path';
import { systemTime } from '../../domain/index.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../storage/index.ts';
import type { Disk } from './power/disk.ts';
import { preloadedPackage } from './power/preloaded-package.ts';

/** The database of an installation: one server, or two of which one takes writes. */
export interface PostgresHome {
  start(): Promise<void>;
  /** Who takes writes now. */
  readonly primary: string;
  /** `name:password` of the role that Isotherm has there; none: `isotherm`, who needs no password. */
  readonly account?: string;
  /** Where a link to a server leads. */
  address(server: string): net.NetConnectOpts;
  /** Of a server, all its processes. */
  pids(server: string): number[];
  /** SIGKILL of the server; resolves when what is done about it has been done. */
  kill(server: string): Promise<void>;
  /** The same, and while none of its processes is there its disk loses power. */
  losePower?(server: string, disk: () => void | Promise<void>): Promise<void>;
  /**
   * SIGSTOP of the primary until another has taken its place and `forMs` are over; then it goes on for a moment as what it was.
   * @returns what came of it
   */
  standStill?(server: string, forMs: number): Promise<string>;
  stop(): Promise<void>;
}

/** The embedded one, which is started again by who started it. */
export class PostgresAlone implements PostgresHome {
  readonly primary = 'postgres';
  readonly #dataDir: string;
  readonly #disk: Disk | null;
  #server: EmbeddedPostgres | undefined;

  /** @param disk what it writes to, where that can lose power */
  constructor(dataDir: string, disk: Disk | null) {
    this.#dataDir = dataDir;
    this.#disk = disk;
  }

  async start(): Promise<void> {
    const packageDir =
      this.#disk === null
        ? null
        : preloadedPackage(`${this.#dataDir}-package`, { env: this.#disk.env, waitsFor: this.#noPower });
    const options = { dataDir: this.#dataDir, time: systemTime, ...(packageDir !== null && { packageDir }) };
    this.#server = await startEmbeddedPostgres(options);
  }

  address(): net.IpcNetConnectOpts {
    return { path: join(new URL(this.#server?.url ?? '').searchParams.get('host') ?? '', '.s.PGSQL.5432') };
  }

  pids(): number[] {
    const pid = this.#server?.pid;
    return pid === undefined ? [] : [pid, ...childrenOf(pid)];
  }

  kill(): Promise<void> {
    const pid = this.#server?.pid;
    if (pid !== undefined) signal([pid], 'SIGKILL');
    return Promise.resolve();
  }

  /** It is started again by itself, and begins when there is power. */
  async losePower(_server: string, disk: () => void | Promise<void>): Promise<void> {
    writeFileSync(this.#noPower, '');
    try {
      const pid = this.#server?.pid;
      if (pid !== undefined) await endAll(pid);
      await disk();
    } finally {
      rmSync(this.#noPower);
    }
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  get #noPower(): string {
    return `${this.#dataDir}-no-power`;
  }
}

const LOOK_MS = 5;

/** SIGKILL of a process and its children; none of them writes any more when this resolves. */
export async function endAll(pid: number): Promise<void> {
  // So that it has no more of them meanwhile.
  signal([pid], 'SIGSTOP');
  const all = [pid, ...childrenOf(pid)];
  signal(all, 'SIGKILL');
  while (all.some((one) => !['ended', 'Z', 'X'].includes(stateOf(one)))) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** proc_pid_stat(5). */
export function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return 'ended';
  }
}

/** proc_pid_children(5). */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

export function signal(pids: readonly number[], which: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, which);
    } catch {
      // It has ended meanwhile.
    }
  }
}
