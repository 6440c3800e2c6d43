import { type Effects, type Epc, serverText } from '../../domain/index.ts';
import { clientOf, timestamp } from '../../storage/index.ts';
import { caseId } from './case.ts';
import { nextRevision, touchCase } from './case-store.ts';
import { type CaseTargets, targetOf } from './case-targets.ts';

/** A closed case whose decisions rest on other evidence than is known now. */
export interface LateNews {
  readonly number: number;
  /** The decision that was signed on it. */
  readonly decision: number;
  /** What is different, a sentence each, and of which serials. */
  readonly changes: readonly { readonly sentence: string; readonly epcs: readonly Epc[] }[];
  /** Epoch ms UTC. */
  readonly at: number;
}

/**
 * Opens the case that follows a closed one up with the serials of which something else is known now, or adds them to the
 * open case of the same shipment or place. The closed case keeps what was closed, and says what was found. Told once.
 */
export async function followUp(effects: Effects, targets: CaseTargets, news: LateNews): Promise<void> {
  const client = clientOf(effects);
  const { number, decision, changes, at } = news;
  const { rows } = await client.query<{ subject: string | null; shipment: string | null; place: string | null }>(
    'SELECT subject, shipment, place FROM cases WHERE number = $1',
    [number],
  );
  const [closed] = rows;
  if (closed === undefined) return;
  // The open one is held first, as who settles alerts holds it: two that wait for each other would both be undone.
  const open = await standing(effects, { ...closed, number });
  const revision = await nextRevision(effects, number);
  const sentences: string[] = [];
  const epcs: Epc[] = [];
  for (const change of changes) {
    const { rows: told } = await client.query<{ epc: Epc }>(
      `UPDATE case_serials SET changed_revision = $3
       WHERE case_number = $1 AND decision = $2 AND decided_revision >= changed_revision AND epc = ANY($4::text[])
       RETURNING epc`,
      [number, decision, revision, change.epcs],
    );
    if (told.length > 0) sentences.push(change.sentence);
    epcs.push(...told.map(({ epc }) => epc));
  }
  if (epcs.length === 0) return;
  const { title, shipment, place } = { ...closed, title: serverText('case.title.late', { id: caseId(number) }) };
  let next = open;
  if (next === null) {
    const { rows: made } = await client.query<{ number: number }>(
      `INSERT INTO cases (kind, title, subject, shipment, place, opened_at, follows, revision)
       VALUES ('excursion', $1, $2, $3, $4, $5, $6, 0) RETURNING number`,
      [title, closed.subject, shipment, place, timestamp(at), number],
    );
    next = made[0]?.number ?? 0;
    const due = at + (await targetOf(client, targets, closed));
    await client.query(`INSERT INTO case_clocks (case_number, clock, due_at) VALUES ($1, 'target', $2)`, [
      ...[next, timestamp(due)],
    ]);
  }
  // No alert brought them, so none takes them out.
  await client.query(
    `INSERT INTO case_serials AS k (case_number, epc, gtin, serial, lot, expiry, unit, is_by_hand, changed_revision)
     SELECT $1, epc, gtin, serial, lot, expiry, unit, true, $3 FROM case_serials WHERE case_number = $2 AND epc = ANY($4::text[])
     ON CONFLICT (case_number, epc) DO UPDATE SET is_affected = true, is_by_hand = true, changed_revision = excluded.changed_revision`,
    [next, number, await nextRevision(effects, next), epcs],
  );
  await carryAlerts(effects, { from: number, to: next }, at);
  const late = { id: caseId(number), decision, changes: sentences.join(' ') };
  await touchCase(effects, next, { what: serverText('case.opened.late', late), at, isEvidence: true });
  const what = serverText('case.evidence.after', { ...late, next: caseId(next) });
  await touchCase(effects, number, { what, at, isEvidence: true, decision });
}

/**
 * What a closed case rests on, the case that follows it up rests on too: what its serials went through ends no earlier than
 * in the closed one, and the same excursions can be excused there. They bring no serials along.
 */
export async function carryAlerts(
  effects: Effects,
  { from, to }: { readonly from: number; readonly to: number },
  at: number,
): Promise<void> {
  await clientOf(effects).query(
    `INSERT INTO case_alerts (case_number, alert, joined_at, seen, is_carried)
     SELECT $1, alert, $3, seen, true FROM case_alerts WHERE case_number = $2 AND left_at IS NULL
     ON CONFLICT (case_number, alert) DO NOTHING`,
    [to, from, timestamp(at)],
  );
}

/** The open case of the same subject, held; of a case about serials alone the one that follows it up. */
async function standing(
  effects: Effects,
  { subject, number }: { readonly subject: string | null; readonly number: number },
): Promise<number | null> {
  const { rows } = await clientOf(effects).query<{ number: number }>(
    subject === null
      ? `SELECT number FROM cases WHERE follows = $1 AND subject IS NULL AND state <> 'closed' FOR UPDATE`
      : `SELECT number FROM cases WHERE subject = $1 AND state <> 'closed' FOR UPDATE`,
    [subject ?? number],
  );
  return rows[0]?.number ?? null;
}
