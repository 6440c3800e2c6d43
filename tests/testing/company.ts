// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts } from '../../access/index.ts';
import { systemTime } from '../../domain/index.ts';
import { type Database, InstallationKey } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { type IsothermProcess, startIsotherm } from '../isotherm-process.ts';
import { freePort } from './free-port.ts';

const ROLES = ['admin', 'logistics', 'quality', 'dock'] as const;
type Role = (typeof ROLES)[number];

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
}

/** One company with the real program as a process, and a database of its own; it can be killed at any moment. */
export class Company {
  readonly name: string;
  readonly gln: string;
  readonly url: string;
  readonly database: Database;
  readonly #dataDir: string;
  readonly #tokens: ReadonlyMap<string, string>;
  #process: IsothermProcess | null = null;
  #starting: Promise<void> | null = null;

  private constructor(given: {
    name: string;
    gln: string;
    port: number;
    database: Database;
    tokens: ReadonlyMap<string, string>;
  }) {
    this.name = given.name;
    this.gln = given.gln;
    this.url = `http://127.0.0.1:${given.port}`;
    this.database = given.database;
    this.#tokens = given.tokens;
    this.#dataDir = mkdtempSync(join(tmpdir(), `isotherm-${given.name}-`));
  }

  static async start(name: string, gln: string): Promise<Company> {
    const database = await testDatabase({ maxConnections: 4 });
    const accounts = new Accounts({
      ...{ database, time: systemTime, key: InstallationKey.random() },
      passwordCost: { memoryKib: 8, passes: 1, lanes: 1 },
    });
    await accounts.users.create({ name: 'ann', role: 'admin', password: 'a long word of nobody 17' });
    const tokens = new Map<string, string>();
    for (const role of ROLES) tokens.set(role, await accounts.tokens.create({ name: `test-${role}`, role }));
    const company = new Company({ name, gln, port: await freePort(), database, tokens });
    await company.#up();
    return company;
  }

  /** SIGKILL, and up again at once; whoever asks meanwhile waits. */
  async kill(): Promise<void> {
    await this.#starting;
    await this.#process?.kill();
    await this.#up();
  }

  async stop(): Promise<void> {
    await this.#starting;
    await this.#process?.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /** @throws where nobody answers, as a caller sees it when the process is killed in the middle */
  async ask(as: Role | { readonly token: string }, method: string, path: string, body?: unknown): Promise<Answer> {
    const token = typeof as === 'string' ? this.#tokens.get(as) : as.token;
    const isText = typeof body === 'string';
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': isText ? 'application/ld+json' : 'application/json' }),
        connection: 'close',
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) : null, text };
  }

  /**
   * What a system does that wants it done: asks, and where no answer came or it was 503 looks whether it is done, and else
   * asks again.
   */
  async surely(ask: () => Promise<Answer>, isDone: () => Promise<boolean> = async () => false): Promise<Answer | null> {
    const deadline = Date.now() + 300_000;
    for (;;) {
      const answer = await ask().catch(() => null);
      if (answer !== null && answer.status < 500) return answer;
      if (Date.now() > deadline) throw new Error(`${this.name} does not answer: ${answer?.text}`);
      await this.#starting;
      if (await isDone().catch(() => false)) return null;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #up(): Promise<void> {
    this.#starting = startIsotherm({
      command: 'serve',
      dataDir: this.#dataDir,
      env: {
        DATABASE_URL: this.database.url,
        ISOTHERM_HTTP_PORT: new URL(this.url).port,
        ISOTHERM_OUTGOING_ALLOW: '["127.0.0.1"]',
      },
    }).then((process) => {
      this.#process = process;
    });
    await this.#starting;
  }
}
