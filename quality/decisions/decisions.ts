import type pg from 'pg';
import {
  type AuditTrail,
  ConflictError,
  type DecisionFact,
  type Disposition,
  type Epc,
  InputError,
  type Origination,
  type SeenFrom,
  serverText,
  type TimeSource,
} from '../../domain/index.ts';
import { addLeaf, type Database, effectsOf } from '../../storage/index.ts';
import { type Case, caseId, caseNumber, unknownCase } from '../cases/case.ts';
import { touchCase } from '../cases/case-store.ts';
import {
  breaks,
  canonical,
  type KeptSignature,
  type SignatureRecord,
  type Signer,
  sha256,
  signatureLeaf,
  signatureOf,
  signed,
} from '../signatures/index.ts';
import { type Assessment, type DecisionRecord, type DecisionWish, recordOf } from './decision-record.ts';
import { evidenceChanges } from './evidence-changes.ts';

/** Works out what a case comes to now. */
export interface Assessor {
  /** @param until epoch ms UTC: what came after is no part of it; default: what is decided on now */
  assess(found: { readonly number: number; readonly until?: number }): Promise<Assessment>;
}

export interface DecisionsOptions {
  readonly database: Database;
  readonly audit: AuditTrail;
  readonly time: TimeSource;
  readonly assessor: Assessor;
}

/** A decision as it is kept. Times epoch ms UTC. */
export interface KeptDecision {
  readonly number: number;
  readonly revision: number;
  readonly disposition: Disposition;
  readonly reason: string;
  readonly scope: { readonly group: string | null; readonly lot: string | null };
  readonly serials: number;
  readonly serialsHash: string;
  readonly recordHash: string;
  readonly signatures: readonly SignatureRecord[];
  readonly needsSecond: boolean;
  readonly inForceAt: number | null;
  /** A later decision on all of its serials. */
  readonly supersededBy: number | null;
  /** Why it cannot be relied on: it was changed after it was signed. */
  readonly broken: readonly string[];
  /** What is different from what was signed; only where it still stands for serials. */
  readonly evidenceChanged: readonly string[];
}

/** Decides on goods of cases: with signatures, over a record that holds all that the decision stands on. */
export class Decisions {
  readonly #options: DecisionsOptions;
  readonly #database: Database;

  constructor(options: DecisionsOptions) {
    this.#options = options;
    this.#database = options.database;
  }

