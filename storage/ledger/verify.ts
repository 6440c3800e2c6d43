import { CHAIN_START, chainHash, type SegmentStatement } from '../archive/segment.ts';
import { sha256 as hashOf } from '../audit/leaf.ts';
import type { Database } from '../database.ts';
import type { Queryable } from '../log/queryable.ts';
import { CAUSES, SIGNED_WITHOUT_LEAF, STATED_WITHOUT_LEAF } from './causes.ts';
import { type Checkpoint, checkpointText, parseCheckpoint } from './checkpoint.ts';
import { entryOf } from './leaves.ts';
import { leafHash } from './merkle.ts';
import { signersOf, VerifierKey } from './note.ts';
import { KEY_SUBJECT, keyIn } from './sequencer.ts';
import { type Tile, TreeEdge } from './tiles.ts';

const LEAVES_AT_ONCE = 5_000;
const CHECKPOINTS_AT_ONCE = 1_000;
/** Faults that are written out; more only make the list longer. */
const MOST_FAULTS = 1_000;
const SEGMENT = 'archive-segment';
/** Of a row whose own hash is not that of what it says: that of no leaf. */
const NO_HASH = Buffer.alloc(32);
const UNKNOWN_KEY = 'it is signed by no key of this installation';

/** Something of the ledger, or of what is under it, that is not what was signed. */
export interface LedgerFault {
  /** `leaf 812`, `tile 0/3`, `checkpoint 900`, `evt_…`, `archive-segment:4`, `the ledger`. */
  readonly what: string;
  readonly fault: string;
}

export interface LedgerVerdict {
  readonly leaves: number;
  /** Committed and without a place yet. */
  readonly waiting: number;
  readonly checkpoints: number;
  /** As it was signed last; null: nothing was. */
  readonly head: { readonly origin: string; readonly size: number; readonly root: string } | null;
  readonly faults: readonly LedgerFault[];
}

export interface VerifyLedgerOptions {
  readonly database: Database;
  /** Keys that the log has signed with, from outside the database. */
  readonly keys: readonly VerifierKey[];
  /** The newest checkpoint as it was kept outside the database; null where there is none. */
  readonly kept: Checkpoint | null;
}

/**
 * Recomputes the tree from the rows: every leaf against what it states and the row it was written with, every tile, the
 * root and signature of every checkpoint, and the one that was kept outside; and looks for rows that should have a leaf.
 */
export async function verifyLedger(options: VerifyLedgerOptions): Promise<LedgerVerdict> {
  return options.database.transaction(async (client) => {
    // The ledger grows meanwhile: all of it as it was at one moment.
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    return new Verification(client, options).run();
  });
}

interface LeafRow {
  readonly index: number;
  readonly kind: string;
  readonly subject: string;
  readonly cause: string;
  readonly sha256: Buffer;
  readonly content: string | null;
  /** By the row it was written with, where that is in another table and still there. */
  readonly stated: Stated | null;
}

interface Stated {
  readonly sha256: Buffer;
  readonly subject: string;
  /** What the hash is of; null: more than one column. */
  readonly leaf: string | null;
}

interface CheckpointRow {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
}

class Verification {
  readonly #database: Queryable;
  readonly #keys: readonly VerifierKey[];
  /** Keys that leaves name: as good as the last checkpoint, which is over those leaves. */
  readonly #named: VerifierKey[] = [];
  readonly #byNamed: number[] = [];
  readonly #kept: Checkpoint | null;
  readonly #faults: LedgerFault[] = [];
  readonly #edge = new TreeEdge(0, []);
  readonly #checkpoints: AsyncGenerator<CheckpointRow>;
  #next: CheckpointRow | null = null;
  #count = 0;
  #last: CheckpointRow | null = null;
  #isKeptThere: boolean;

  constructor(database: Queryable, { keys, kept }: VerifyLedgerOptions) {
    this.#database = database;
    this.#keys = keys;
    this.#kept = kept;
    this.#isKeptThere = kept === null;
    this.#checkpoints = checkpointsOf(database);
  }

