import { readFileSync } from 'node:fs';
import type net from 'node:net';
import { join } from 'node:path';
import { systemTime } from '../../domain/index.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../storage/index.ts';

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
  #server: EmbeddedPostgres | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async start(): Promise<void> {
    this.#server = await startEmbeddedPostgres({ dataDir: this.#dataDir, time: systemTime });
  }

  address(): net.NetConnectOpts {
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

  async stop(): Promise<void> {
    await this.#server?.stop();
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
