import type { CredentialKind, Logger, SpeaksFor, SpeaksForAnswer, TimeSource } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import type { Revocations } from './revocations.ts';

type State = 'confirmed' | 'refused' | 'waiting';

interface Known {
  kind: CredentialKind | null;
  readonly sources: Map<string, State>;
}

export interface SpokenForOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly revocations: Revocations;
  readonly logger: Logger;
}

const AT_ONCE = 10_000;
/** Sources of one credential that wait for a person; further ones wait too, but are not listed. */
const MOST_WAITING = 1_000;

/**
 * Who speaks for whom, in memory: all credentials and their lists, kept as the tables have them.
 *
 * A `gateway` or `service` speaks for what is on its list; what it brings for the first time waits for a person. A
 * `device` speaks for itself. A credential without a kind, as all were before there were kinds, is taken at its word for
 * sources that nobody else speaks for, until it sends readings of its own: then it is a device.
 */
export class SpokenFor implements SpeaksFor {
  readonly #options: SpokenForOptions;
  readonly #known = new Map<string, Known>();
  /** By source: who speaks for it, confirmed. */
  readonly #speakers = new Map<string, Set<string>>();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: SpokenForOptions) {
    this.#options = options;
    options.revocations.onChange((grant) => {
      const [what, ...id] = grant.split(':');
      if (what === 'credential' || what === 'sources') this.#write(() => this.#reload([id.join(':')]));
    });
  }

  /** Reads everything once. */
  async start(): Promise<void> {
    for (let after = ''; ; ) {
      const { rows } = await this.#options.database.query<{ id: string }>(
        `SELECT id FROM credentials WHERE id > $1 ORDER BY id LIMIT ${AT_ONCE}`,
        [after],
      );
      await this.#reload(rows.map(({ id }) => id));
      after = rows.at(-1)?.id ?? after;
      if (rows.length < AT_ONCE) return;
    }
  }

  /** Whoever has just signed in is known, with what was changed before that: credentials may be a moment old. */
  async know(credential: string): Promise<void> {
    await this.#writing;
    if (!this.#known.has(credential)) await this.#reload([credential]);
  }

  /** Whether it has credentials. */
  knows(credential: string): boolean {
    return this.#known.has(credential);
  }

  /** What is being written is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  speaksFor(credential: string, source: string): SpeaksForAnswer {
    if (source === credential) return 'yes';
    const known = this.#known.get(credential);
    const state = known?.sources.get(source);
    if (state === 'confirmed') return 'yes';
    if (known === undefined || state === 'refused' || known.kind === 'device' || this.#known.has(source)) return 'no';
    if (state === 'waiting') return 'waiting';
    // The second probe of a device is `device.2`.
    if (source.startsWith(`${credential}.`)) return 'yes';
    if (known.kind !== null) {
      this.#note(credential, known, source, 'waiting');
      return 'waiting';
    }
    if (this.#speakers.has(source)) return 'no';
    this.#note(credential, known, source, 'confirmed');
    return 'yes';
  }

  /** A reading of its own on a topic of its own: a credential without a kind is a device's from now on. */
  heardOwn(credential: string): void {
    const known = this.#known.get(credential);
    if (known === undefined || known.kind !== null || known.sources.size > 0) return;
    known.kind = 'device';
    this.#write(() =>
      this.#options.database.query("UPDATE credentials SET kind = 'device' WHERE id = $1 AND kind IS NULL", [
        credential,
      ]),
    );
  }

  #note(credential: string, known: Known, source: string, state: State): void {
    if (state === 'waiting' && known.sources.size >= MOST_WAITING) return;
    known.sources.set(source, state);
    if (state === 'confirmed') this.#speak(source, credential);
    const now = timestamp(this.#options.time.now());
    this.#write(() =>
      this.#options.database.query(
        `INSERT INTO credential_sources (credential, source, state, first_seen_at, decided_at, decided_by)
         SELECT id, $2, $3, $4, CASE $3 WHEN 'confirmed' THEN $4::timestamptz END, CASE $3 WHEN 'confirmed' THEN 'first use' END
         FROM credentials WHERE id = $1 ON CONFLICT DO NOTHING`,
        [credential, source, state, now],
      ),
    );
  }

  #speak(source: string, credential: string): void {
    this.#speakers.set(source, (this.#speakers.get(source) ?? new Set()).add(credential));
  }

  /** One after another, in the order they were asked for. What fails is in memory all the same, and is read anew later. */
  #write(run: () => Promise<unknown>): void {
    this.#writing = this.#writing
      .then(run)
      .catch((error) => this.#options.logger.warn({ error }, 'could not keep who speaks for whom'));
  }

  async #reload(ids: readonly string[]): Promise<void> {
    const { database } = this.#options;
    const { rows } = await database.query<{ id: string; kind: CredentialKind | null }>(
      'SELECT id, kind FROM credentials WHERE id = ANY ($1)',
      [ids],
    );
    const { rows: sources } = await database.query<{ credential: string; source: string; state: State }>(
      'SELECT credential, source, state FROM credential_sources WHERE credential = ANY ($1)',
      [ids],
    );
    for (const id of ids) this.#forget(id);
    for (const { id, kind } of rows) this.#known.set(id, { kind, sources: new Map() });
    for (const { credential, source, state } of sources) {
      this.#known.get(credential)?.sources.set(source, state);
      if (state === 'confirmed') this.#speak(source, credential);
    }
  }

  #forget(id: string): void {
    for (const source of this.#known.get(id)?.sources.keys() ?? []) {
      const speakers = this.#speakers.get(source);
      speakers?.delete(id);
      if (speakers?.size === 0) this.#speakers.delete(source);
    }
    this.#known.delete(id);
  }
}