  async run(): Promise<LedgerVerdict> {
    await this.#advance();
    for await (const leaves of leavesOf(this.#database)) await this.#take(leaves);
    const { size } = this.#edge;
    for (; this.#next !== null; await this.#advance()) {
      this.#fault(
        `checkpoint ${this.#next.size}`,
        `removed: it is of ${this.#next.size} leaves, and there are ${size}`,
      );
      this.#last = this.#next;
    }
    if (size > (this.#last?.size ?? 0)) this.#fault('the ledger', `${size} leaves, and the last was not signed`);
    if (this.#last !== null && this.#byNamed.includes(this.#last.size)) {
      for (const signed of this.#byNamed) this.#fault(`checkpoint ${signed}`, UNKNOWN_KEY);
    }
    this.#judgeKept();
    await this.#judgeTiles();
    await this.#judgeMissing();
    const { rows } = await this.#database.query<{ waiting: number }>(
      'SELECT count(*) AS waiting FROM ledger_pending',
      [],
    );
    return {
      leaves: size,
      waiting: rows[0]?.waiting ?? 0,
      checkpoints: this.#count,
      head: this.#last === null ? null : headOf(this.#last),
      faults: this.#faults,
    };
  }

  async #take(leaves: readonly LeafRow[]): Promise<void> {
    const made: Tile[] = [];
    let hashes: Buffer[] = [];
    const grow = () => {
      made.push(...this.#edge.append(hashes));
      hashes = [];
    };
    await this.#judgeCauses(leaves);
    for (const leaf of leaves) {
      const size = this.#edge.size + hashes.length;
      if (leaf.index !== size) {
        this.#fault(`leaf ${size}`, `removed: after leaf ${size - 1} comes leaf ${leaf.index}`);
        // What follows would be blamed for it: the rest is judged as if this were its place.
      }
      this.#judgeLeaf(leaf);
      hashes.push(leafHash(entryOf(leaf.kind, leaf.sha256)));
      if (this.#kept?.size === size + 1) {
        grow();
        this.#isKeptThere = this.#edge.root().equals(this.#kept.root);
      }
      while (this.#next !== null && this.#next.size <= size + 1) {
        grow();
        this.#judgeCheckpoint(this.#next);
        await this.#advance();
      }
    }
    grow();
    await this.#compare(made);
  }

  #judgeLeaf(leaf: LeafRow): void {
    const { index, kind, subject, cause, content } = leaf;
    const fault = content === null ? faultOfCause(leaf) : faultOfContent(leaf, content);
    if (fault !== null) this.#fault(`leaf ${index} (${kind} of ${subject}, ${cause})`, fault);
    else if (content !== null && subject === KEY_SUBJECT) this.#named.push(VerifierKey.parse(keyIn(content)));
  }

  /** Rows that leaves state in full, beside what they stated; a leaf that was changed itself says nothing of its row. */
  async #judgeCauses(leaves: readonly LeafRow[]): Promise<void> {
    for (const [kind, faultsOf] of Object.entries(CAUSES)) {
      const some = leaves.flatMap(({ index, content, ...leaf }) =>
        leaf.kind === kind && content !== null && hashOf(content).equals(leaf.sha256)
          ? [{ index, said: statementIn(content)?.content }]
          : [],
      );
      if (some.length === 0) continue;
      for (const { index, fault } of await faultsOf(this.#database, some))
        this.#fault(`leaf ${index} (${kind})`, fault);
    }
  }

  #judgeCheckpoint(row: CheckpointRow): void {
    this.#count++;
    this.#last = row;
    const what = `checkpoint ${row.size}`;
    if (row.size !== this.#edge.size) this.#fault(what, 'it is of no size that the tree had');
    else if (!row.root.equals(this.#edge.root())) {
      this.#fault(what, 'its root is not that of its leaves: a leaf before it was changed, moved, added or removed');
    }
    const fault = faultOfNote(row, this.#keys);
    if (fault === null) return;
    if (fault === UNKNOWN_KEY && faultOfNote(row, this.#named) === null) this.#byNamed.push(row.size);
    else this.#fault(what, fault);
  }

  #judgeKept(): void {
    if (this.#kept === null || this.#isKeptThere) return;
    const { size } = this.#kept;
    this.#fault(
      'the ledger',
      size > this.#edge.size
        ? `removed: it ends after ${this.#edge.size} leaves, and ${size} had been signed`
        : `rewritten: its first ${size} leaves are not those that had been signed`,
    );
  }

  async #compare(made: readonly Tile[]): Promise<void> {
    // The last of each: a partial one may have grown within these leaves.
    const wanted = [...new Map(made.map((tile) => [`${tile.level}/${tile.number}`, tile])).values()];
    const { rows } = await this.#database.query<Tile>(
      `SELECT level, number, hashes FROM unnest($1::int[], $2::bigint[]) AS wanted (level, number)
       JOIN ledger_tiles USING (level, number)`,
      [wanted.map(({ level }) => level), wanted.map(({ number }) => number)],
    );
    const kept = new Map(rows.map((tile) => [`${tile.level}/${tile.number}`, tile.hashes]));
    for (const { level, number, hashes } of wanted) {
      const found = kept.get(`${level}/${number}`);
      const what = `tile ${level}/${number}`;
      if (found === undefined) this.#fault(what, 'removed: it is not there');
      // One that is partial here goes on with the next leaves.
      else if (!found.subarray(0, hashes.length).equals(hashes))
        this.#fault(what, 'changed: it is not what its leaves make');
    }
  }

  /** Tiles, or hashes in them, beyond what leaves make. */
  async #judgeTiles(): Promise<void> {
    const { rows } = await this.#database.query<{ level: number; hashes: number }>(
      'SELECT level, sum(length(hashes)) / 32 AS hashes FROM ledger_tiles GROUP BY level ORDER BY level',
      [],
    );
    for (const { level, hashes } of rows) {
      const wanted = Math.floor(this.#edge.size / 256 ** level);
      if (Number(hashes) > wanted)
        this.#fault(`tiles of level ${level}`, `${hashes} hashes, and leaves make ${wanted}`);
    }
  }

  /** Rows that should have a leaf, and have none that waits for its place either. */
  async #judgeMissing(): Promise<void> {
    const { rows } = await this.#database.query<{ cause: string }>(
      `WITH caused AS (SELECT id AS cause FROM audit_entries UNION ALL SELECT 'archive-segment:' || number FROM archive_segments)
       SELECT cause FROM caused c WHERE NOT EXISTS (SELECT FROM ledger_leaves l WHERE l.cause = c.cause)
         AND NOT EXISTS (SELECT FROM ledger_pending p WHERE p.cause = c.cause) LIMIT ${MOST_FAULTS}`,
      [],
    );
    const signed = await this.#database.query<{ cause: string }>(`${SIGNED_WITHOUT_LEAF} LIMIT ${MOST_FAULTS}`, []);
    const stated = await this.#database.query<{ cause: string }>(`${STATED_WITHOUT_LEAF} LIMIT ${MOST_FAULTS}`, []);
    for (const { cause } of [...rows, ...signed.rows, ...stated.rows])
      this.#fault(cause, 'it has no leaf in the ledger: it was put in past it, or its leaf was removed');
  }

  async #advance(): Promise<void> {
    const { value, done } = await this.#checkpoints.next();
    this.#next = done === true ? null : value;
  }

