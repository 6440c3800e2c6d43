import type pg from 'pg';
import { DefectError } from '../../domain/index.ts';
import { type Changed, differences, type Holding, holding, type Statement } from './timeline.ts';

/**
 * Whose intervals, of what. Subjects of which the same is said share a path: `containment_paths` has its statements and
 * `containment_members` who is on it; the view `containment` shows them subject by subject.
 */
export type StatementTable = 'containment' | 'attachments' | 'presence';

/** All subjects of a path, for each stretch in which another value holds for them now. */
export interface PathChanged extends Changed {
  readonly path: number;
}

/**
 * Lets `sources` say their part anew: what they said before and do not say now is withdrawn, and the intervals of every
 * subject concerned are worked out again from all that is said of it. Costs what the paths cost, and one look-up for
 * each subject that is named: 300,000 serials with one story are one path, of which only those leave that have another
 * story from now on.
 *
 * @param said statements of `sources` only
 * @returns where another value holds now than before; paths as they are until the next say
 */
export async function say(
  client: pg.ClientBase,
  table: StatementTable,
  sources: readonly string[],
  said: readonly Statement[],
): Promise<PathChanged[]> {
  const words = wordsOf(said);
  const cells = await cellsOf(client, table, words);
  const before = await statementsOn(client, table, sources, cells);
  const plan = new Plan({ sources, words: words.statements, before, ids: cells.map(({ spare }) => spare) });
  for (const cell of cells) if (cell.path === null) plan.begin(cell.word);
  for (const { path, parts } of await partsOf(client, table, before, cells)) plan.goOn(path, parts);
  await move(client, table, words, plan);
  await write(client, table, before, plan);
  return plan.changed.map(({ target, ...change }) => ({ ...change, path: target.id }));
}

export interface SubjectChanged extends Changed {
  readonly subject: string;
}

/** The same, subject by subject. */
export async function bySubject(
  client: pg.ClientBase,
  table: StatementTable,
  changed: readonly PathChanged[],
): Promise<SubjectChanged[]> {
  const subjects = await subjectsOn(
    client,
    table,
    changed.map(({ path }) => path),
  );
  return changed.flatMap(({ path, ...change }) =>
    (subjects.get(path) ?? []).map((subject) => ({ ...change, subject })),
  );
}

/** Who is on these paths. */
async function subjectsOn(
  client: pg.ClientBase,
  table: StatementTable,
  paths: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const subjects = new Map<number, string[]>();
  if (paths.length === 0) return subjects;
  const { rows } = await client.query<{ path: number; subject: string }>(
    `SELECT path, subject FROM ${table}_members WHERE path = ANY($1::bigint[]) ORDER BY subject`,
    [[...new Set(paths)]],
  );
  for (const { path, subject } of rows) {
    const list = subjects.get(path);
    if (list === undefined) subjects.set(path, [subject]);
    else list.push(subject);
  }
  return subjects;
}

/** Subjects, each with the number of what is said of it: equal for those of which the same is said. */
interface Words {
  readonly subjects: readonly string[];
  readonly numbers: readonly number[];
  /** By number. */
  readonly statements: readonly (readonly Spoken[])[];
}

/** A statement about whoever is on the path. */
type Spoken = Omit<Statement, 'subject'>;

function wordsOf(said: readonly Statement[]): Words {
  const spoken = new Map<string, number>();
  const distinct: Spoken[] = [];
  const bySubject = new Map<string, string>();
  for (const { subject, ...statement } of said) {
    const key = keyOf(statement);
    let number = spoken.get(key);
    if (number === undefined) {
      number = distinct.push(statement) - 1;
      spoken.set(key, number);
    }
    const before = bySubject.get(subject);
    bySubject.set(subject, before === undefined ? String(number) : `${before},${number}`);
  }
  const numberOf = new Map<string, number>();
  const statements: Spoken[][] = [];
  const numbers: number[] = [];
  for (const word of bySubject.values()) {
    let number = numberOf.get(word);
    if (number === undefined) {
      const all = word.split(',').flatMap((index) => distinct[Number(index)] ?? []);
      number = statements.push(unique(all)) - 1;
      numberOf.set(word, number);
    }
    numbers.push(number);
  }
  return { subjects: [...bySubject.keys()], numbers, statements };
}

