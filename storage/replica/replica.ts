import type pg from 'pg';
import { type Counter, type Logger, type TimeSource, type Troubles, UnavailableError } from '../../domain/index.ts';
import { type Database, questionsTo, type ReadDatabase } from '../database.ts';
import { isConflict } from '../failure.ts';
import type { ReplicaMetrics } from './metrics.ts';
import { ANSWER_MS, ReplicaWatch } from './replica-watch.ts';
import { reaches, sameDatabase } from './stand-by.ts';
import { type WalPosition, WRITTEN, type Written, writtenUntil } from './wal-position.ts';

export interface ReplicaOptions {
  readonly primary: Database;
  /** Of the stand-by; several hosts: of whichever of them is one. */
  readonly url: string;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: ReplicaMetrics;
  readonly troubles: Troubles;
  /** How often it is looked at, ms. Default a second. */
  readonly lookEveryMs?: number;
  /** How long a question waits for what the stand-by has not applied yet; then the primary is asked, ms. Default 250. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 250;

const MOST_CONNECTIONS = 8;

type Answered = 'replica' | 'behind' | 'away' | 'conflict' | 'refused';

/**
 * Questions that change nothing, answered by a stand-by of PostgreSQL that has applied everything the primary had written when
 * the question was asked: whoever has just changed something, through whichever process, finds it. What it cannot answer, or
 * not soon, the primary does.
 */
export class Replica implements ReadDatabase {
  readonly #options: ReplicaOptions;
  readonly #standby: Database;
  readonly #watch: ReplicaWatch;
  readonly #questions: Counter;
  /** Connections that have shown whose they are. */
  readonly #known = new WeakSet<pg.ClientBase>();

  constructor(options: ReplicaOptions) {
    const { primary, url, time, logger, metrics } = options;
    this.#options = options;
    const standby = questionsTo(
      { url, time, logger, maxConnections: MOST_CONNECTIONS, connectTimeoutMs: ANSWER_MS },
      primary.schema,
    );
    this.#standby = standby;
    this.#watch = new ReplicaWatch({ patienceMs: PATIENCE_MS, ...options, connection: standby.connection });
    this.#questions = metrics.questions;
  }

  /** Looks whether it may be asked; one that is away is no reason to wait. */
  start(): Promise<void> {
    return this.#watch.start();
  }

  async stop(): Promise<void> {
    await this.#watch.stop();
    // A server that is frozen says no goodbye.
    const isClosed = new AbortController();
    const patience = this.#options.time.sleep('the read replica closes', ANSWER_MS, isClosed.signal).catch(() => {});
    await Promise.race([patience, this.#standby.close()]);
    isClosed.abort();
  }

  query<Row extends pg.QueryResultRow>(
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<pg.QueryResult<Row>> {
    return this.read((client) => client.query<Row>(text, [...parameters]));
  }

  async read<T>(ask: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const { primary } = this.#options;
    const { state } = this.#watch;
    if (state !== 'well') return this.#byPrimary(state, ask);
    const { rows } = await primary.query<Written>(WRITTEN);
    const [written] = rows;
    if (written === undefined) return this.#byPrimary('refused', ask);
    const answer = await this.#standby
      .read((client) => this.#whenReached(client, writtenUntil(written), ask))
      .catch((error: unknown): Missing => {
        this.#options.logger.debug({ error }, 'the primary answers for the read replica');
        return { why: reasonOf(error) };
      });
    if ('given' in answer) {
      this.#questions.add(1, { answer: 'replica' satisfies Answered });
      return answer.given;
    }
    if (answer.why === 'away' || answer.why === 'behind') void this.#watch.look();
    // What is wrong with the question itself, the primary says as well.
    return this.#byPrimary(answer.why, ask);
  }

  #byPrimary<T>(answer: Answered, ask: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    this.#questions.add(1, { answer });
    return this.#options.primary.read(ask);
  }

  /** On the connection of the question: another may lead to another stand-by. */
  async #whenReached<T>(
    client: pg.ClientBase,
    position: WalPosition,
    ask: (client: pg.ClientBase) => Promise<T>,
  ): Promise<{ readonly given: T } | Missing> {
    const { time, patienceMs = PATIENCE_MS } = this.#options;
    if (!this.#known.has(client)) {
      await sameDatabase(client, this.#watch.whose, ANSWER_MS);
      this.#known.add(client);
    }
    const replayed = await reaches(client, { position, withinMs: patienceMs, answerMs: ANSWER_MS, time });
    return replayed < position ? { why: 'behind' } : { given: await ask(client) };
  }
}

/** No answer of the stand-by, and why. */
interface Missing {
  readonly why: Answered;
}

function reasonOf(error: unknown): Answered {
  if (error instanceof UnavailableError) return 'away';
  return isConflict(error) ? 'conflict' : 'refused';
}