  #fault(what: string, fault: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push({ what, fault });
  }
}

async function* leavesOf(database: Queryable): AsyncGenerator<readonly LeafRow[]> {
  for (let after = -1; ; ) {
    const { rows } = await database.query<Omit<LeafRow, 'stated'>>(
      `SELECT index, kind, subject, cause, sha256, content FROM ledger_leaves WHERE index > $1
       ORDER BY index LIMIT ${LEAVES_AT_ONCE}`,
      [after],
    );
    const stated = await statedBy(database, rows);
    if (rows.length > 0) yield rows.map((row) => ({ ...row, stated: stated.get(row.cause) ?? null }));
    after = rows.at(-1)?.index ?? after;
    if (rows.length < LEAVES_AT_ONCE) return;
  }
}

/** What the rows that leaves were written with say today, by cause. */
async function statedBy(
  database: Queryable,
  leaves: readonly Omit<LeafRow, 'stated'>[],
): Promise<ReadonlyMap<string, Stated>> {
  const of = (kind: string) => leaves.filter((leaf) => leaf.kind === kind).map(({ cause }) => cause);
  const segments = of(SEGMENT).flatMap((cause) => {
    const number = Number(cause.slice(SEGMENT.length + 1));
    return Number.isSafeInteger(number) ? [number] : [];
  });
  const [entries, archived] = [
    await database.query<Stated & { cause: string }>(
      'SELECT id AS cause, sha256, subject, leaf FROM audit_entries WHERE id = ANY ($1)',
      [of('audit')],
    ),
    await database.query<SegmentStatement & { sha256: Buffer; previous: Buffer | null }>(
      `SELECT number, first_position AS "firstPosition", last_position AS "lastPosition", arrived_from AS "arrivedFrom",
         arrived_to AS "arrivedTo", messages, bytes, content_sha256 AS "contentSha256", sha256,
         (SELECT p.sha256 FROM archive_segments p WHERE p.number = s.number - 1) AS previous
       FROM archive_segments s WHERE number = ANY ($1)`,
      [segments],
    ),
  ];
  const named = archived.rows.map(({ sha256, previous, ...segment }) => {
    const subject = `${SEGMENT}:${segment.number}`;
    // Where the one before it is away that one is named, and this one is as its own hash says.
    const isChained = previous !== null || segment.number === 1;
    const said = isChained ? chainHash(previous ?? CHAIN_START, segment) : sha256;
    return { cause: subject, sha256: said.equals(sha256) ? said : NO_HASH, subject, leaf: null };
  });
  return new Map([...entries.rows, ...named].map((row) => [row.cause, row]));
}