/** One source says one thing of a subject and moment: the last. */
function unique(statements: readonly Spoken[]): Spoken[] {
  return [...new Map(statements.map((one) => [`${one.from}|${one.source}`, one])).values()];
}

function keyOf({ value, from, position, source }: Spoken): string {
  return `${from}|${source}|${position}|${value === null ? '' : `=${value}`}`;
}

/** Some members of a path (null: subjects nothing was said of yet) and what is said of them now. */
interface Cell {
  readonly path: number | null;
  readonly word: number;
  readonly members: number;
  /** A number for a new path. The greatest part of a path stays on it, so there are never more new ones than cells. */
  readonly spare: number;
}

async function cellsOf(client: pg.ClientBase, table: StatementTable, words: Words): Promise<Cell[]> {
  if (words.subjects.length === 0) return [];
  const { rows } = await client.query<Cell>(
    `SELECT path, word, members, nextval('path_ids') AS spare FROM (
       SELECT m.path, s.word, count(*) AS members
       FROM unnest($1::text[], $2::integer[]) AS s (subject, word) LEFT JOIN ${table}_members m ON m.subject = s.subject
       GROUP BY 1, 2) AS cells`,
    [words.subjects, words.numbers],
  );
  return rows;
}

/** A statement with what follows for it from all others on its path. */
interface Row {
  readonly statement: Spoken;
  readonly to: number | null;
  readonly holds: boolean;
}

/** What is said on every path that a cell or a statement of `sources` is on. */
async function statementsOn(
  client: pg.ClientBase,
  table: StatementTable,
  sources: readonly string[],
  cells: readonly Cell[],
): Promise<ReadonlyMap<number, readonly Row[]>> {
  const known = new Set(cells.flatMap(({ path }) => (path === null ? [] : [path])));
  const { rows } = await client.query<Spoken & { path: number; until: number | null; holds: boolean }>(
    `SELECT path, value, since AS "from", until, position, source, holds FROM ${table}_paths
     WHERE path IN (SELECT path FROM ${table}_paths WHERE source = ANY($1::text[]) UNION SELECT unnest($2::bigint[]))`,
    [sources, [...known]],
  );
  const paths = new Map<number, Row[]>([...known].map((path) => [path, []]));
  for (const { path, until, holds, ...statement } of rows) {
    const row = { statement, to: until, holds };
    const list = paths.get(path);
    if (list === undefined) paths.set(path, [row]);
    else list.push(row);
  }
  return paths;
}

/** Members of one path of whom the same is said now; `word` null: nothing. */
interface Part {
  readonly word: number | null;
  readonly members: number;
}

async function partsOf(
  client: pg.ClientBase,
  table: StatementTable,
  before: ReadonlyMap<number, readonly Row[]>,
  cells: readonly Cell[],
): Promise<{ path: number; parts: Part[] }[]> {
  const named = new Map<number, Part[]>();
  for (const { path, word, members } of cells) {
    if (path === null) continue;
    const part = { word, members };
    const parts = named.get(path);
    if (parts === undefined) named.set(path, [part]);
    else parts.push(part);
  }
  const sizes = new Map<number, number>();
  if (named.size > 0) {
    const { rows } = await client.query<{ path: number; members: number }>(
      `SELECT path, count(*) AS members FROM ${table}_members WHERE path = ANY($1::bigint[]) GROUP BY path`,
      [[...named.keys()]],
    );
    for (const { path, members } of rows) sizes.set(path, members);
  }
  return [...before.keys()].map((path) => {
    const parts = named.get(path) ?? [];
    const rest = (sizes.get(path) ?? 1) - parts.reduce((sum, { members }) => sum + members, 0);
    return { path, parts: rest > 0 ? [...parts, { word: null, members: rest }] : parts };
  });
}

