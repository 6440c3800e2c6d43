import { ConflictError, type Timer, type TimeSource, UnavailableError } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { Ledger } from './ledger.ts';
import { parseNote, signersOf, type VerifierKey } from './note.ts';

/** Often enough that a proof made a minute later is cosigned. */
const EVERY_MS = 10_000;
const PATIENCE_MS = 10_000;
const MOST_BYTES = 65_536;

export interface WitnessAt {
  /** Submission prefix: `add-checkpoint` is asked below it. */
  readonly url: string;
  readonly key: VerifierKey;
}

export interface WitnessingOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly witnesses: readonly WitnessAt[];
  /** Told of each witness after each attempt; null: it went well. */
  readonly onResult: (witness: WitnessAt, error: unknown) => void;
}

/** Brings the newest checkpoint to the witnesses and keeps what they cosign (C2SP tlog-witness, the log's side). */
export class Witnessing {
  readonly #options: WitnessingOptions;
  readonly #ledger: Ledger;
  readonly #ending = new AbortController();
  /** Witnesses that have been asked since the start: what they have seen may be more than this database knows. */
  readonly #asked = new Set<string>();
  #timer: Timer | null = null;
  #run: Promise<unknown> | null = null;

  constructor(options: WitnessingOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options);
  }

  start(): void {
    this.#timer = this.#options.time.every('ledger: ask witnesses', EVERY_MS, () => {
      this.#run ??= this.askAll().finally(() => {
        this.#run = null;
      });
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#ending.abort();
    await this.#run;
  }

  /** Each on its own: one that is away keeps no other. */
  async askAll(): Promise<void> {
    const { witnesses, onResult } = this.#options;
    await Promise.all(
      witnesses.map(async (witness) => {
        try {
          await this.#ask(witness);
          onResult(witness, null);
        } catch (error) {
          if (!this.#ending.signal.aborted) onResult(witness, error);
        }
      }),
    );
  }

  async #ask(witness: WitnessAt): Promise<void> {
    const latest = await this.#ledger.latest();
    const { rows } = await this.#options.database.query<{ size: number | null }>(
      'SELECT max(size) AS size FROM ledger_cosignatures WHERE witness = $1',
      [witness.key.toString()],
    );
    const known = rows[0]?.size ?? 0;
    const name = witness.key.toString();
    if (latest === null || (latest.checkpoint.size === known && this.#asked.has(name))) return;
    const first = await this.#post(witness, known, latest);
    const answer = first.status === 409 ? await this.#post(witness, sizeIn(witness, first.body), latest) : first;
    if (answer.status === 422)
      throw forked(
        witness,
        `it has cosigned another history than the ${latest.checkpoint.size} leaves there are: rows were changed, or another backup was put back`,
      );
    if (answer.status !== 200) throw refused(witness, `answered ${answer.status}: ${answer.body.slice(0, 200).trim()}`);
    const note = parseNote(`${parseNote(latest.note).text}\n${answer.body}`);
    if (signersOf(note, [witness.key]).length === 0) throw refused(witness, 'has not signed with its key');
    const line = note.signatures.find((signature) => witness.key.isBy(signature))?.line ?? '';
    await this.#options.database.query(
      'INSERT INTO ledger_cosignatures (witness, size, line) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [name, latest.checkpoint.size, `${line}\n`],
    );
    this.#asked.add(name);
  }

  async #post(
    witness: WitnessAt,
    old: number,
    { checkpoint: { size }, note }: NonNullable<Awaited<ReturnType<Ledger['latest']>>>,
  ): Promise<{ readonly status: number; readonly body: string }> {
    if (old > size) {
      throw forked(
        witness,
        `it has cosigned ${old} leaves, and there are ${size}: an older backup was put back, or rows were removed`,
      );
    }
    const path = await this.#ledger.tree(size).consistency(old);
    const proof = path.map((hash) => `${hash.toString('base64')}\n`).join('');
    const late = new AbortController();
    const timer = this.#options.time.after('witness answers', PATIENCE_MS, () => late.abort());
    try {
      const response = await fetch(`${witness.url.replace(/\/$/, '')}/add-checkpoint`, {
        method: 'POST',
        body: `old ${old}\n${proof}\n${note}`,
        headers: { 'Content-Type': 'text/plain; charset=utf-8' },
        redirect: 'error',
        signal: AbortSignal.any([late.signal, this.#ending.signal]),
      });
      const body = Buffer.from(await response.arrayBuffer());
      if (body.length > MOST_BYTES) throw refused(witness, 'answered with more than a signature');
      return { status: response.status, body: body.toString() };
    } catch (cause) {
      if (cause instanceof UnavailableError) throw cause;
      throw refused(witness, 'cannot be reached', cause);
    } finally {
      timer.cancel();
    }
  }
}

function sizeIn(witness: WitnessAt, body: string): number {
  if (/^(0|[1-9]\d{0,15})\n$/.test(body)) return Number(body);
  throw refused(witness, 'does not say which size it has cosigned');
}

/** Not that it is away: it knows better. */
function forked({ url }: WitnessAt, why: string): ConflictError {
  return new ConflictError('LEDGER_FORKED', `the witness at ${url} does not cosign: ${why}`, { url });
}

function refused({ url }: WitnessAt, why: string, cause?: unknown): UnavailableError {
  return new UnavailableError('LEDGER_WITNESS_FAILED', `the witness at ${url} ${why}`, { url }, cause);
}
