import type pg from 'pg';
import { type Changed, differences, type Holding, holding, type Statement } from './timeline.ts';

/** A table of statements: whose intervals, of what. */
export interface StatementTable {
  readonly name: 'containment' | 'attachments' | 'presence';
  readonly subject: 'child' | 'device' | 'epc';
  readonly value: 'parent' | 'subject' | 'place';
}

export const CONTAINMENT: StatementTable = { name: 'containment', subject: 'child', value: 'parent' };
export const ATTACHMENTS: StatementTable = { name: 'attachments', subject: 'device', value: 'subject' };
export const PRESENCE: StatementTable = { name: 'presence', subject: 'epc', value: 'place' };

export interface SubjectChanged extends Changed {
  readonly subject: string;
}

/**
 * Lets `sources` say their part anew: what they said before and do not say now is withdrawn, and the intervals of every
 * subject concerned are worked out again from all that is said of it.
 *
 * @param said statements of `sources` only
 * @returns where another value holds now than before
 */
export async function say(
  client: pg.ClientBase,
  table: StatementTable,
  sources: readonly string[],
  said: readonly Statement[],
): Promise<SubjectChanged[]> {
  const saying = new Set(sources);
  const before = await statementsAbout(client, table, sources, said);
  const stays = before.filter(({ statement }) => !saying.has(statement.source)).map(({ statement }) => statement);
  const after = resolved(grouped([...stays, ...unique(said)], (statement) => statement.subject));
  await write(client, table, before, after);
  const was = grouped(before, (row) => row.statement.subject);
  const is = grouped(after, (row) => row.statement.subject);
  const changed: SubjectChanged[] = [];
  for (const subject of new Set([...was.keys(), ...is.keys()])) {
    for (const change of differences(intervals(was.get(subject)), intervals(is.get(subject)))) {
      changed.push({ subject, ...change });
    }
  }
  return changed;
}

/** A statement with what follows for it from all others about its subject. */
interface Row {
  readonly statement: Statement;
  readonly to: number | null;
  readonly holds: boolean;
}

async function statementsAbout(
  client: pg.ClientBase,
  { name, subject, value }: StatementTable,
  sources: readonly string[],
  said: readonly Statement[],
): Promise<Row[]> {
  const { rows } = await client.query<{
    subject: string;
    value: string | null;
    since: number;
    until: number | null;
    position: number;
    source: string;
    holds: boolean;
  }>(
    `SELECT ${subject} AS subject, ${value} AS value, since, until, position, source, holds FROM ${name}
     WHERE ${subject} IN (SELECT ${subject} FROM ${name} WHERE source = ANY($1::text[]) UNION SELECT unnest($2::text[]))`,
    [sources, [...new Set(said.map((statement) => statement.subject))]],
  );
  return rows.map(({ since, until, holds, ...rest }) => ({ statement: { ...rest, from: since }, to: until, holds }));
}

/** One source says one thing of a subject and moment: the last. */
function unique(said: readonly Statement[]): Iterable<Statement> {
  return new Map(said.map((statement) => [identity(statement), statement])).values();
}

function identity({ subject, from, source }: Statement): string {
  return `${subject}|${from}|${source}`;
}

function resolved(bySubject: ReadonlyMap<string, readonly Statement[]>): Row[] {
  const rows: Row[] = [];
  for (const statements of bySubject.values()) {
    const winners = new Map(holding(statements).map(({ statement, to }) => [statement, to]));
    for (const statement of statements) {
      const to = winners.get(statement);
      rows.push({ statement, to: to ?? null, holds: to !== undefined });
    }
  }
  return rows;
}

function intervals(rows: readonly Row[] = []): Holding[] {
  return rows
    .filter(({ holds }) => holds)
    .flatMap(({ statement: { value, from }, to }) => (value === null ? [] : [{ value, from, to }]))
    .sort((a, b) => a.from - b.from);
}

async function write(
  client: pg.ClientBase,
  { name, subject, value }: StatementTable,
  before: readonly Row[],
  after: readonly Row[],
): Promise<void> {
  const present = new Map(before.map((row) => [identity(row.statement), row]));
  const changed = after.filter((row) => !isEqual(row, present.get(identity(row.statement))));
  const kept = new Set(after.map((row) => identity(row.statement)));
  const gone = before.filter((row) => !kept.has(identity(row.statement))).map(({ statement }) => statement);
  if (gone.length > 0) {
    await client.query(
      `DELETE FROM ${name} WHERE (${subject}, since, source) IN (SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]))`,
      [gone.map((one) => one.subject), gone.map((one) => one.from), gone.map((one) => one.source)],
    );
  }
  if (changed.length === 0) return;
  await client.query(
    `INSERT INTO ${name} (${subject}, ${value}, since, until, position, source, holds)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::boolean[])
     ON CONFLICT (${subject}, since, source) DO UPDATE SET
       ${value} = excluded.${value}, until = excluded.until, position = excluded.position, holds = excluded.holds`,
    [
      changed.map(({ statement }) => statement.subject),
      changed.map(({ statement }) => statement.value),
      changed.map(({ statement }) => statement.from),
      changed.map(({ to }) => to),
      changed.map(({ statement }) => statement.position),
      changed.map(({ statement }) => statement.source),
      changed.map(({ holds }) => holds),
    ],
  );
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

function grouped<T>(rows: Iterable<T>, keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
