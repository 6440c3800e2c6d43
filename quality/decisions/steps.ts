import type pg from 'pg';
import {
  type AlertEnds,
  type AlertLookedAt,
  type AuditTrail,
  ConflictError,
  InputError,
  type Metric,
  type Origination,
  type SetAsideFact,
  serverText,
  type TimeSource,
} from '../../domain/index.ts';
import { addLeaves, type Database, effectsOf } from '../../storage/index.ts';
import { coverOf, lockAlertsOf } from '../cases/alert-cover.ts';
import { type Case, caseId, caseNumber } from '../cases/case.ts';
import { findCase, lockCase, nextRevision, touchCase } from '../cases/case-store.ts';
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
import { type Step, type StepRecord, standing } from './step-record.ts';

export interface StepWish {
  readonly revision: number;
  readonly reason: string;
  /** The step, or the number of one to take back. */
  readonly what: Step | number;
}

/** A step as it is kept. Times epoch ms UTC. */
export interface KeptStep {
  readonly number: number;
  readonly detail: Step;
  readonly reason: string;
  readonly undoes: number | null;
  readonly undoneBy: number | null;
  readonly signature: SignatureRecord;
  readonly broken: readonly string[];
}

/** A stretch of a device's readings. Epoch ms UTC. */
export interface Stretch {
  readonly device: string;
  readonly from: number;
  /** Infinity: from then on. */
  readonly to: number;
}

/** What steps make of a case's evidence. */
export interface StepEffects {
  readonly excused: readonly Stretch[];
  readonly excluded: readonly Stretch[];
  /** Of a logger that is broken, and which one's data counts alone in its place. */
  readonly chosen: readonly (Stretch & { readonly instead: string })[];
}

/** A standing step by which readings of a device do not count in a stretch. */
export interface ExcusingStep extends Stretch {
  readonly case: string;
  readonly number: number;
  readonly step: 'excuse' | 'exclude' | 'declare broken';
  /** The logger on the same goods whose data counts in its place. */
  readonly instead: string | null;
  readonly reason: string;
  readonly signer: string;
}

/** Steps that people take upon the evidence of cases, each signed, each taken back by another signed one. */
export class Steps {
  readonly #database: Database;
  readonly #audit: AuditTrail;
  readonly #time: TimeSource;
  readonly #ends: AlertEnds | undefined;

  constructor(options: {
    readonly database: Database;
    readonly audit: AuditTrail;
    readonly time: TimeSource;
    /** Default: alerts stand whatever is said of them. */
    readonly alertEnds?: AlertEnds;
  }) {
    this.#ends = options.alertEnds;
    this.#database = options.database;
    this.#audit = options.audit;
    this.#time = options.time;
  }

