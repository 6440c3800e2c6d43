import type pg from 'pg';
import { DefectError } from '../../domain/index.ts';
import { textArray } from '../../storage/index.ts';
import { type Changed, differences, type Holding, holding, type Statement } from './timeline.ts';

/**
 * The kind of relation, and the tables that keep it. Subjects with the same history share one set of rows:
 * `containment_histories` holds the statements of each shared history, `containment_members` which subject has which
 * history, and the view `containment` shows them subject by subject.
 *
 * Example: 300,000 serials packed into one pallet have one history of one statement, and one membership each. When the
 * pallet is emptied, one row is added. When ten of them are packed elsewhere, those ten get a history of their own.
 */
export type StatementTable = 'containment' | 'attachments' | 'presence';

/** An interval in which another value holds now than before, for every member of one shared history. */
export interface HistoryChanged extends Changed {
  readonly history: number;
}

/**
 * Replaces all statements of `sources` by `statements`, and works out the intervals of every affected subject again
 * from all its statements. The cost grows with the number of shared histories, plus one look-up for each subject named.
 *
 * @param statements of `sources` only
 * @returns where another value holds now than before; `history` is valid until the next call
 */
export async function applyStatements(
  client: pg.ClientBase,
  table: StatementTable,
  sources: readonly string[],
  statements: readonly Statement[],
): Promise<HistoryChanged[]> {
  const sets = statementSetsOf(statements);
  const groups = await groupsOf(client, table, sets);
  const before = await statementsOn(client, table, sources, groups);
  const plan = new Plan({ sources, sets: sets.sets, before, ids: groups.map(({ spare }) => spare) });
  for (const group of groups) if (group.history === null) plan.create(group.set);
  for (const { history, subgroups } of await subgroupsOf(client, table, before, groups)) plan.split(history, subgroups);
  const areAllNew = groups.every(({ history }) => history === null);
  await move(client, table, sets, plan, areAllNew);
  await write(client, table, before, plan);
  return plan.changed.map(({ target, ...change }) => ({ ...change, history: target.id }));
}

export interface SubjectChanged extends Changed {
  readonly subject: string;
}

/** The same, subject by subject. */
export async function bySubject(
  client: pg.ClientBase,
  table: StatementTable,
  changed: readonly HistoryChanged[],
): Promise<SubjectChanged[]> {
  const subjects = await subjectsOn(
    client,
    table,
    changed.map(({ history }) => history),
  );
  return changed.flatMap(({ history, ...change }) =>
    (subjects.get(history) ?? []).map((subject) => ({ ...change, subject })),
  );
}

/** The members of these histories. */
async function subjectsOn(
  client: pg.ClientBase,
  table: StatementTable,
  histories: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const subjects = new Map<number, string[]>();
  if (histories.length === 0) return subjects;
  const { rows } = await client.query<{ history: number; subject: string }>(
    `SELECT history, subject FROM ${table}_members WHERE history = ANY($1::bigint[]) ORDER BY subject`,
    [[...new Set(histories)]],
  );
  for (const { history, subject } of rows) {
    const list = subjects.get(history);
    if (list === undefined) subjects.set(history, [subject]);
    else list.push(subject);
  }
  return subjects;
}

/** Each subject with the index of its set of new statements; subjects with equal statements have the same set. */
interface StatementSets {
  readonly subjects: readonly string[];
  /** For each subject, an index into `sets`. */
  readonly indexes: readonly number[];
  readonly sets: readonly (readonly SharedStatement[])[];
}

/** A statement about every member of a shared history. */
type SharedStatement = Omit<Statement, 'subject'>;

function statementSetsOf(statements: readonly Statement[]): StatementSets {
  const indexOf = new Map<string, number>();
  const distinct: SharedStatement[] = [];
  const bySubject = new Map<string, string>();
  for (const { subject, ...statement } of statements) {
    const key = keyOf(statement);
    let index = indexOf.get(key);
    if (index === undefined) {
      index = distinct.push(statement) - 1;
      indexOf.set(key, index);
    }
    const before = bySubject.get(subject);
    bySubject.set(subject, before === undefined ? String(index) : `${before},${index}`);
  }
  const indexOfSet = new Map<string, number>();
  const sets: SharedStatement[][] = [];
  const indexes: number[] = [];
  for (const list of bySubject.values()) {
    let index = indexOfSet.get(list);
    if (index === undefined) {
      const all = list.split(',').flatMap((one) => distinct[Number(one)] ?? []);
      index = sets.push(unique(all)) - 1;
      indexOfSet.set(list, index);
    }
    indexes.push(index);
  }
  return { subjects: [...bySubject.keys()], indexes, sets };
}

/** A source has one statement for a subject and instant: the last. */
function unique(statements: readonly SharedStatement[]): SharedStatement[] {
  return [...new Map(statements.map((one) => [`${one.from}|${one.source}`, one])).values()];
}

function keyOf({ value, from, position, source }: SharedStatement): string {
  return `${from}|${source}|${position}|${value === null ? '' : `=${value}`}`;
}

