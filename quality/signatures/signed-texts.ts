import type { Database } from '../../storage/index.ts';

/** What was signed, and the signature: texts whose hashes the ledger has. */
export interface SignedText {
  /** As the ledger names it: `decision:C-000123/1`, `step:C-000123/2`, `signature:decision:C-000123/1/2`. */
  readonly subject: string;
  /** Canonical JSON (RFC 8785), as it is kept. */
  readonly text: string;
}

/** All of a case: its decisions, its steps, the signatures of both. */
export async function signedTextsOf(database: Database, caseNo: number): Promise<readonly SignedText[]> {
  const { rows } = await database.query<SignedText>(
    `SELECT 'decision:' || case_id(case_number) || '/' || number AS subject, record AS text
       FROM case_decisions WHERE case_number = $1
     UNION ALL SELECT 'step:' || case_id(case_number) || '/' || number, record FROM case_steps WHERE case_number = $1
     UNION ALL SELECT 'signature:' || about || ':' || case_id(case_number) || '/' || number || '/' || place, signature
       FROM case_signatures WHERE case_number = $1
     ORDER BY subject`,
    [caseNo],
  );
  return rows;
}