/** A path as it is to be. */
interface Target {
  readonly id: number;
  readonly rows: readonly Row[];
}

/** Members of `from` of whom `word` is said go over to `target`. */
interface Move {
  readonly from: number | null;
  readonly word: number | null;
  readonly target: Target;
}

/** Which paths go on, which part, and who goes over to which. */
class Plan {
  readonly moves: Move[] = [];
  readonly kept: Target[] = [];
  readonly new = new Map<string, Target>();
  readonly changed: (Changed & { readonly target: Target })[] = [];
  readonly #sources: ReadonlySet<string>;
  readonly #words: Words['statements'];
  readonly #before: ReadonlyMap<number, readonly Row[]>;
  readonly #ids: readonly number[];

  constructor(given: {
    readonly sources: readonly string[];
    readonly words: Words['statements'];
    readonly before: ReadonlyMap<number, readonly Row[]>;
    /** Of new paths, enough of them. */
    readonly ids: readonly number[];
  }) {
    this.#sources = new Set(given.sources);
    this.#words = given.words;
    this.#before = given.before;
    this.#ids = given.ids;
  }

  /** Subjects nothing was said of yet. */
  begin(word: number): void {
    const target = this.#target(resolved(this.#words[word] ?? []));
    this.moves.push({ from: null, word, target });
    this.#compare([], target);
  }