  /**
   * What would be signed, in the one form in which it is.
   * @throws {InputError} CASE_UNKNOWN, STEP_UNKNOWN, ALERT_NOT_OF_CASE, STEP_SPAN_BAD
   * @throws {ConflictError} CASE_CHANGED, CASE_CLOSED, STEP_UNDONE
   */
  async drafted(id: string, { revision, reason, what }: StepWish): Promise<string> {
    const caseNo = caseNumber(id);
    requireStanding(id, await findCase(this.#database, id), revision);
    const kept = await stepsOf(this.#database.pool, caseNo);
    const { detail, undoes } = wanted(kept, what);
    if (undoes === null) await requireSensible(this.#database.pool, caseNo, detail);
    return canonical({
      ...{ type: 'isotherm.step/1', case: id, number: kept.length + 1, revision, detail, reason, undoes },
    } satisfies StepRecord);
  }

  /**
   * @param record as it was drafted and, for a passkey or a fresh sign-in, signed
   * @param looked the alert of which it is said; it has to stand as it was seen
   * @throws {InputError} CASE_UNKNOWN, ALERT_NOT_OF_CASE
   * @throws {ConflictError} CASE_CHANGED, CASE_CLOSED; ALERT_STATE_CONFLICT, ALERT_CHANGED
   * @returns its number
   */
  async take(id: string, record: string, signer: Signer, by: Origination, looked?: AlertLookedAt): Promise<number> {
    const caseNo = caseNumber(id);
    const { number, revision, detail, reason, undoes } = JSON.parse(record) as StepRecord;
    return this.#database.transaction(async (client) => {
      const effects = effectsOf(client);
      const alerts = await lockAlertsOf(client, caseNo);
      if (looked !== undefined) await this.#ends?.requireOpen(effects, looked);
      // Every step raises the revision: what was drafted at this one is still the next.
      requireStanding(id, await lockCase(effects, id), revision);
      if (undoes === null) await requireSensible(client, caseNo, detail);
      const at = this.#time.now();
      const recordHash = sha256(record);
      const isForLog = detail.step === 'declare broken' || detail.step === 'override';
      await client.query(
        `INSERT INTO case_steps (case_number, number, detail, reason, undoes, record, record_hash, at, acted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [caseNo, number, JSON.stringify(detail), reason, undoes, record, recordHash, at, isForLog ? null : at],
      );
      const { signature, signatureHash } = signed(recordHash, signer, at);
      await client.query(
        `INSERT INTO case_signatures (case_number, about, number, place, user_id, user_name, signature, signature_hash)
         VALUES ($1, 'step', $2, 1, $3, $4, $5, $6)`,
        [caseNo, number, signer.userId, signer.name, signature, signatureHash],
      );
      // What was decided stood on other evidence.
      await client.query('UPDATE case_serials SET changed_revision = $2 WHERE case_number = $1', [
        ...[caseNo, await nextRevision(effects, caseNo)],
      ]);
      const subject = `case:${id}` as const;
      const { meaning, method } = signer;
      await this.#audit.add(effects, {
        ...{ ...by, at, subject, reason, action: undoes === null ? 'case.step' : 'case.undo-step' },
        new: { step: number, detail, undoes, recordHash, meaning, method, signatureHash },
      });
      await addLeaves(effects, [
        {
          kind: 'step',
          subject: `step:${id}/${number}`,
          content: { case: id, number, detail, reason, undoes, recordHash, at },
        },
        signatureLeaf(
          { about: 'step', case: id, number, place: 1, recordHash, signatureHash, inForceAt: null },
          signer,
        ),
      ]);
      const what = wordsOf(detail);
      const sentence = serverText(undoes === null ? 'case.step.taken' : 'case.step.undone', {
        ...{ step: number, undoes, what },
      });
      await touchCase(effects, caseNo, { what: sentence, at, isEvidence: true });
      const said = undoes === null ? what : serverText('case.verdict.undone', { said: what });
      const verdict = { case: id, step: number, said, reason, who: by, at };
      if (looked !== undefined) await this.#ends?.judged(effects, looked.id, verdict);
      const cover = await coverOf(client, alerts);
      const numbers = (isCovered: boolean) =>
        cover.filter((one) => one.isCovered === isCovered).map(({ alert }) => alert);
      await this.#ends?.ended(effects, numbers(true), verdict);
      await this.#ends?.counted(effects, numbers(false), verdict);
      await this.#ends?.stakeChanged(effects, alerts, verdict);
      return number;
    });
  }

  /** Those of a case, the first one first, each verified as it is read. */
  async of({ number }: { readonly number: number }): Promise<readonly KeptStep[]> {
    const rows = await stepsOf(this.#database.pool, number);
    return rows.map(({ record, recordHash, signature, signatureHash, ...step }) => ({
      ...step,
      undoneBy: rows.find(({ undoes }) => undoes === step.number)?.number ?? null,
      signature: signatureOf(signature),
      broken: breaks({ record, recordHash }, [{ signature, signatureHash }]),
    }));
  }

  /** What the standing steps of a case make of its evidence. */
  async effectsOn({ number }: { readonly number: number }): Promise<StepEffects> {
    const steps = standing(await stepsOf(this.#database.pool, number)).map(({ detail }) => detail);
    const alerts = steps.flatMap((step) => (step.step === 'excuse' ? [step.alert] : []));
    return {
      excused: await this.#stretchesOf(alerts),
      excluded: steps.flatMap((step) =>
        step.step === 'exclude' ? [{ device: step.device, from: step.from, to: step.to }] : [],
      ),
      chosen: steps.flatMap((step) => {
        if (step.step !== 'declare broken' || step.instead === null) return [];
        const { device, from, to, instead } = step;
        return [{ device, from, to: to ?? Number.POSITIVE_INFINITY, instead }];
      }),
    };
  }

  /** Standing steps of the cases about a shipment that take a device's readings out of what counts, by time. */
  async excusingIn(shipment: string): Promise<readonly ExcusingStep[]> {
    const { rows } = await this.#database.query<{ number: number }>(
      'SELECT number FROM cases WHERE shipment = $1 ORDER BY number',
      [shipment],
    );
    return this.#excusing(rows.map(({ number }) => number));
  }

  /** The same of the cases that a serial is in. */
  async excusingOn(epc: string): Promise<readonly ExcusingStep[]> {
    const { rows } = await this.#database.query<{ number: number }>(
      'SELECT case_number AS number FROM case_serials WHERE epc = $1 ORDER BY 1',
      [epc],
    );
    return this.#excusing(rows.map(({ number }) => number));
  }

  async #excusing(cases: readonly number[]): Promise<readonly ExcusingStep[]> {
    const found: ExcusingStep[] = [];
    for (const caseNo of cases) {
      for (const { number, detail, reason, signature } of standing(await stepsOf(this.#database.pool, caseNo))) {
        const by = { case: caseId(caseNo), number, reason, signer: signatureOf(signature).name };
        if (detail.step === 'excuse') {
          const stretches = await this.#stretchesOf([detail.alert]);
          found.push(...stretches.map((stretch) => ({ ...by, ...stretch, step: detail.step, instead: null })));
        } else if (detail.step !== 'override') {
          const { device, from, to } = detail;
          const instead = detail.step === 'declare broken' ? detail.instead : null;
          found.push({ ...by, step: detail.step, device, from, to: to ?? Number.POSITIVE_INFINITY, instead });
        }
      }
    }
    return found.toSorted((a, b) => a.from - b.from);
  }

  /** Where alerts of devices were. */
  async #stretchesOf(alerts: readonly string[]): Promise<readonly Stretch[]> {
    const { rows } = await this.#database.query<{ device: string | null; from: number; to: number | null }>(
      `SELECT device, (extract(epoch FROM from_at) * 1000)::float8 AS "from",
         CASE WHEN NOT goes_on OR state = 'retracted' THEN (extract(epoch FROM to_at) * 1000)::float8 END AS "to"
       FROM alerts WHERE id = ANY($1::text[]) ORDER BY from_at, id`,
      [alerts],
    );
    return rows.flatMap(({ device, from, to }) =>
      device === null ? [] : [{ device, from, to: to ?? Number.POSITIVE_INFINITY }],
    );
  }

  /** Readings to be set aside, or to count again, that the log was not told of yet. */
  async toAct() {
    const { rows } = await this.#database.query<{ case_number: number; number: number }>(
      'SELECT case_number, number FROM case_steps WHERE acted_at IS NULL ORDER BY at LIMIT 100',
    );
    const found: { case: string; number: number; setAside: readonly SetAsideFact[]; by: Origination }[] = [];
    for (const { case_number, number } of rows) {
      const step = (await this.of({ number: case_number })).find((one) => one.number === number);
      if (
        step === undefined ||
        step.broken.length > 0 ||
        step.detail.step === 'excuse' ||
        step.detail.step === 'exclude'
      ) {
        continue;
      }
      const { detail, undoes, reason, signature } = step;
      const isGood = detail.step === 'override' && detail.isGood;
      found.push({
        case: caseId(case_number),
        number,
        setAside: (detail.step === 'override' ? [TEMPERATURE] : await this.#metricsOf(case_number, detail.device)).map(
          (metric) => ({
            ...{ device: detail.device, metric, from: detail.from, to: detail.to },
            isSetAside: isGood === (undoes !== null),
            reason: `${caseId(case_number)}, step ${number}: ${reason}`,
            at: signature.at,
          }),
        ),
        by: {
          actor: { id: `user:${signature.userId}`, name: signature.name, kind: 'user' },
          origin: { via: 'platform', address: null },
        },
      });
    }
    return found;
  }

  /** What a logger measures that the alerts of a case are about: broken it is in all of it. */
  async #metricsOf(caseNo: number, device: string): Promise<readonly Metric[]> {
    const { rows } = await this.#database.query<{ metric: Metric }>(
      `SELECT DISTINCT a.metric FROM case_alerts m JOIN alerts a ON a.number = m.alert
       WHERE m.case_number = $1 AND a.device = $2 AND a.metric IS NOT NULL AND a.metric <> 'temperature' ORDER BY 1`,
      [caseNo, device],
    );
    return [TEMPERATURE, ...rows.map(({ metric }) => metric)];
  }

  async acted({ case: id, number }: { readonly case: string; readonly number: number }): Promise<void> {
    await this.#database.query('UPDATE case_steps SET acted_at = $3 WHERE case_number = $1 AND number = $2', [
      ...[caseNumber(id), number, this.#time.now()],
    ]);
  }
}

const TEMPERATURE: Metric = 'temperature';

function requireStanding(
  id: string,
  { state, revision: now }: Pick<Case, 'state' | 'revision'>,
  revision: number,
): void {
  if (state === 'closed') throw new ConflictError('CASE_CLOSED', `case ${id} is closed`, { revision: now });
  if (now === revision) return;
  const message = `case ${id} is at revision ${now}; look at it again before you sign`;
  throw new ConflictError('CASE_CHANGED', message, { revision: now });
}

function wanted(kept: readonly StepRow[], what: Step | number): { detail: Step; undoes: number | null } {
  if (typeof what !== 'number') return { detail: what, undoes: null };
  const step = kept.find(({ number }) => number === what);
  if (step === undefined) throw new InputError('STEP_UNKNOWN', `the case has no step ${what}`);
  if (step.undoes !== null || !standing(kept).includes(step)) {
    throw new ConflictError('STEP_UNDONE', `step ${what} does not stand; take the step again instead`, {
      number: what,
    });
  }
  return { detail: step.detail, undoes: what };
}

interface StepRow extends KeptSignature {
  readonly number: number;
  readonly detail: Step;
  readonly reason: string;
  readonly undoes: number | null;
  readonly record: string;
  readonly recordHash: string;
}

type Queries = Pick<pg.ClientBase, 'query'> | Database['pool'];

async function stepsOf(client: Queries, caseNo: number): Promise<readonly StepRow[]> {
  const { rows } = await client.query<StepRow>(
    `SELECT s.number, s.detail, s.reason, s.undoes, s.record, s.record_hash AS "recordHash", g.signature,
       g.signature_hash AS "signatureHash"
     FROM case_steps s JOIN case_signatures g ON g.case_number = s.case_number AND g.about = 'step' AND g.number = s.number
     WHERE s.case_number = $1 ORDER BY s.number`,
    [caseNo],
  );
  return rows;
}

async function requireSensible(client: Queries, caseNo: number, detail: Step): Promise<void> {
  if (detail.step === 'excuse') {
    const { rowCount } = await client.query(
      `SELECT FROM case_alerts c JOIN alerts a ON a.number = c.alert
       WHERE c.case_number = $1 AND c.left_at IS NULL AND a.id = $2`,
      [caseNo, detail.alert],
    );
    if (rowCount === 1) return;
    throw new InputError('ALERT_NOT_OF_CASE', `alert ${detail.alert} is no alert of this case now`);
  }
  if (detail.to === null || detail.from < detail.to) return;
  throw new InputError('STEP_SPAN_BAD', 'from: has to be before to', {
    errors: [{ path: 'from', message: 'has to be before to' }],
  });
}

function wordsOf(step: Step): string {
  if (step.step === 'excuse') return serverText('case.step.what.excuse', { alert: step.alert });
  const iso = (at: number) => new Date(at).toISOString();
  const { device } = step;
  const span =
    step.to === null
      ? serverText('case.step.span.open', { from: iso(step.from) })
      : serverText('case.step.span', { from: iso(step.from), to: iso(step.to) });
  if (step.step === 'exclude') return serverText('case.step.what.exclude', { device, span });
  if (step.step === 'override')
    return serverText(step.isGood ? 'case.step.what.plausible' : 'case.step.what.implausible', { device, span });
  if (step.instead === null) return serverText('case.step.what.broken', { device, span });
  return serverText('case.step.what.broken.instead', { device, span, instead: step.instead });
}
