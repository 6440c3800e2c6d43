import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TimeSource } from '../../domain/index.ts';
import { UnavailableError } from '../../domain/index.ts';
import { fromPractice, type PracticeSetting } from './practice-lines.ts';

/** A machine that is busy makes a database and plays two days in minutes, not hours. */
const START_WITHIN_MS = 5 * 60_000;
const STOP_WITHIN_MS = 20_000;
/** Of what it says on stderr, kept for the reason why it ended. */
const MOST_SAID = 4_000;

export interface PracticeProcessOptions {
  /** `isotherm.js`, of the sources or built. */
  readonly program: string;
  readonly setting: PracticeSetting;
  /** All that it sees of the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly time: TimeSource;
  readonly onStep: (step: string) => void;
}

/** The practice site as a process of its own: what happens in it, also its death, is not the real site's. */
export class PracticeProcess {
  readonly #child: ChildProcess;
  readonly #time: TimeSource;
  readonly #port: Promise<number>;
  #said = '';

  constructor({ program, setting, env, time, onStep }: PracticeProcessOptions) {
    this.#time = time;
    this.#child = spawn(process.execPath, [program, 'practice'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env,
    });
    const { stdin, stdout, stderr } = this.#child;
    // It may be gone before it has read.
    stdin?.on('error', () => {});
    stdin?.write(`${JSON.stringify(setting)}\n`);
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-MOST_SAID);
    });
    this.#port = new Promise<number>((resolve, reject) => {
      if (stdout !== null)
        createInterface({ input: stdout }).on('line', (line) => {
          const said = fromPractice.parse(JSON.parse(line));
          if ('port' in said) resolve(said.port);
          else onStep(said.step);
        });
      this.#child.once('error', (cause) => reject(notStarted(cause.message)));
      this.#child.once('exit', () => reject(notStarted(this.#reason())));
    });
    // Whoever waits for it hears of it.
    this.#port.catch(() => {});
  }

  /** Calls back when it is gone, however; at once where it is. */
  onEnd(ended: () => void): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) ended();
    else this.#child.once('exit', ended);
  }

  /** Where it listens on loopback. @throws {UnavailableError} PRACTICE_NOT_STARTED */
  async port(): Promise<number> {
    const patience = this.#time.after('practice start', START_WITHIN_MS, () => this.#child.kill('SIGKILL'));
    try {
      return await this.#port;
    } finally {
      patience.cancel();
    }
  }

  /** Ends it, and its data with it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    const gone = once(this.#child, 'exit');
    this.#child.stdin?.end();
    const patience = this.#time.after('practice stop', STOP_WITHIN_MS, () => this.#child.kill('SIGKILL'));
    await gone;
    patience.cancel();
  }

  #reason(): string {
    const last = this.#said.trim().split('\n').at(-1) ?? '';
    return last.replace(/^isotherm: /, '').slice(0, 300) || 'it ended without a word';
  }
}

function notStarted(why: string): UnavailableError {
  return new UnavailableError('PRACTICE_NOT_STARTED', `the practice site was not started: ${why}`);
}
