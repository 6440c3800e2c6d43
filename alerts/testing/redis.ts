// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../tests/testing/free-port.ts';

/** A real Redis of the test's own, on a free port, keeping nothing. */
export class TestRedis {
  readonly #program: string;
  #process: ChildProcess | null = null;
  #directory: string | null = null;

  /** @param program the path of redis-server */
  constructor(program: string) {
    this.#program = program;
  }

  /** @returns its URL */
  async start(): Promise<string> {
    this.#directory = await mkdtemp(join(tmpdir(), 'isotherm-redis-'));
    const port = await freePort();
    const server = spawn(
      this.#program,
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--maxmemory-policy', 'noeviction'],
      { cwd: this.#directory, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#process = server;
    for await (const line of createInterface({ input: server.stdout })) {
      if (/ready to accept connections/i.test(line)) break;
    }
    server.stdout.resume();
    return `redis://127.0.0.1:${port}`;
  }

  /** @param signal SIGKILL: it gets no chance to tidy up */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const server = this.#process;
    if (server !== null && server.exitCode === null) {
      server.kill(signal);
      await once(server, 'exit');
    }
    if (this.#directory !== null) await rm(this.#directory, { recursive: true, force: true });
  }
}
