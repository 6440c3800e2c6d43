import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type net from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A Redis whose every answer is on the disk (`appendfsync always`), so that a kill costs it nothing. */
export class RedisAlone {
  readonly #program: string;
  readonly #directory: string;
  #process: ChildProcess | null = null;
  #isStopped = false;

  /** @param program redis-server */
  constructor(program: string, directory: string) {
    this.#program = program;
    this.#directory = directory;
    mkdirSync(directory);
  }

  get #socket(): string {
    return join(this.#directory, 'redis.sock');
  }

  /** Where a link to it leads. */
  get address(): net.NetConnectOpts {
    return { path: this.#socket };
  }

  get pids(): number[] {
    return [this.#process?.pid ?? []].flat();
  }

  /** Resolves once it has read what it kept. @throws {Error} it does not start */
  async start(): Promise<void> {
    const settings = {
      ...{ port: '0', unixsocket: this.#socket, dir: this.#directory, save: '' },
      ...{ appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' },
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const server = spawn(this.#program, args, { cwd: this.#directory, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = server;
    let isReady = false;
    for await (const line of createInterface({ input: server.stdout })) {
      isReady = /ready to accept connections/i.test(line);
      if (isReady) break;
    }
    if (!isReady) throw new Error('redis-server does not start');
    server.stdout.resume();
  }

  /** SIGKILL, and it is started again. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
    if (!this.#isStopped) await this.start();
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#end('SIGTERM');
  }

  async #end(by: NodeJS.Signals): Promise<void> {
    const server = this.#process;
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(by);
    await ended;
  }
}
