/**
 * A fact about one subject from an instant on: this serial is in that pallet, this logger on that unit, this unit at
 * that place. `value` null: in nothing, on nothing, nowhere known.
 */
export interface Statement {
  readonly subject: string;
  readonly value: string | null;
  /** Event time from which it holds, epoch ms UTC. */
  readonly from: number;
  /** Log position of the fact it comes from. */
  readonly position: number;
  /** Where it comes from: `asn:SHP-1`, `fact:17`, `pass:3`. A source has one statement for a subject and instant. */
  readonly source: string;
}

/** What holds of a subject during [from, to); an open end is null. */
export interface Holding {
  readonly value: string;
  readonly from: number;
  readonly to: number | null;
}

/**
 * Which of one subject's statements hold, ascending, and until when: a later `from` ends the earlier statement; with
 * equal `from` the later log position wins (then the greater source, so that the order of arrival never decides).
 */
export function holding<S extends Omit<Statement, 'subject'>>(
  statements: readonly S[],
): { statement: S; to: number | null }[] {
  const ordered = statements.toSorted(
    (a, b) => a.from - b.from || a.position - b.position || (a.source < b.source ? -1 : 1),
  );
  const winners = ordered.filter((statement, index) => ordered[index + 1]?.from !== statement.from);
  return winners.map((statement, index) => ({ statement, to: winners[index + 1]?.from ?? null }));
}

/** The intervals of one subject, ascending, without those in which nothing holds. */
export function holdingsOf(statements: readonly Statement[]): Holding[] {
  return holding(statements).flatMap(({ statement: { value, from }, to }) =>
    value === null ? [] : [{ value, from, to }],
  );
}

/** An interval in which another value holds now than before. */
export interface Changed {
  readonly before: string | null;
  readonly after: string | null;
  readonly from: number;
  readonly to: number | null;
}

/** Where two states of one subject's intervals differ. */
export function differences(before: readonly Holding[], after: readonly Holding[]): Changed[] {
  const times = new Set<number>();
  for (const { from, to } of [...before, ...after]) times.add(from).add(to ?? Number.POSITIVE_INFINITY);
  const edges = [...times].sort((a, b) => a - b);
  const changed: Changed[] = [];
  for (const [index, from] of edges.entries()) {
    const end = edges[index + 1];
    if (end === undefined) break;
    const to = end === Number.POSITIVE_INFINITY ? null : end;
    const was = valueAt(before, from);
    const is = valueAt(after, from);
    const last = changed.at(-1);
    if (was === is) continue;
    if (last !== undefined && last.to === from && last.before === was && last.after === is) {
      changed[changed.length - 1] = { ...last, to };
    } else changed.push({ before: was, after: is, from, to });
  }
  return changed;
}

function valueAt(holdings: readonly Holding[], at: number): string | null {
  for (const { value, from, to } of holdings) if (from <= at && at < (to ?? Number.POSITIVE_INFINITY)) return value;
  return null;
}