  /**
   * What would be signed, in the one form in which it is.
   * @throws {InputError} CASE_UNKNOWN, DECISION_SCOPE_BAD, DECISION_NEEDLESS, GROUP_UNKNOWN, LOT_UNKNOWN, SERIALS_NOT_AFFECTED
   * @throws {ConflictError} CASE_CHANGED, CASE_CLOSED
   */
  async drafted(id: string, wish: DecisionWish): Promise<string> {
    const number = caseNumber(id);
    const standing = await standingOf(this.#database.pool, number);
    requireStanding(standing, wish.revision);
    const assessment = await this.#options.assessor.assess({ number });
    const toDecide = wish.scope.toDecide === true ? await this.#toDecide(number) : null;
    return canonical(recordOf({ id, number: standing.decisions + 1 }, wish, assessment, toDecide));
  }

  /**
   * Keeps a decision with its first signature. It is in force at once where no second signer is asked for.
   * @param record as it was drafted and, for a passkey, signed
   * @throws {ConflictError} CASE_CHANGED, CASE_CLOSED
   * @returns its number
   */
  async decide(record: string, signer: Signer, by: Origination): Promise<number> {
    const decision = JSON.parse(record) as DecisionRecord;
    const { case: id, number, serials, needsSecond } = decision;
    const caseNo = caseNumber(id);
    return this.#database.transaction(async (client) => {
      const standing = await standingOf(client, caseNo, 'FOR UPDATE');
      requireStanding(standing, decision.revision);
      if (standing.decisions + 1 !== number) throw changed(standing);
      const at = this.#options.time.now();
      const recordHash = sha256(record);
      await client.query(
        `INSERT INTO case_decisions (case_number, number, revision, disposition, scope_group, scope_lot, reason, serials,
           serials_hash, record, record_hash, needs_second, made_at, in_force_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
        [
          ...[caseNo, number, decision.revision, decision.disposition, decision.scope.group, decision.scope.lot],
          ...[decision.reason, serials.count, serials.sha256, record, recordHash, needsSecond, at],
          needsSecond ? null : at,
        ],
      );
      await client.query(
        `INSERT INTO case_decision_serials (case_number, epc, number) SELECT $1, epc, $2 FROM unnest($3::text[]) AS epc`,
        [caseNo, number, serials.epcs],
      );
      await client.query(
        `UPDATE case_serials SET decision = $2, decided_revision = $4, is_in_force = $5
         WHERE case_number = $1 AND epc = ANY($3::text[])`,
        [caseNo, number, serials.epcs, decision.revision, !needsSecond],
      );
      const inForceAt = needsSecond ? null : at;
      const { revision, disposition, reason, scope } = decision;
      await addLeaf(effectsOf(client), {
        kind: 'decision',
        subject: `decision:${id}/${number}`,
        content: {
          ...{ case: id, number, revision, disposition, ...scope, reason, needsSecond, recordHash, madeAt: at },
          ...{ serials: serials.count, serialsHash: serials.sha256 },
        },
      });
      await this.#sign(client, { caseNo, number, place: 1, recordHash, disposition, inForceAt }, signer, by, at);
      const told = { decision: number, disposition, serials: serials.count };
      const what = serverText(needsSecond ? 'case.decided.awaited' : 'case.decided.inForce', told);
      await touchCase(effectsOf(client), caseNo, { what, at, isEvidence: false });
      return number;
    });
  }

  /**
   * The second signature, by which a decision comes into force.
   * @throws {InputError} CASE_UNKNOWN, DECISION_UNKNOWN
   * @throws {ConflictError} DECISION_SIGNED, SIGNER_SAME, DECISION_SUPERSEDED, EVIDENCE_CHANGED, RECORD_BROKEN
   */
  async countersign(id: string, number: number, signer: Signer, by: Origination): Promise<void> {
    const caseNo = caseNumber(id);
    const assessment = await this.#options.assessor.assess({ number: caseNo });
    await this.#database.transaction(async (client) => {
      const standing = await standingOf(client, caseNo, 'FOR UPDATE');
      if (standing.state === 'closed') throw closed(standing);
      const [kept] = await rowsOf(client, caseNo, number);
      if (kept === undefined) throw unknownDecision(id, number);
      const signatures = kept.signatures.map((one) => signatureOf(one.signature));
      const broken = breaks(kept, kept.signatures);
      if (broken.length > 0) throw new ConflictError('RECORD_BROKEN', broken.join(' '));
      if (kept.in_force_at !== null) {
        throw new ConflictError('DECISION_SIGNED', `decision ${number} has all signatures that it needs`, { number });
      }
      if (signatures.some(({ userId }) => userId === signer.userId)) {
        throw new ConflictError('SIGNER_SAME', 'you signed it first; the second signer has to be somebody else');
      }
      const { rowCount } = await client.query(
        `SELECT FROM case_serials WHERE case_number = $1 AND decision <> $2 AND epc IN
           (SELECT epc FROM case_decision_serials WHERE case_number = $1 AND number = $2) LIMIT 1`,
        [caseNo, number],
      );
      if (rowCount !== 0) {
        throw new ConflictError(
          'DECISION_SUPERSEDED',
          `a later decision is on serials of decision ${number}; sign that one`,
        );
      }
      const changes = evidenceChanges(JSON.parse(kept.record) as DecisionRecord, assessment);
      if (changes.length > 0) {
        throw new ConflictError('EVIDENCE_CHANGED', `the evidence is not what was signed: ${changes.join(' ')}`, {
          changes,
        });
      }
      const at = this.#options.time.now();
      const { recordHash, disposition } = kept;
      await client.query('UPDATE case_decisions SET in_force_at = $3 WHERE case_number = $1 AND number = $2', [
        ...[caseNo, number, at],
      ]);
      await client.query('UPDATE case_serials SET is_in_force = true WHERE case_number = $1 AND decision = $2', [
        ...[caseNo, number],
      ]);
      await this.#sign(client, { caseNo, number, place: 2, recordHash, disposition, inForceAt: at }, signer, by, at);
      const what = serverText('case.countersigned', { decision: number, who: signer.name });
      await touchCase(effectsOf(client), caseNo, { what, at, isEvidence: false });
    });
  }

  /** Serials of a case that nobody decided on, or on other evidence than is known now. */
  async #toDecide(number: number): Promise<ReadonlySet<Epc>> {
    const { rows } = await this.#database.query<{ epc: Epc }>(
      `SELECT epc FROM case_serials WHERE case_number = $1 AND (decision IS NULL OR decided_revision < changed_revision)`,
      [number],
    );
    return new Set(rows.map(({ epc }) => epc));
  }

  /** Whether the goods of a case are seen from these places. @throws {InputError} CASE_UNKNOWN */
  async isSeen(id: string, seenFrom: SeenFrom): Promise<boolean> {
    const { rowCount } = await this.#database.query(
      `SELECT FROM cases WHERE number = $1 AND ($2::text[] IS NULL OR case_seen_from(number, shipment, place, $2))`,
      [caseNumber(id), seenFrom],
    );
    return rowCount === 1;
  }

  /** The hash that the second signer signs. @throws {InputError} CASE_UNKNOWN, DECISION_UNKNOWN */
  async recordHash(id: string, number: number): Promise<string> {
    const [kept] = await rowsOf(this.#database.pool, caseNumber(id), number);
    if (kept === undefined) throw unknownDecision(id, number);
    return kept.recordHash;
  }

  /** The signed record as it was kept, canonical JSON. @throws {InputError} CASE_UNKNOWN, DECISION_UNKNOWN */
  async record(id: string, number: number): Promise<string> {
    const [kept] = await rowsOf(this.#database.pool, caseNumber(id), number);
    if (kept === undefined) throw unknownDecision(id, number);
    return kept.record;
  }

  /** Those of a case, the first one first, each verified as it is read. */
  async of({ number }: Pick<Case, 'number'>, assessment: Assessment): Promise<readonly KeptDecision[]> {
    const rows = await rowsOf(this.#database.pool, number, null);
    const { rows: superseded } = await this.#database.query<{ number: number; first: number; last: number }>(
      `SELECT s.number, min(k.decision) AS first, max(k.decision) AS last
       FROM case_decision_serials s JOIN case_serials k ON k.case_number = s.case_number AND k.epc = s.epc
       WHERE s.case_number = $1 GROUP BY s.number HAVING max(k.decision) > s.number`,
      [number],
    );
    const isPartly = superseded.some((one) => one.first === one.number);
    const latest = isPartly ? await this.#latestOf(number) : null;
    return rows.map((row): KeptDecision => {
      const broken = breaks(row, row.signatures);
      const by = superseded.find((one) => one.number === row.number);
      const supersededBy = by !== undefined && by.first > row.number ? by.first : null;
      const record =
        broken.length === 0 && supersededBy === null
          ? standingPart(JSON.parse(row.record) as DecisionRecord, by && latest)
          : null;
      return {
        ...{ number: row.number, revision: row.revision, disposition: row.disposition, reason: row.reason },
        scope: { group: row.scope_group, lot: row.scope_lot },
        ...{ serials: row.serials, serialsHash: row.serials_hash, recordHash: row.recordHash },
        signatures: row.signatures.map(({ signature }) => signatureOf(signature)),
        needsSecond: row.in_force_at === null,
        ...{ inForceAt: row.in_force_at, supersededBy, broken },
        evidenceChanged: record === null ? [] : evidenceChanges(record, assessment),
      };
    });
  }

  /** By EPC: the number of the latest decision on it. */
  async #latestOf(number: number): Promise<ReadonlyMap<Epc, number>> {
    const { rows } = await this.#database.query<{ epc: Epc; decision: number }>(
      'SELECT epc, decision FROM case_serials WHERE case_number = $1 AND decision IS NOT NULL',
      [number],
    );
    return new Map(rows.map(({ epc, decision }) => [epc, decision]));
  }

  /** Decisions in force that the log was not told of yet, with who signed last. */
  async toAct(): Promise<readonly { readonly fact: DecisionFact; readonly by: Origination; readonly name: string }[]> {
    const { rows } = await this.#database.query<{ case_number: number; number: number }>(
      'SELECT case_number, number FROM case_decisions WHERE in_force_at IS NOT NULL AND acted_at IS NULL ORDER BY in_force_at LIMIT 100',
    );
    const found = [];
    for (const { case_number, number } of rows) {
      const [kept] = await rowsOf(this.#database.pool, case_number, number);
      if (kept === undefined || breaks(kept, kept.signatures).length > 0) continue;
      const { disposition, reason, serials, alerts } = JSON.parse(kept.record) as DecisionRecord;
      const last = kept.signatures.map(({ signature }) => signatureOf(signature)).at(-1);
      const fact: DecisionFact = {
        ...{ case: caseId(case_number), number, at: kept.in_force_at ?? 0, disposition, reason },
        ...{ epcs: serials.epcs, alerts: alerts.map(({ id }) => id), recordHash: kept.recordHash },
      };
      const name = last?.name ?? '';
      const by: Origination = {
        actor: { id: `user:${last?.userId ?? 0}`, name, kind: 'user' },
        origin: { via: 'platform', address: null },
      };
      found.push({ fact, by, name });
    }
    return found;
  }

  async acted({ case: id, number }: DecisionFact): Promise<void> {
    await this.#database.query('UPDATE case_decisions SET acted_at = $3 WHERE case_number = $1 AND number = $2', [
      ...[caseNumber(id), number, this.#options.time.now()],
    ]);
  }

  async #sign(
    client: pg.ClientBase,
    about: {
      readonly caseNo: number;
      readonly number: number;
      readonly place: number;
      readonly recordHash: string;
      readonly disposition: Disposition;
      readonly inForceAt: number | null;
    },
    signer: Signer,
    by: Origination,
    at: number,
  ): Promise<void> {
    const { caseNo, number, place, recordHash, disposition, inForceAt } = about;
    const { signature, signatureHash } = signed(recordHash, signer, at);
    await client.query(
      `INSERT INTO case_signatures (case_number, about, number, place, user_id, user_name, signature, signature_hash)
       VALUES ($1, 'decision', $2, $3, $4, $5, $6, $7)`,
      [caseNo, number, place, signer.userId, signer.name, signature, signatureHash],
    );
    const { meaning, method } = signer;
    const subject = `case:${caseId(caseNo)}` as const;
    const told = { decision: number, disposition, recordHash, meaning, method, signatureHash };
    await this.#options.audit.add(effectsOf(client), {
      ...by,
      ...{ at, action: place === 1 ? 'case.decide' : 'case.sign', subject, new: told },
    });
    await addLeaf(
      effectsOf(client),
      signatureLeaf(
        { about: 'decision', case: caseId(caseNo), number, place, recordHash, signatureHash, inForceAt },
        signer,
      ),
    );
  }
}

/** What was signed of the serials that it stands for still: of those decided anew, a later record says what it rests on. */
function standingPart(record: DecisionRecord, latest: ReadonlyMap<Epc, number> | null | undefined): DecisionRecord {
  if (latest === null || latest === undefined) return record;
  const epcs = record.serials.epcs.filter((epc) => latest.get(epc) === record.number);
  return { ...record, serials: { ...record.serials, epcs } };
}

interface DecisionRow {
  readonly case_number: number;
  readonly number: number;
  readonly revision: number;
  readonly disposition: Disposition;
  readonly scope_group: string | null;
  readonly scope_lot: string | null;
  readonly reason: string;
  readonly serials: number;
  readonly serials_hash: string;
  readonly record: string;
  readonly recordHash: string;
  readonly needs_second: boolean;
  readonly in_force_at: number | null;
  readonly signatures: readonly KeptSignature[];
}

type Queries = Pick<pg.ClientBase, 'query'> | Database['pool'];

/** Of a case; one of them, or all. */
async function rowsOf(client: Queries, caseNo: number, number: number | null): Promise<readonly DecisionRow[]> {
  const { rows } = await client.query<DecisionRow>(
    `SELECT d.*, d.record_hash AS "recordHash", (
       SELECT coalesce(json_agg(json_build_object('signature', s.signature, 'signatureHash', s.signature_hash) ORDER BY s.place), '[]')
       FROM case_signatures s WHERE s.case_number = d.case_number AND s.about = 'decision' AND s.number = d.number) AS signatures
     FROM case_decisions d WHERE d.case_number = $1 AND ($2::int IS NULL OR d.number = $2) ORDER BY d.number`,
    [caseNo, number],
  );
  return rows;
}

interface Standing {
  readonly number: number;
  readonly state: string;
  readonly revision: number;
  readonly decisions: number;
}

async function standingOf(client: Queries, caseNo: number, lock: 'FOR UPDATE' | '' = ''): Promise<Standing> {
  const { rows } = await client.query<Omit<Standing, 'decisions'>>(
    `SELECT number, state, revision FROM cases WHERE number = $1 ${lock}`,
    [caseNo],
  );
  if (rows[0] === undefined) throw unknownCase(caseId(caseNo));
  const made = await client.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM case_decisions WHERE case_number = $1',
    [caseNo],
  );
  return { ...rows[0], decisions: made.rows[0]?.count ?? 0 };
}

function requireStanding(standing: Standing, revision: number): void {
  if (standing.state === 'closed') throw closed(standing);
  if (standing.revision !== revision) throw changed(standing);
}

function changed({ number, revision }: Standing): ConflictError {
  const message = `case ${caseId(number)} is at revision ${revision}; look at it again before you decide`;
  return new ConflictError('CASE_CHANGED', message, { revision });
}

function closed({ number, revision }: Standing): ConflictError {
  return new ConflictError('CASE_CLOSED', `case ${caseId(number)} is closed`, { revision });
}

function unknownDecision(id: string, number: number): InputError {
  return new InputError('DECISION_UNKNOWN', `case ${id} has no decision ${number}`);
}