async function* checkpointsOf(database: Queryable): AsyncGenerator<CheckpointRow> {
  for (let after = -1; ; ) {
    const { rows } = await database.query<CheckpointRow>(
      `SELECT size, root, note FROM ledger_checkpoints WHERE size > $1 ORDER BY size LIMIT ${CHECKPOINTS_AT_ONCE}`,
      [after],
    );
    yield* rows;
    after = rows.at(-1)?.size ?? after;
    if (rows.length < CHECKPOINTS_AT_ONCE) return;
  }
}

interface Statement {
  readonly id?: unknown;
  readonly kind?: unknown;
  readonly subject?: unknown;
  readonly content?: unknown;
}

/** Of a leaf that states something itself. */
function faultOfContent({ kind, subject, cause, sha256 }: LeafRow, content: string): string | null {
  if (!hashOf(content).equals(sha256)) return 'changed: what it states is not what was hashed';
  const said = statementIn(content);
  const isSame = said !== null && said.kind === kind && said.subject === subject && said.id === cause;
  return isSame ? null : 'changed: kind, subject or id are not as in what it states';
}

/** Of a leaf whose statement is in the row it was written with. */
function faultOfCause({ subject, sha256, stated }: LeafRow): string | null {
  if (stated === null) return 'removed: the row it was written with is gone';
  const { leaf } = stated;
  if (!stated.sha256.equals(sha256) || (leaf !== null && !hashOf(leaf).equals(sha256))) {
    return 'changed: the row it was written with is not what it was';
  }
  return stated.subject === subject ? null : `changed: the row it was written with is about ${stated.subject}`;
}

function faultOfNote(row: CheckpointRow, keys: readonly VerifierKey[]): string | null {
  try {
    const { checkpoint, note } = parseCheckpoint(row.note);
    if (note.text !== checkpointText({ ...row, origin: checkpoint.origin })) {
      return `swapped: its note is of ${checkpoint.size} leaves with the root ${checkpoint.root.toString('base64')}`;
    }
    const isSigned = signersOf(note, keys).some(({ name }) => name === checkpoint.origin);
    return isSigned ? null : UNKNOWN_KEY;
  } catch (error) {
    return `changed: ${error instanceof Error ? error.message : error}`;
  }
}

function statementIn(content: string): Statement | null {
  try {
    return JSON.parse(content) as Statement | null;
  } catch {
    return null;
  }
}

function headOf({ note, size, root }: CheckpointRow): LedgerVerdict['head'] {
  const [origin = ''] = note.split('\n');
  return { origin, size, root: root.toString('hex') };
}