/** Subjects with the same history (null: none yet) that get the same set of new statements. */
interface Group {
  readonly history: number | null;
  /** Index of the set. */
  readonly set: number;
  readonly members: number;
  /** An id for a new history. The largest group keeps the old one, so there are never more new ones than groups. */
  readonly spare: number;
}

async function groupsOf(client: pg.ClientBase, table: StatementTable, sets: StatementSets): Promise<Group[]> {
  if (sets.subjects.length === 0) return [];
  const { rows } = await client.query<Group>(
    `SELECT history, set, members, nextval('history_ids') AS spare FROM (
       SELECT m.history, s.set, count(*) AS members
       FROM unnest($1::text[], $2::integer[]) AS s (subject, set) LEFT JOIN ${table}_members m ON m.subject = s.subject
       GROUP BY 1, 2) AS groups`,
    [textArray(sets.subjects), sets.indexes],
  );
  return rows;
}

/** A statement, and whether and until when it holds beside the others of its history. */
interface Row {
  readonly statement: SharedStatement;
  readonly to: number | null;
  readonly holds: boolean;
}

/** All statements of each history that has a member named, or a statement of `sources`. */
async function statementsOn(
  client: pg.ClientBase,
  table: StatementTable,
  sources: readonly string[],
  groups: readonly Group[],
): Promise<ReadonlyMap<number, readonly Row[]>> {
  const known = new Set(groups.flatMap(({ history }) => (history === null ? [] : [history])));
  const { rows } = await client.query<SharedStatement & { history: number; until: number | null; holds: boolean }>(
    `SELECT history, value, since AS "from", until, position, source, holds FROM ${table}_histories
     WHERE history IN (
       SELECT history FROM ${table}_histories WHERE source = ANY($1::text[]) UNION SELECT unnest($2::bigint[]))`,
    [sources, [...known]],
  );
  const histories = new Map<number, Row[]>([...known].map((history) => [history, []]));
  for (const { history, until, holds, ...statement } of rows) {
    const row = { statement, to: until, holds };
    const list = histories.get(history);
    if (list === undefined) histories.set(history, [row]);
    else list.push(row);
  }
  return histories;
}

/** Members of one history that get the same set of new statements; `set` null: members that get none. */
interface Subgroup {
  readonly set: number | null;
  readonly members: number;
}

async function subgroupsOf(
  client: pg.ClientBase,
  table: StatementTable,
  before: ReadonlyMap<number, readonly Row[]>,
  groups: readonly Group[],
): Promise<{ history: number; subgroups: Subgroup[] }[]> {
  const named = new Map<number, Subgroup[]>();
  for (const { history, set, members } of groups) {
    if (history === null) continue;
    const subgroup = { set, members };
    const subgroups = named.get(history);
    if (subgroups === undefined) named.set(history, [subgroup]);
    else subgroups.push(subgroup);
  }
  const sizes = new Map<number, number>();
  if (named.size > 0) {
    const { rows } = await client.query<{ history: number; members: number }>(
      `SELECT history, count(*) AS members FROM ${table}_members WHERE history = ANY($1::bigint[]) GROUP BY history`,
      [[...named.keys()]],
    );
    for (const { history, members } of rows) sizes.set(history, members);
  }
  return [...before.keys()].map((history) => {
    const subgroups = named.get(history) ?? [];
    const rest = (sizes.get(history) ?? 1) - subgroups.reduce((sum, { members }) => sum + members, 0);
    return { history, subgroups: rest > 0 ? [...subgroups, { set: null, members: rest }] : subgroups };
  });
}

/** A shared history as it is to be. */
interface Target {
  readonly id: number;
  readonly rows: readonly Row[];
}

/** Members of history `from` that get `set` move to `target`. */
interface Move {
  readonly from: number | null;
  readonly set: number | null;
  readonly target: Target;
}

/** Which histories continue, which are split, and which members move to which. */
class Plan {
  readonly moves: Move[] = [];
  readonly kept: Target[] = [];
  readonly new = new Map<string, Target>();
  readonly changed: (Changed & { readonly target: Target })[] = [];
  readonly #sources: ReadonlySet<string>;
  readonly #sets: StatementSets['sets'];
  readonly #before: ReadonlyMap<number, readonly Row[]>;
  readonly #ids: readonly number[];

  constructor(given: {
    readonly sources: readonly string[];
    readonly sets: StatementSets['sets'];
    readonly before: ReadonlyMap<number, readonly Row[]>;
    /** For new histories, enough of them. */
    readonly ids: readonly number[];
  }) {
    this.#sources = new Set(given.sources);
    this.#sets = given.sets;
    this.#before = given.before;
    this.#ids = given.ids;
  }

  /** For subjects that have no history yet. */
  create(set: number): void {
    const target = this.#target(resolved(this.#sets[set] ?? []));
    this.moves.push({ from: null, set, target });
    this.#compare([], target);
  }

