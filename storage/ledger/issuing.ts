import { DefectError, type TimeSource, UnavailableError } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { issuedText } from './issued.ts';
import { addLeaf, entryOf } from './leaves.ts';
import { Ledger, type SignedCheckpoint } from './ledger.ts';
import { proofText } from './proof-file.ts';
import type { SetLeaf } from './proof-set.ts';

const ATTEMPTS = 40;
const BETWEEN_MS = 100;

/** Facts of a document and what proves them. */
export interface ProvenFacts {
  /** The first that has all of them: the same whenever it is asked. Without cosignatures. */
  readonly signed: SignedCheckpoint;
  /** When it was signed, epoch ms UTC. */
  readonly at: number;
  /** By index; with what each is about, and the row it was written with (`evt_…`, `leaf_…`). */
  readonly leaves: readonly (SetLeaf & { readonly kind: string; readonly subject: string; readonly cause: string })[];
}

/** Which leaves: by the rows they were written with (`evt_…`, `leaf_…`), or by what they are about (`decision:C-000123/1`). */
export interface FactNames {
  readonly causes: readonly string[];
  readonly subjects: readonly string[];
}

/** Proves what goes out of the house: the facts in it, and that it was issued. */
export class LedgerIssuer {
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #place: () => Promise<number>;
  readonly #ledger: Ledger;

  /** @param options.place gives waiting leaves their places, where the sequencer is in this process */
  constructor(options: {
    readonly database: Database;
    readonly time: TimeSource;
    readonly place: () => Promise<number>;
  }) {
    this.#database = options.database;
    this.#time = options.time;
    this.#place = options.place;
    this.#ledger = new Ledger(options);
  }

  /**
   * Waits until they have their places, some seconds at most.
   * @returns null where the ledger has none of them
   * @throws {UnavailableError} LEDGER_NOT_PLACED and what placing throws
   */
  async facts(names: FactNames): Promise<ProvenFacts | null> {
    await this.#placed(names);
    const { rows } = await this.#database.query<LeafRow & { cause: string }>(
      `SELECT l.index, l.kind, l.subject, l.cause, l.sha256, coalesce(l.content, e.leaf) AS content
       FROM (SELECT unnest($1::text[]) AS cause) AS named JOIN ledger_leaves l USING (cause)
       LEFT JOIN audit_entries e ON e.id = l.cause
       UNION
       SELECT l.index, l.kind, l.subject, l.cause, l.sha256, l.content
       FROM (SELECT unnest($2::text[]) AS subject) AS named JOIN ledger_leaves l USING (subject)
       WHERE l.kind <> 'audit'
       ORDER BY 1`,
      [names.causes, names.subjects],
    );
    const last = rows.at(-1);
    if (last === undefined) return null;
    const { signed, at } = await this.#covering(last.index);
    const tree = this.#ledger.tree(signed.checkpoint.size);
    const leaves = [];
    for (const { index, kind, subject, cause, sha256, content } of rows) {
      leaves.push({
        index,
        kind,
        subject,
        cause,
        content,
        entry: entryOf(kind, sha256),
        path: await tree.inclusion(index),
      });
    }
    return { signed, at, leaves };
  }

  /**
   * Puts a document's hash in, once, and proves it.
   * @param sha256 of the document without what this gives, hex
   * @param since the checkpoint of the facts in it
   * @returns the text of `issued.json`
   * @throws {UnavailableError} LEDGER_NOT_PLACED and what placing throws
   */
  async issue(
    kind: 'report' | 'export',
    document: { readonly about: string; readonly bytes: number; readonly sha256: string },
    since: SignedCheckpoint | null,
  ): Promise<string> {
    const subject = `${kind}:${document.sha256}`;
    if ((await this.#leafOf(subject)) === null) {
      await this.#database.transaction(async (client) => {
        const { rowCount } = await client.query('SELECT FROM ledger_pending WHERE subject = $1 LIMIT 1', [subject]);
        if (rowCount === 0) await addLeaf(effectsOf(client), { kind, subject, content: document });
      });
      await this.#placed({ causes: [], subjects: [subject] });
    }
    const leaf = await this.#leafOf(subject);
    if (leaf === null) throw new DefectError('LEDGER_LEAF_LOST', `the leaf of ${subject} was placed and is not there`);
    const { index, sha256, content } = leaf;
    // The same whenever it is asked, once the witnesses have looked; never one before the facts'.
    const least = Math.max(index, (since?.checkpoint.size ?? 0) - 1);
    const cosigned = await this.#ledger.cosigned(least, 'first');
    const { checkpoint, note } = cosigned ?? (await this.#covering(least)).signed;
    const tree = this.#ledger.tree(checkpoint.size);
    const path = await tree.inclusion(index);
    const consistency = since === null ? [] : await tree.consistency(since.checkpoint.size);
    return issuedText({
      proof: proofText({ index, path, note, extra: { entry: entryOf(kind, sha256), content } }),
      earlier: since === null ? null : { checkpoint: since.note, consistency },
    });
  }

  /** The first that was signed with that leaf in it. */
  async #covering(index: number): Promise<{ signed: SignedCheckpoint; at: number }> {
    const found = await this.#ledger.covering(index);
    if (found !== null) return found;
    throw new DefectError('LEDGER_UNSIGNED', `leaf ${index} of the ledger has its place, and no checkpoint has it`);
  }

  /** The first of them: asked for twice at once, there may be two. */
  async #leafOf(subject: string): Promise<LeafRow | null> {
    const { rows } = await this.#database.query<LeafRow>(
      'SELECT index, kind, subject, sha256, content FROM ledger_leaves WHERE subject = $1 ORDER BY index LIMIT 1',
      [subject],
    );
    return rows[0] ?? null;
  }

  /** Until what is committed now has its place. @throws {UnavailableError} LEDGER_NOT_PLACED */
  async settled(): Promise<void> {
    const { rows } = await this.#database.query<{ number: number }>(
      'SELECT number FROM ledger_pending ORDER BY number DESC LIMIT 1',
    );
    if (rows[0] !== undefined)
      await this.#until('SELECT FROM ledger_pending WHERE number <= $1 LIMIT 1', [rows[0].number]);
  }

  #placed({ causes, subjects }: FactNames): Promise<void> {
    return this.#until(
      `SELECT FROM ledger_pending WHERE cause = ANY ($1) OR (subject = ANY ($2) AND kind <> 'audit') LIMIT 1`,
      [causes, subjects],
    );
  }

  /** Until no leaf that waits is found any more. */
  async #until(waiting: string, values: unknown[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { rowCount } = await this.#database.query(waiting, values);
      if (rowCount === 0) return;
      if ((await this.#place()) === 0) await this.#time.sleep('a leaf of the ledger has its place', BETWEEN_MS);
    }
    throw new UnavailableError(
      'LEDGER_NOT_PLACED',
      'the ledger has not given its leaves their places yet: ask again in a minute, and look at /readyz',
    );
  }
}

interface LeafRow {
  readonly index: number;
  readonly kind: string;
  readonly subject: string;
  readonly sha256: Buffer;
  readonly content: string | null;
}
