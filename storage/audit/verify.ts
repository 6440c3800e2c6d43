import { type Actor, storableText } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { personalHash, sha256 } from './leaf.ts';
import { type AuditHead, BEFORE_FIRST } from './sequencer.ts';

const ROWS_AT_ONCE = 1_000;

/** A row that is not what was written. */
export interface AuditFault {
  readonly entry: string | null;
  readonly place: number | null;
  readonly fault: string;
}

export interface AuditVerdict {
  readonly entries: number;
  readonly placed: number;
  /** Committed and without a place yet. */
  readonly waiting: number;
  /** Personal values that were erased by a recorded act. */
  readonly erased: number;
  readonly head: AuditHead | null;
  readonly faults: readonly AuditFault[];
}

interface PlacedRow {
  readonly place: number;
  readonly entry: string;
  readonly chain: Buffer;
  readonly at: number | null;
  readonly actor_id: string | null;
  readonly actor_name: string | null;
  readonly action: string | null;
  readonly subject: string | null;
  readonly leaf: string | null;
  readonly sha256: Buffer | null;
}

/**
 * Reads the audit trail whole and recomputes every hash: finds entries changed, removed or moved by SQL, entries that
 * never got a place, and personal values that were changed. Rows cut off the end are found where a head was kept
 * outside the database.
 *
 * @param keptHead the last head as it was kept elsewhere; null where there is none
 */
export async function verifyAudit(database: Database, keptHead: AuditHead | null): Promise<AuditVerdict> {
  const faults: AuditFault[] = [];
  let before = { place: 0, chain: BEFORE_FIRST };
  let isHeadThere = keptHead === null;
  for (;;) {
    const { rows } = await database.query<PlacedRow>(
      `SELECT place, entry, chain, at, actor_id, actor_name, action, subject, leaf, sha256
       FROM audit_places LEFT JOIN audit_entries ON id = entry WHERE place > $1 ORDER BY place LIMIT ${ROWS_AT_ONCE}`,
      [before.place],
    );
    for (const row of rows) {
      if (row.place !== before.place + 1) {
        faults.push({
          ...at(null, before.place + 1),
          fault: `removed: places ${before.place + 1} to ${row.place - 1}`,
        });
      }
      faults.push(...faultsOf(row, before.chain));
      if (keptHead?.place === row.place) isHeadThere = keptHead.chain === row.chain.toString('hex');
      before = { place: row.place, chain: row.chain };
    }
    if (rows.length < ROWS_AT_ONCE) break;
  }
  if (keptHead !== null && !isHeadThere) {
    const fault =
      keptHead.place > before.place
        ? `removed: the trail ends at place ${before.place}, it had come to ${keptHead.place}`
        : 'changed: the chain is not the one that stood at this place';
    faults.push({ ...at(null, keptHead.place), fault });
  }
  faults.push(...(await unplacedFaults(database)), ...(await personalFaults(database)));
  const { rows: counts } = await database.query<{ entries: number; waiting: number; erased: number }>(
    `SELECT (SELECT count(*) FROM audit_entries) AS entries, (SELECT count(*) FROM audit_unplaced) AS waiting,
       (SELECT count(*) FROM audit_personal WHERE erased_by IS NOT NULL) AS erased`,
  );
  const { entries = 0, waiting = 0, erased = 0 } = counts[0] ?? {};
  const head = before.place === 0 ? null : { place: before.place, chain: before.chain.toString('hex') };
  return { entries, placed: before.place, waiting, erased, head, faults };
}

function faultsOf(row: PlacedRow, chainBefore: Buffer): AuditFault[] {
  const where = at(row.entry, row.place);
  if (row.leaf === null || row.sha256 === null)
    return [{ ...where, fault: 'removed: the entry of this place is gone' }];
  if (!sha256(row.leaf).equals(row.sha256)) return [{ ...where, fault: 'changed: the entry is not what was hashed' }];
  if (!sha256(chainBefore, row.sha256).equals(row.chain)) {
    return [{ ...where, fault: 'changed or moved: the entry is not the one that was chained here' }];
  }
  const columns = differingColumns(row, row.leaf);
  return columns.length === 0 ? [] : [{ ...where, fault: `changed: ${columns.join(', ')} not as in the leaf` }];
}

/** Columns that do not say what the leaf says. */
function differingColumns(row: PlacedRow, text: string): string[] {
  const leaf = JSON.parse(text) as { id: string; at: string; actor: Actor; action: string; subject: string };
  const pairs: [string, unknown, unknown][] = [
    ['id', row.entry, leaf.id],
    ['at', row.at, Date.parse(leaf.at)],
    ['actor_id', row.actor_id, storableText(leaf.actor.id)],
    ['actor_name', row.actor_name, storableText(leaf.actor.name)],
    ['action', row.action, storableText(leaf.action)],
    ['subject', row.subject, storableText(leaf.subject)],
  ];
  return pairs.filter(([, column, said]) => column !== said).map(([name]) => name);
}

/** Entries that nobody will ever place, and places that wait for an entry that is gone. */
async function unplacedFaults(database: Database): Promise<AuditFault[]> {
  const { rows } = await database.query<{ id: string | null; number: number }>(
    `SELECT id, number FROM audit_entries e
      WHERE NOT EXISTS (SELECT FROM audit_places p WHERE p.entry = e.id)
        AND NOT EXISTS (SELECT FROM audit_unplaced u WHERE u.number = e.number)
     UNION ALL
     SELECT NULL, number FROM audit_unplaced u WHERE NOT EXISTS (SELECT FROM audit_entries e WHERE e.number = u.number)`,
  );
  return rows.map(({ id, number }) => ({
    ...at(id, null),
    fault: id === null ? `removed: entry number ${number} before it had a place` : 'it has no place and waits for none',
  }));
}

async function personalFaults(database: Database): Promise<AuditFault[]> {
  const faults: AuditFault[] = [];
  let after: Buffer = Buffer.alloc(0);
  for (;;) {
    const { rows } = await database.query<{
      sha256: Buffer;
      entry: string;
      salt: Buffer | null;
      value: string | null;
      erasing: string | null;
    }>(
      `SELECT p.sha256, p.entry, p.salt, p.value, e.id AS erasing FROM audit_personal p
       LEFT JOIN audit_entries e ON e.id = p.erased_by AND e.action = 'audit.erase'
       WHERE p.sha256 > $1 ORDER BY p.sha256 LIMIT ${ROWS_AT_ONCE}`,
      [after],
    );
    for (const { sha256: hash, entry, salt, value, erasing } of rows) {
      if (salt !== null && value !== null) {
        if (!personalHash(salt, value).equals(hash)) {
          faults.push({ ...at(entry, null), fault: 'changed: a personal value is not the one that was hashed' });
        }
      } else if (erasing === null) {
        faults.push({ ...at(entry, null), fault: 'a personal value is gone and no entry records its erasing' });
      }
    }
    after = rows.at(-1)?.sha256 ?? after;
    if (rows.length < ROWS_AT_ONCE) return faults;
  }
}

function at(entry: string | null, place: number | null): Pick<AuditFault, 'entry' | 'place'> {
  return { entry, place };
}