  /** The largest part keeps the history, so the fewest memberships change. Parts that end up equal stay together. */
  split(history: number, subgroups: readonly Subgroup[]): void {
    const before = this.#before.get(history) ?? [];
    const stays = before.map(({ statement }) => statement).filter(({ source }) => !this.#sources.has(source));
    const byHistory = new Map<string, { rows: Row[]; sets: (number | null)[]; members: number }>();
    for (const { set, members } of subgroups) {
      const rows = resolved([...stays, ...(set === null ? [] : (this.#sets[set] ?? []))]);
      const key = historyKey(rows);
      const same = byHistory.get(key) ?? { rows, sets: [], members: 0 };
      same.sets.push(set);
      same.members += members;
      byHistory.set(key, same);
    }
    const byMembers = [...byHistory.values()].sort((a, b) => b.members - a.members);
    for (const [index, { rows, sets }] of byMembers.entries()) {
      const target = index === 0 ? { id: history, rows } : this.#target(rows);
      if (index === 0) this.kept.push(target);
      else for (const set of sets) this.moves.push({ from: history, set, target });
      this.#compare(before, target);
    }
  }

  #target(rows: readonly Row[]): Target {
    const history = historyKey(rows);
    const known = this.new.get(history);
    if (known !== undefined) return known;
    const id = this.#ids[this.new.size];
    if (id === undefined)
      throw new DefectError('HISTORIES_MISCOUNTED', 'more new shared histories than groups of members');
    const target = { id, rows };
    this.new.set(history, target);
    return target;
  }

  #compare(before: readonly Row[], target: Target): void {
    for (const change of differences(intervals(before), intervals(target.rows))) {
      this.changed.push({ ...change, target });
    }
  }
}

function historyKey(rows: readonly Row[]): string {
  return rows
    .map(({ statement }) => keyOf(statement))
    .sort()
    .join('\n');
}

function resolved(statements: readonly SharedStatement[]): Row[] {
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
  { subjects, indexes }: StatementSets,
  { moves }: Plan,
  /** No subject has a history yet: no row is in the way, and looking for one would take a third longer. */
  areAllNew: boolean,
): Promise<void> {
  const [begun, rest, named] = [
    moves.filter(({ from }) => from === null),
    moves.filter(({ from, set }) => from !== null && set === null),
    moves.filter(({ from, set }) => from !== null && set !== null),
  ];
  if (rest.length > 0) {
    await client.query(
      `UPDATE ${table}_members m SET history = t.target FROM unnest($1::bigint[], $2::bigint[]) AS t (history, target)
       WHERE m.history = t.history AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS s WHERE s = m.subject)`,
      [rest.map(({ from }) => from), rest.map(({ target }) => target.id), subjects],
    );
  }
  if (named.length > 0) {
    await client.query(
      `UPDATE ${table}_members m SET history = t.target
       FROM unnest($1::bigint[], $2::integer[], $3::bigint[]) AS t (history, set, target),
         unnest($4::text[], $5::integer[]) AS s (subject, set)
       WHERE m.history = t.history AND s.set = t.set AND m.subject = s.subject`,
      [
        named.map(({ from }) => from),
        named.map(({ set }) => set),
        named.map(({ target }) => target.id),
        ...[subjects, indexes],
      ],
    );
  }
  if (begun.length > 0) {
    // In the order of the index: neighbours go to one page of it.
    await client.query(
      `INSERT INTO ${table}_members (subject, history)
       SELECT s.subject, t.target FROM unnest($1::integer[], $2::bigint[]) AS t (set, target),
         unnest($3::text[], $4::integer[]) AS s (subject, set)
       WHERE s.set = t.set ORDER BY s.subject
       ${areAllNew ? '' : 'ON CONFLICT (subject) DO NOTHING'}`,
      [begun.map(({ set }) => set), begun.map(({ target }) => target.id), textArray(subjects), indexes],
    );
  }
}

async function write(
  client: pg.ClientBase,
  table: StatementTable,
  before: ReadonlyMap<number, readonly Row[]>,
  plan: Plan,
): Promise<void> {
  const gone: { history: number; row: Row }[] = [];
  const changed: { history: number; row: Row }[] = [];
  for (const { id, rows } of plan.kept) {
    const present = new Map((before.get(id) ?? []).map((row) => [identity(row), row]));
    for (const row of rows) {
      if (!isEqual(row, present.get(identity(row)))) changed.push({ history: id, row });
      present.delete(identity(row));
    }
    for (const row of present.values()) gone.push({ history: id, row });
  }
  for (const { id, rows } of plan.new.values()) for (const row of rows) changed.push({ history: id, row });
  if (gone.length > 0) {
    await client.query(
      `DELETE FROM ${table}_histories
       WHERE (history, since, source) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[]))`,
      [
        gone.map(({ history }) => history),
        gone.map(({ row }) => row.statement.from),
        gone.map(({ row }) => row.statement.source),
      ],
    );
  }
  if (changed.length === 0) return;
  await client.query(
    `INSERT INTO ${table}_histories (history, value, since, until, position, source, holds)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::boolean[])
     ON CONFLICT (history, since, source) DO UPDATE SET
       value = excluded.value, until = excluded.until, position = excluded.position, holds = excluded.holds`,
    [
      changed.map(({ history }) => history),
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