  /** The greatest part stays on the path: fewest memberships change. Parts that hear the same stay together. */
  goOn(path: number, parts: readonly Part[]): void {
    const before = this.#before.get(path) ?? [];
    const stays = before.map(({ statement }) => statement).filter(({ source }) => !this.#sources.has(source));
    const stories = new Map<string, { rows: Row[]; words: (number | null)[]; members: number }>();
    for (const { word, members } of parts) {
      const rows = resolved([...stays, ...(word === null ? [] : (this.#words[word] ?? []))]);
      const key = storyOf(rows);
      const story = stories.get(key) ?? { rows, words: [], members: 0 };
      story.words.push(word);
      story.members += members;
      stories.set(key, story);
    }
    const byMembers = [...stories.values()].sort((a, b) => b.members - a.members);
    for (const [index, { rows, words }] of byMembers.entries()) {
      const target = index === 0 ? { id: path, rows } : this.#target(rows);
      if (index === 0) this.kept.push(target);
      else for (const word of words) this.moves.push({ from: path, word, target });
      this.#compare(before, target);
    }
  }

  #target(rows: readonly Row[]): Target {
    const story = storyOf(rows);
    const known = this.new.get(story);
    if (known !== undefined) return known;
    const id = this.#ids[this.new.size];
    if (id === undefined) throw new DefectError('PATHS_MISCOUNTED', 'more new paths than parts to go on them');
    const target = { id, rows };
    this.new.set(story, target);
    return target;
  }

  #compare(before: readonly Row[], target: Target): void {
    for (const change of differences(intervals(before), intervals(target.rows))) {
      this.changed.push({ ...change, target });
    }
  }
}

function storyOf(rows: readonly Row[]): string {
  return rows
    .map(({ statement }) => keyOf(statement))
    .sort()
    .join('\n');
}

function resolved(statements: readonly Spoken[]): Row[] {
  const winners = new Map(holding(statements).map(({ statement, to }) => [statement, to]));
  return statements.map((statement) => {
    const to = winners.get(statement);
    return { statement, to: to ?? null, holds: to !== undefined };
  });
}

function intervals(rows: readonly Row[]): Holding[] {
  return rows
    .filter(({ holds }) => holds)
    .flatMap(({ statement: { value, from }, to }) => (value === null ? [] : [{ value, from, to }]))
    .sort((a, b) => a.from - b.from);
}

async function move(
  client: pg.ClientBase,
  table: StatementTable,
  { subjects, numbers }: Words,
  { moves }: Plan,
): Promise<void> {
  const [begun, rest, named] = [
    moves.filter(({ from }) => from === null),
    moves.filter(({ from, word }) => from !== null && word === null),
    moves.filter(({ from, word }) => from !== null && word !== null),
  ];
  if (rest.length > 0) {
    await client.query(
      `UPDATE ${table}_members m SET path = t.target FROM unnest($1::bigint[], $2::bigint[]) AS t (path, target)
       WHERE m.path = t.path AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS s WHERE s = m.subject)`,
      [rest.map(({ from }) => from), rest.map(({ target }) => target.id), subjects],
    );
  }
  if (named.length > 0) {
    await client.query(
      `UPDATE ${table}_members m SET path = t.target
       FROM unnest($1::bigint[], $2::integer[], $3::bigint[]) AS t (path, word, target),
         unnest($4::text[], $5::integer[]) AS s (subject, word)
       WHERE m.path = t.path AND s.word = t.word AND m.subject = s.subject`,
      [
        named.map(({ from }) => from),
        named.map(({ word }) => word),
        named.map(({ target }) => target.id),
        ...[subjects, numbers],
      ],
    );
  }
  if (begun.length > 0) {
    // In the order of the index: neighbours go to one page of it.
    await client.query(
      `INSERT INTO ${table}_members (subject, path)
       SELECT s.subject, t.target FROM unnest($1::integer[], $2::bigint[]) AS t (word, target),
         unnest($3::text[], $4::integer[]) AS s (subject, word)
       WHERE s.word = t.word ORDER BY s.subject
       ON CONFLICT (subject) DO NOTHING`,
      [begun.map(({ word }) => word), begun.map(({ target }) => target.id), subjects, numbers],
    );
  }
}

async function write(
  client: pg.ClientBase,
  table: StatementTable,
  before: ReadonlyMap<number, readonly Row[]>,
  plan: Plan,
): Promise<void> {
  const gone: { path: number; row: Row }[] = [];
  const changed: { path: number; row: Row }[] = [];
  for (const { id, rows } of plan.kept) {
    const present = new Map((before.get(id) ?? []).map((row) => [identity(row), row]));
    for (const row of rows) {
      if (!isEqual(row, present.get(identity(row)))) changed.push({ path: id, row });
      present.delete(identity(row));
    }
    for (const row of present.values()) gone.push({ path: id, row });
  }
  for (const { id, rows } of plan.new.values()) for (const row of rows) changed.push({ path: id, row });
  if (gone.length > 0) {
    await client.query(
      `DELETE FROM ${table}_paths
       WHERE (path, since, source) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[]))`,
      [
        gone.map(({ path }) => path),
        gone.map(({ row }) => row.statement.from),
        gone.map(({ row }) => row.statement.source),
      ],
    );
  }
  if (changed.length === 0) return;
  await client.query(
    `INSERT INTO ${table}_paths (path, value, since, until, position, source, holds)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::boolean[])
     ON CONFLICT (path, since, source) DO UPDATE SET
       value = excluded.value, until = excluded.until, position = excluded.position, holds = excluded.holds`,
    [
      changed.map(({ path }) => path),
      changed.map(({ row }) => row.statement.value),
      changed.map(({ row }) => row.statement.from),
      changed.map(({ row }) => row.to),
      changed.map(({ row }) => row.statement.position),
      changed.map(({ row }) => row.statement.source),
      changed.map(({ row }) => row.holds),
    ],
  );
}

function identity({ statement: { from, source } }: Row): string {
  return `${from}|${source}`;
}

function isEqual(row: Row, other: Row | undefined): boolean {
  return (
    other !== undefined &&
    row.to === other.to &&
    row.holds === other.holds &&
    row.statement.value === other.statement.value &&
    row.statement.position === other.statement.position
  );
}
