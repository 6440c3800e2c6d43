import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { systemPart } from './parts.ts';
import { freePort } from './testing/free-port.ts';

/** Debian's Mosquitto as a broker of its own, on loopback, with what docs/mqtt-broker.md says it needs. */
export class MosquittoBroker {
  readonly url: string;
  readonly #program: string;
  readonly #folder: string;
  readonly #config: string;
  #child: ChildProcess | null = null;

  private constructor(program: string, folder: string, port: number) {
    this.#program = program;
    this.#folder = folder;
    this.#config = join(folder, 'mosquitto.conf');
    this.url = `mqtt://127.0.0.1:${port}`;
  }

  /** Null, with the reason said, where Mosquitto is not installed. @param lines more of mosquitto.conf(5) */
  static async start(lines: readonly string[] = []): Promise<MosquittoBroker | null> {
    const program = systemPart('mosquitto');
    if (program === null) return null;
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-mosquitto-'));
    const port = await freePort();
    const broker = new MosquittoBroker(program, folder, port);
    const own = process.getuid?.() === 0 ? ['user root'] : [];
    const settings = [
      ...[`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'max_inflight_messages 0', 'max_queued_messages 0'],
      ...['persistence true', `persistence_location ${folder}/`, 'autosave_on_changes true', 'autosave_interval 1'],
      ...own,
      ...lines,
    ];
    writeFileSync(broker.#config, `${settings.join('\n')}\n`);
    await broker.restart();
    return broker;
  }

  /** Starts it with what it has kept, and waits until it answers. */
  async restart(): Promise<void> {
    this.#child = spawn(this.#program, ['-c', this.#config], { stdio: 'ignore', cwd: this.#folder });
    for (let tries = 0; tries < 200; tries++) {
      try {
        const client = await connectAsync(this.url, { reconnectPeriod: 0, connectTimeout: 2_000 });
        await client.endAsync(true);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new Error('mosquitto does not answer');
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
