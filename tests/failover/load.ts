import { pause } from '../chaos/round.ts';
import { type Acknowledgement, Sender } from '../chaos/sender.ts';
import type { System } from '../chaos/system.ts';

const PACE_MS = 40;
const HOLD_PACE_MS = 50;
const ANSWERED_WITHIN_MS = 5_000;
const AGAIN_MS = 50;
const SEEN_WITHIN_MS = 60_000;
const VALUE = 5;

/** One logger that sends a reading each 40 ms, and one person who holds that device and lets it go again, over and over. */
export class Load {
  /** Event time → value, of what was acknowledged. */
  readonly sent = new Map<number, number>();
  /** Holds that were set, by their reasons; each was released too once it is not the last. */
  readonly holds: string[] = [];
  readonly answers: Acknowledgement[] = [];
  readonly #system: System;
  readonly #logger: Sender;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();
  #sending: Promise<void>[] = [];
  #lastAnswer = '';

  static async begin(system: System, device: string): Promise<Load> {
    const password = await system.accounts.credentials.create(device);
    const load = new Load(system, new Sender(device, password, system.mqttUrl));
    load.#running = Promise.all([load.#log(), load.#hold()]);
    // Whoever waits for it hears of it; until then it is no stray.
    load.#running.catch(() => {});
    return load;
  }

  private constructor(system: System, logger: Sender) {
    this.#system = system;
    this.#logger = logger;
  }

  get device(): string {
    return this.#logger.id;
  }

  get acknowledgements(): readonly Acknowledgement[] {
    return this.#logger.acknowledgements;
  }

  /** For a report of what does not come back. */
  state(): string {
    return `${this.#logger.waiting} messages wait; last answer: ${this.#lastAnswer}`;
  }

  /** Until everything sent is acknowledged. @throws {Error} an answer that asks for no repetition */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await Promise.all(this.#sending);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#logger.stop();
  }

  async #log(): Promise<void> {
    while (!this.#isOver) {
      const time = Date.now();
      const acknowledged = this.#logger
        .send(JSON.stringify({ time, temperature: VALUE }))
        .then(() => void this.sent.set(time, VALUE));
      this.#sending.push(acknowledged);
      await pause(PACE_MS);
    }
  }

  async #hold(): Promise<void> {
    const path = `/holds/device%3A${this.device}`;
    const deadline = performance.now() + SEEN_WITHIN_MS;
    for (let n = 0; !this.#isOver; n++) {
      const reason = `complaint ${n}`;
      const madeAt = performance.now();
      // Set already: the answer of a try before did not arrive. It is no device before its first reading is in the tables.
      while ((await this.#ask('PUT', path, reason, [201, 409], n === 0 ? [404] : [])) === 404) {
        if (performance.now() > deadline) throw new Error(this.#lastAnswer);
        await pause(AGAIN_MS);
      }
      this.answers.push({ madeAt, at: performance.now() });
      this.holds.push(reason);
      await pause(HOLD_PACE_MS);
      const releasedAt = performance.now();
      await this.#ask('POST', `${path}/release`, reason, [200, 404], []);
      this.answers.push({ madeAt: releasedAt, at: performance.now() });
      await pause(HOLD_PACE_MS);
    }
  }

  /** Until it is answered by one of these. @throws {Error} by another that is no 503 */
  async #ask(
    method: 'PUT' | 'POST',
    path: string,
    reason: string,
    answered: readonly number[],
    others: readonly number[],
  ): Promise<number> {
    for (;;) {
      const { status, text } = await fetch(`http://127.0.0.1:${this.#system.link('clients>door').port}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#system.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ reason }),
        signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
      })
        .then(async (answer) => ({ status: answer.status, text: await answer.text() }))
        .catch((error: Error) => ({ status: 0, text: error.message }));
      this.#lastAnswer = `${method} ${path}: ${status} ${text}`.slice(0, 300);
      if (answered.includes(status) || others.includes(status)) return status;
      if (status !== 0 && status !== 503) throw new Error(this.#lastAnswer);
      await pause(AGAIN_MS);
    }
  }
}
