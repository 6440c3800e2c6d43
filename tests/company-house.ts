import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Accounts } from '../access/index.ts';
import { systemTime } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

/** A request that came to a house, whole. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** When somebody is killed while a request is under way. */
export interface Moment {
  /** `before` it reaches the house, `during` its work there, `after` its answer was given and before it is read. */
  readonly when: 'before' | 'during' | 'after';
  /** Into the work, ms. */
  readonly delayMs: number;
  readonly kill: () => Promise<void>;
}

/**
 * A company's own installation: the real program on a database of its own, behind an address that stays while it is
 * killed and started again. Whoever is asked while it is down hears nothing.
 */
export class CompanyHouse {
  readonly name: string;
  readonly #dataDir: string;
  readonly #config: string;
  #databaseUrl = '';
  readonly #gate: Server;
  #process: IsothermProcess | null = null;
  #starting: Promise<void> = Promise.resolve();
  #token = '';
  /** Asked of every request: whether somebody is killed while it is under way. */
  watch: (exchange: Exchange) => Moment | null = () => null;
  kills = 0;

  constructor(name: string) {
    this.name = name;
    this.#dataDir = mkdtempSync(join(tmpdir(), `isotherm-company-${name}-`));
    this.#config = join(this.#dataDir, 'isotherm.yaml');
    writeFileSync(this.#config, JSON.stringify({ outgoing: { allow: ['127.0.0.1'] } }));
    // Who asked went away.
    this.#gate = createServer((asked, answer) => void this.#pass(asked, answer).catch(() => answer.destroy()));
  }

  async start(): Promise<void> {
    const database = await testDatabase({ maxConnections: 2 });
    this.#databaseUrl = database.url;
    const accounts = new Accounts({ database, time: systemTime });
    this.#token = await accounts.tokens.create({ name: 'companies', role: 'admin' });
    this.#gate.listen(0, '127.0.0.1');
    await once(this.#gate, 'listening');
    this.#starting = this.#begin();
    await this.#starting;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#gate.address() as AddressInfo).port}`;
  }

  get token(): string {
    return this.#token;
  }

  command(...args: string[]) {
    const env = { DATABASE_URL: this.#databaseUrl };
    return isotherm([...args, '--config', this.#config], { dataDir: this.#dataDir, env });
  }

  /** kill -9, and at once the next start; resolves when it is dead. */
  async kill(): Promise<void> {
    const victim = this.#process;
    if (victim === null) return;
    this.#process = null;
    this.kills += 1;
    await victim.kill();
    this.#starting = this.#begin();
  }

  /** Resolves when it is there again. */
  async back(): Promise<void> {
    await this.#starting;
  }

  async stop(): Promise<void> {
    await this.#starting;
    await this.#process?.stop();
    this.#gate.closeAllConnections();
    this.#gate.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    this.#process = await startIsotherm({
      ...{ command: 'serve', args: ['--only', 'trace,alerts', '--config', this.#config], dataDir: this.#dataDir },
      env: { DATABASE_URL: this.#databaseUrl },
    });
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = asked;
    const body = await buffer(asked);
    const moment = this.watch({ method, path, headers, body });
    if (moment?.when === 'before') await moment.kill();
    const there = this.#process;
    if (there === null) return void answer.destroy();
    const { host: _host, connection: _connection, ...kept } = headers;
    const onward = request(`${there.httpUrl}${path}`, { method, headers: { ...kept, connection: 'close' } });
    onward.on('error', () => answer.destroy());
    onward.on('response', (response) => {
      response.on('error', () => answer.destroy());
      buffer(response).then(
        async (content) => {
          if (moment?.when === 'after') {
            await moment.kill();
            return void answer.destroy();
          }
          const { 'transfer-encoding': _coding, connection: _gone, ...said } = response.headers;
          answer.writeHead(response.statusCode ?? 502, said).end(content);
        },
        () => answer.destroy(),
      );
    });
    onward.end(body);
    if (moment?.when !== 'during') return;
    await new Promise((resolve) => setTimeout(resolve, moment.delayMs));
    await moment.kill();
  }
}
