import type pg from 'pg';
import { DefectError, type Family, type NewRecord } from '../../../domain/index.ts';
import { digestOf, identityOf } from '../identity.ts';
import { byteaArray, int2Array, int8Array, textArray } from './arrays.ts';

/** Records of one family and partition that share a commit, in the order they were handed in. */
export interface Part {
  readonly family: Family;
  readonly partition: number;
  readonly records: readonly NewRecord[];
  /** Where each of them stood before they were grouped. */
  readonly indexes: readonly number[];
}

/** Where a part went. `positions` and `isDuplicate` run parallel to its records. */
export interface AppendedPart extends Part {
  readonly positions: readonly number[];
  readonly isDuplicate: readonly boolean[];
  /** Head before and after. */
  readonly previous: number;
  readonly head: number;
  /** Number of the segment the head is in. */
  readonly segment: number;
}

export interface AppendSettings {
  /** Marks our own notifications. */
  readonly tag: string;
  /** Epoch ms UTC. */
  readonly now: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
}

/**
 * Appends the parts in one transaction and one round trip. Heads are locked in the order of the parts, which must be
 * the same everywhere: see {@link partsOf}.
 *
 * @throws what pg throws; after an error that is not the server's answer the outcome is unknown
 */
export async function appendParts(
  { client }: { readonly client: pg.ClientBase },
  parts: readonly Part[],
  settings: AppendSettings,
): Promise<AppendedPart[]> {
  const statements = parts.map((part) => statementOf(part, settings));
  const [only] = statements;
  if (only !== undefined && statements.length === 1) return [only.outcome(await client.query<AppendRow>(only.query))];
  const begun = client.query('BEGIN');
  const answers = statements.map(({ query }) => client.query<AppendRow>(query));
  const committed = client.query('COMMIT');
  // All are answered, in order; the first failure is the one that says why.
  for (const answer of await Promise.allSettled([begun, ...answers, committed])) {
    if (answer.status === 'rejected') throw answer.reason;
  }
  const { command } = await committed;
  if (command !== 'COMMIT') throw new DefectError('LOG_NOT_COMMITTED', `the append ended in ${command}`);
  return Promise.all(statements.map(async ({ outcome }, index) => outcome(await answers[index])));
}

/** This home keeps one partition of each family: see domain/log.ts. */
const PARTITION = 0;

/** Groups records by where they go, in the order in which every process locks heads. */
export function partsOf(records: readonly NewRecord[]): Part[] {
  const parts = new Map<Family, { family: Family; partition: number; records: NewRecord[]; indexes: number[] }>();
  for (const [index, record] of records.entries()) {
    const { family } = record;
    const part = parts.get(family);
    if (part === undefined) {
      parts.set(family, { family, partition: PARTITION, records: [record], indexes: [index] });
    } else {
      part.records.push(record);
      part.indexes.push(index);
    }
  }
  return [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

interface AppendRow {
  previous: number;
  base: number;
  head: number;
  number: number;
  known: (number | null)[] | null;
}

interface Statement {
  readonly query: pg.QueryConfig;
  outcome(answer: pg.QueryResult<AppendRow> | undefined): AppendedPart;
}

function statementOf(part: Part, settings: AppendSettings): Statement {
  const { sent, digests, sentAs } = withoutRepeats(part.records);
  let bytes = 0;
  for (const record of sent) bytes += record.payload.length;
  return {
    query: {
      name: 'log_append',
      text: 'SELECT * FROM log_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)',
      values: [
        part.family,
        part.partition,
        settings.tag,
        settings.now,
        settings.segmentBytes,
        settings.segmentMs,
        bytes,
        digests !== null,
        textArray(sent.map((record) => record.kind)),
        int2Array(sent.map((record) => record.version)),
        textArray(sent.map((record) => record.source)),
        int8Array(sent.map((record) => record.sequence)),
        digests && int8Array(digests),
        int8Array(sent.map((record) => record.arrival)),
        byteaArray(sent.map((record) => record.payload)),
      ],
    },
    outcome(answer) {
      const row = answer?.rows[0];
      if (row === undefined) throw new DefectError('LOG_APPEND_SILENT', 'log_append gave no row');
      const { previous, base, head, number, known } = row;
      let next = base;
      const sentTo = sent.map((_, index) => known?.[index] ?? next++);
      const positions = part.records.map((_, index) => sentTo[sentAs?.[index] ?? index] ?? 0);
      let unseen = 0;
      const isDuplicate = part.records.map((_, index) => {
        const at = sentAs?.[index] ?? index;
        const isRepeat = at < unseen;
        if (!isRepeat) unseen = at + 1;
        return isRepeat || typeof known?.[at] === 'number';
      });
      return { ...part, positions, isDuplicate, previous, head, segment: number };
    },
  };
}

/**
 * Drops records that repeat the identity of an earlier one of the same part, which the table cannot know yet.
 *
 * @returns `digests` of the records to send, or null if none has a sequence; `sentAs[i]`: which of them stands for
 *   record i, or null if all do for themselves
 */
function withoutRepeats(records: readonly NewRecord[]): {
  sent: readonly NewRecord[];
  digests: readonly number[] | null;
  sentAs: readonly number[] | null;
} {
  if (records.every((record) => record.sequence === null)) return { sent: records, digests: null, sentAs: null };
  const sent: NewRecord[] = [];
  const digests: number[] = [];
  const seen = new Map<string, number>();
  const sentAs = records.map((record) => {
    const digest = record.sequence === null ? 0 : digestOf(record);
    const identity = record.sequence === null ? null : identityOf(record, digest);
    const earlier = identity === null ? undefined : seen.get(identity);
    if (earlier !== undefined) return earlier;
    if (identity !== null) seen.set(identity, sent.length);
    digests.push(digest);
    return sent.push(record) - 1;
  });
  return { sent, digests, sentAs };
}
