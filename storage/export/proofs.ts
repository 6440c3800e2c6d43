import { join } from 'node:path';
import type pg from 'pg';
import { linesToFile, type WrittenFile } from '../backup/table-file.ts';
import type { Database } from '../database.ts';
import { Ledger, type LedgerIssuer, type SignedCheckpoint, setHead, setLine } from '../ledger/index.ts';
import { entryOf } from '../ledger/leaves.ts';
import { auditScope, type ExportScope, signedScope } from './datasets.ts';

const AT_ONCE = 2_000;

export const PROOFS_FILE = 'ledger.jsonl';

/**
 * The leaves of what an export holds, each with its proof: audit entries, what was signed, and of an export without limits
 * all the others too.
 * @returns null where the ledger has none
 * @throws {UnavailableError} LEDGER_NOT_PLACED
 */
export async function exportProofs(
  database: Database,
  {
    directory,
    scope,
    issuer,
  }: { readonly directory: string; readonly scope: ExportScope; readonly issuer: LedgerIssuer },
): Promise<{ readonly written: WrittenFile; readonly signed: SignedCheckpoint } | null> {
  await issuer.settled();
  return database.transaction(async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const signed = await new Ledger({ database }).latest();
    if (signed === null) return null;
    const { size } = signed.checkpoint;
    const isAll = !scope.isShipment && !Number.isFinite(scope.from) && !Number.isFinite(scope.to);
    await client.query(
      `CREATE TEMP TABLE export_leaves ON COMMIT DROP AS SELECT index FROM ledger_leaves WHERE index < ${size} ${
        isAll
          ? ''
          : `AND (cause IN (SELECT id FROM audit_entries WHERE ${auditScope(scope)})
              OR (kind IN ('decision', 'step', 'signature') AND subject IN (SELECT subject FROM (${signedScope(scope)}) AS signed)))`
      }`,
    );
    const written = await linesToFile(leaves(client, database, signed), join(directory, PROOFS_FILE));
    return { written, signed };
  });
}

async function* leaves(client: pg.ClientBase, database: Database, { checkpoint, note }: SignedCheckpoint) {
  yield setHead(note);
  for (let after = -1; ; ) {
    const { rows } = await client.query<{ index: number; kind: string; sha256: Buffer; content: string | null }>(
      `SELECT l.index, l.kind, l.sha256, coalesce(l.content, e.leaf) AS content FROM export_leaves
       JOIN ledger_leaves l USING (index) LEFT JOIN audit_entries e ON e.id = l.cause
       WHERE index > $1 ORDER BY index LIMIT ${AT_ONCE}`,
      [after],
    );
    // Its tiles are kept as long as these leaves are at hand.
    const tree = new Ledger({ database }).tree(checkpoint.size);
    for (const { index, kind, sha256, content } of rows) {
      yield setLine({ index, entry: entryOf(kind, sha256), content, path: await tree.inclusion(index) });
    }
    if (rows.length < AT_ONCE) return;
    after = rows.at(-1)?.index ?? after;
  }
}
