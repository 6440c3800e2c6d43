import type net from 'node:net';
import pg from 'pg';
import { type Logger, type Timer, type TimeSource, type Troubles, UnavailableError } from '../../domain/index.ts';
import type { ConnectionConfig, Database } from '../database.ts';
import type { ReplicaMetrics } from './metrics.ts';
import { ReplicaLag } from './replica-lag.ts';
import { reaches, sameDatabase, WHOSE } from './stand-by.ts';
import { type WalPosition, WRITTEN, type Written, writtenUntil } from './wal-position.ts';

/** As `/readyz` names it. */
export const REPLICA_PART = 'read-replica';

/** `well`: it answers questions; else the primary does. */
export type ReplicaState = 'well' | 'behind' | 'away';

const LOOK_EVERY_MS = 1_000;
/** A server that says nothing for so long is away, ms. */
export const ANSWER_MS = 1_000;
/** Looks in a row at which all was well, before questions go there again: what comes and goes is not asked. */
const GOOD_LOOKS = 3;

export interface ReplicaWatchOptions {
  readonly primary: Database;
  /** To the stand-by. */
  readonly connection: ConnectionConfig;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: ReplicaMetrics;
  readonly troubles: Troubles;
  /** How often it is looked at, ms. */
  readonly lookEveryMs?: number;
  /** How long a question waits for what the stand-by has not applied yet, ms. */
  readonly patienceMs: number;
}

/** Looks each second how far the stand-by is behind the primary, and says whether it may be asked. */
export class ReplicaWatch {
  readonly #options: ReplicaWatchOptions;
  readonly #lag: ReplicaLag;
  #state: ReplicaState = 'away';
  #good = GOOD_LOOKS - 1;
  #isTold = false;
  #whose = '';
  #client: pg.Client | null = null;
  #socket: net.Socket | null = null;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;

  constructor(options: ReplicaWatchOptions) {
    this.#options = options;
    this.#lag = new ReplicaLag(options.time);
  }

  /** The cluster and database of the primary, as it was last heard. */
  get whose(): string {
    return this.#whose;
  }

  get state(): ReplicaState {
    return this.#state;
  }

  async start(): Promise<void> {
    await this.look();
    const every = this.#options.lookEveryMs ?? LOOK_EVERY_MS;
    this.#timer = this.#options.time.every('storage: look at the read replica', every, () => void this.look());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#looking;
    this.#drop();
  }

  /** Looks now, or waits for the look under way. Never fails: what it finds is the state. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { metrics, patienceMs, primary, time } = this.#options;
    let position: WalPosition;
    try {
      [position, this.#whose] = await writtenBy(primary);
    } catch {
      // It is not known what the stand-by would have to have; whoever needs the primary says that it is away.
      return;
    }
    const mark = this.#lag.mark(position);
    try {
      const client = await this.#connected();
      const replayed = await reaches(client, { position, withinMs: patienceMs, answerMs: ANSWER_MS, time });
      this.#lag.reached(replayed);
      const seconds = this.#lag.ms() / 1_000;
      metrics.lagSeconds.set(seconds);
      if (replayed >= mark) this.#well();
      else {
        const text = `the read replica is ${seconds.toFixed(1)} s behind: the primary answers for it`;
        this.#unwell('behind', new UnavailableError('REPLICA_BEHIND', text));
      }
    } catch (error) {
      this.#drop();
      metrics.lagSeconds.set(this.#lag.ms() / 1_000);
      const text = `the read replica cannot be asked, the primary answers for it: ${(error as Error).message}`;
      this.#unwell('away', new UnavailableError('REPLICA_AWAY', text, {}));
    }
  }

  /** One connection of its own: those of questions may all be taken. */
  async #connected(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    const socket = this.#options.connection.stream();
    const client = new pg.Client({
      ...this.#options.connection,
      ...{ stream: () => socket, connectionTimeoutMillis: ANSWER_MS },
    });
    // The statement under way fails by itself, and the next look makes another.
    client.on('error', () => {});
    this.#client = client;
    this.#socket = socket;
    await client.connect();
    await sameDatabase(client, this.#whose, ANSWER_MS);
    return client;
  }

  /** At once: a server that is frozen says no goodbye. */
  #drop(): void {
    this.#socket?.destroy();
    this.#client = null;
    this.#socket = null;
  }

  #well(): void {
    this.#good++;
    if (this.#state === 'well' || this.#good < GOOD_LOOKS) return;
    this.#state = 'well';
    this.#options.troubles.passed(REPLICA_PART);
    this.#options.logger.info({}, 'the read replica answers questions');
  }

  #unwell(state: ReplicaState, error: UnavailableError): void {
    const { logger, time, troubles } = this.#options;
    this.#good = 0;
    // The text says how far it is behind, and goes with it.
    troubles.failed(REPLICA_PART, error, time.now());
    if (this.#state === state && this.#isTold) return;
    this.#state = state;
    this.#isTold = true;
    logger.warn({ error }, 'the read replica is not asked; the primary answers');
  }
}

/** Until where the primary has written, and which database it is. @throws {UnavailableError} DATABASE_UNAVAILABLE */
async function writtenBy(primary: Database): Promise<[WalPosition, string]> {
  const { rows } = await primary.query<Written & { whose: string }>(`${WRITTEN}, ${WHOSE}`);
  const [row] = rows;
  if (row === undefined) throw new UnavailableError('DATABASE_UNAVAILABLE', 'the primary does not say where it is');
  return [writtenUntil(row), row.whose];
}
