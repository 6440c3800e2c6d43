import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { PracticeTickets } from '../../access/index.ts';
import type { PracticeSource } from '../../dashboards/index.ts';
import { ConflictError, type Logger, type PracticeRole, type TimeSource } from '../../domain/index.ts';
import { PracticeDoor, type PracticeDoorOptions } from './practice-door.ts';
import type { PracticeSetting } from './practice-lines.ts';
import { PracticeProcess } from './practice-process.ts';

export interface PracticeSiteOptions
  extends Pick<PracticeSetting, 'dataDir' | 'url'>,
    Pick<PracticeDoorOptions, 'host' | 'port' | 'connections'> {
  /** The real site. */
  readonly home: () => PracticeSetting['home'];
  /** Of the real site's web server, as it is when somebody connects; null: no TLS. */
  readonly tls: () => PracticeDoorOptions['tls'];
  /** What it starts; without it the sources beside this file. */
  readonly program?: string | null;
  /** All that the practice process sees of the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly time: TimeSource;
  readonly logger: Logger;
}

interface Running {
  readonly process: PracticeProcess;
  readonly door: PracticeDoor;
  readonly tickets: PracticeTickets;
  readonly port: number;
  readonly people: Set<string>;
}

const SOURCES = fileURLToPath(new URL('../isotherm.js', import.meta.url));
/** Without a request this long nobody practises any more: an open page asks now and then. */
const IDLE_MS = 60 * 60_000;
const LOOK_EVERY_MS = 60_000;

/** The practice site beside the real one: at most one, started when somebody wants it, ended when nobody does. */
export class PracticeSite implements PracticeSource {
  readonly #options: PracticeSiteOptions;
  #state: PracticeSource['state']['state'] = 'off';
  #detail: string | null = null;
  #running: Running | null = null;
  #usedAt = 0;
  /** One thing after another: a start does not run into an end. */
  #turn: Promise<void> = Promise.resolve();
  #wish = 0;

  constructor(options: PracticeSiteOptions) {
    this.#options = options;
  }

  /** Looks now and then whether anybody still practises, until what it returns is called. */
  watch(): () => void {
    const { time } = this.#options;
    const timer = time.every('practice idle', LOOK_EVERY_MS, () => {
      if (this.#state === 'on' && time.monotonic() - this.#usedAt > IDLE_MS) void this.end();
    });
    return () => timer.cancel();
  }

  get state() {
    return { state: this.#state, detail: this.#detail, people: this.#running?.people.size ?? 0 };
  }

  othersThan(name: string): number {
    const people = this.#running?.people;
    return people === undefined ? 0 : people.size - (people.has(name) ? 1 : 0);
  }

  begin(isAnew: boolean): void {
    const isThere = this.#state === 'on' || this.#state === 'starting';
    if (isThere && !isAnew) return;
    const wish = ++this.#wish;
    this.#state = 'starting';
    this.#detail = null;
    this.#turn = this.#turn.then(async () => {
      await this.#stop();
      if (wish === this.#wish) await this.#start(wish);
    });
  }

  async end(): Promise<void> {
    const wish = ++this.#wish;
    if (this.#state !== 'off') this.#state = 'stopping';
    this.#turn = this.#turn.then(() => this.#stop());
    await this.#turn;
    // Somebody may have wished for it again meanwhile.
    if (wish !== this.#wish) return;
    this.#state = 'off';
    this.#detail = null;
  }

  enter(name: string, role: PracticeRole) {
    const { url } = this.#options;
    if (this.#state !== 'on' || this.#running === null)
      throw new ConflictError('PRACTICE_NOT_ON', 'the practice site does not run; start it first', this.state);
    const { tickets, port, people } = this.#running;
    people.add(name);
    return { ticket: tickets.issue({ name, role }), url, port };
  }

  async #start(wish: number): Promise<void> {
    const { connections, dataDir, home, url, env, time, host, port, tls, logger } = this.#options;
    const key = PracticeTickets.newKey();
    const onStep = (step: string) => {
      if (wish === this.#wish && this.#state === 'starting') this.#detail = step;
    };
    const setting = {
      ...{ dataDir, home: home(), url, logLevel: 'error' as const },
      key: key.toString('base64'),
      password: newPassword(),
    };
    const program = this.#options.program ?? SOURCES;
    const process = new PracticeProcess({ program, setting, env, time, onStep });
    try {
      const target = await process.port();
      const onUse = () => {
        this.#usedAt = time.monotonic();
      };
      onUse();
      const door = new PracticeDoor({ connections, host, port, target, tls: tls(), onUse });
      const opened = await door.open();
      const running = {
        process,
        door,
        tickets: new PracticeTickets({ key, time }),
        port: opened,
        people: new Set<string>(),
      };
      this.#running = running;
      process.onEnd(() => this.#ended(running));
      if (wish !== this.#wish) return;
      this.#state = 'on';
      this.#detail = null;
    } catch (error) {
      await process.stop();
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ reason }, 'the practice site was not started');
      if (wish !== this.#wish) return;
      this.#state = 'failed';
      this.#detail = reason;
    }
  }

  /** It ended by itself. */
  #ended(running: Running): void {
    if (this.#running !== running) return;
    this.#running = null;
    void running.door.close();
    this.#state = 'failed';
    this.#detail = 'it ended by itself; start it again';
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.door.close();
    await running?.process.stop();
  }

  /** The certificate was renewed. */
  present(tls: { readonly cert: Buffer; readonly key: Buffer }): void {
    this.#running?.door.present(tls);
  }
}

/** To be read off the page and typed where something is signed; no secret of anything that is real. */
function newPassword(): string {
  return `practise-${randomInt(100_000, 1_000_000)}`;
}
