import { type Disposition, type Epc, type Logger, serverText, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { nextRevision, touchCase } from '../cases/case-store.ts';
import type { CaseTargets } from '../cases/case-targets.ts';
import { followUp } from '../cases/follow-up.ts';
import { breaks } from '../signatures/index.ts';
import type { DecisionRecord } from './decision-record.ts';
import type { Assessor } from './decisions.ts';
import { exposureChanges } from './evidence-changes.ts';

/** Cases that are asked for at once. */
const PAGE = 20;
/** So much of the time between two looks is worked, then the next look goes on where this one ended. */
const WORK_MS = 2_000;
/** Beside it for closed cases, of which there are many and which hardly ever change. */
const CLOSED_WORK_MS = 500;
/** A logger that was read out later than this after the case was closed changes nothing of it by itself. */
const CLOSED_FOR_MS = 90 * 24 * 3_600_000;

/** A decision that stands for serials whose evidence is not known to be another. */
interface Standing {
  readonly number: number;
  readonly disposition: Disposition;
  readonly record: string;
  readonly recordHash: string;
}

/**
 * Finds data that came after it was decided: late readings, values set aside, a calibration, a logger put on the goods
 * afterwards, another profile of a product. An alert need not change by it, so nothing else would tell the case.
 *
 * It compares what was signed with what is known now of the same time, case by case, the newest first and round again.
 * A case that stands on other evidence becomes `evidence changed` and says what changed; what was signed stays as it is,
 * and goes on acting until another decision is signed. Time that goes by changes nothing. A case that was closed stays
 * closed: what is found of it opens another one that follows it up.
 */
export class EvidenceWatch {
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #logger: Logger;
  readonly #assessor: Assessor;
  readonly #targets: CaseTargets;
  /** Numbers of the cases that were compared last; cases before them are next. */
  readonly #last = { standing: Number.MAX_SAFE_INTEGER, closed: Number.MAX_SAFE_INTEGER };
  #looking: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: {
    readonly database: Database;
    readonly time: TimeSource;
    readonly logger: Logger;
    readonly assessor: Assessor;
    readonly targets: CaseTargets;
  }) {
    this.#database = options.database;
    this.#time = options.time;
    this.#logger = options.logger;
    this.#assessor = options.assessor;
    this.#targets = options.targets;
  }

  /** Compares the next decided cases: once round, or until its share of time is used. Never rejects. */
  look(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#looking ??= this.#round('standing', WORK_MS)
      .then(() => this.#round('closed', CLOSED_WORK_MS))
      // The case that failed is passed over until the next round: it does not hold up the others.
      .catch((error: unknown) => this.#logger.warn({ error }, 'evidence of decided cases could not be compared'))
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  /** Resolves when nothing is compared any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#looking;
  }

  async #round(of: 'standing' | 'closed', workMs: number): Promise<void> {
    const end = this.#time.monotonic() + workMs;
    const compared = new Set<number>();
    for (;;) {
      const cases = await this.#next(of);
      if (cases.length === 0) {
        if (this.#last[of] === Number.MAX_SAFE_INTEGER) return;
        this.#last[of] = Number.MAX_SAFE_INTEGER;
        continue;
      }
      for (const number of cases) {
        if (this.#isStopped || compared.has(number) || this.#time.monotonic() > end) return;
        compared.add(number);
        this.#last[of] = number;
        await this.#compare(number, of);
      }
    }
  }

  async #next(of: 'standing' | 'closed'): Promise<readonly number[]> {
    const which =
      of === 'closed' ? `state = 'closed' AND closed_at > $2` : `state <> 'closed' AND $2::timestamptz IS NOT NULL`;
    const { rows } = await this.#database.query<{ number: number }>(
      `SELECT number FROM cases c WHERE ${which} AND number < $1 AND EXISTS (SELECT FROM case_serials s
         WHERE s.case_number = c.number AND s.decision IS NOT NULL AND s.decided_revision >= s.changed_revision)
       ORDER BY number DESC LIMIT ${PAGE}`,
      [this.#last[of], timestamp(this.#time.now() - CLOSED_FOR_MS)],
    );
    return rows.map(({ number }) => number);
  }

  async #compare(caseNo: number, of: 'standing' | 'closed'): Promise<void> {
    const { rows } = await this.#database.query<Standing>(
      `SELECT number, disposition, record, record_hash AS "recordHash" FROM case_decisions
       WHERE case_number = $1 AND number IN (SELECT decision FROM case_serials
         WHERE case_number = $1 AND decision IS NOT NULL AND decided_revision >= changed_revision) ORDER BY number`,
      [caseNo],
    );
    for (const decision of rows) {
      // What was tampered with is said of the decision itself; nothing follows from it.
      if (breaks(decision, []).length > 0) continue;
      const whole = JSON.parse(decision.record) as DecisionRecord;
      // Serials that were decided anew, or told of already, are compared with what was signed of them last.
      const epcs = await this.#standingSerials(caseNo, decision.number);
      const signed = { ...whole, serials: { ...whole.serials, epcs } };
      const until = signed.groups.reduce<number | null>(
        (last, { to }) => (to === null ? last : Math.max(last ?? to, to)),
        null,
      );
      const now = await this.#assessor.assess({ number: caseNo, until: until ?? signed.assessedAt });
      const changes = exposureChanges(signed, now);
      if (changes.length === 0) continue;
      if (of === 'standing') await this.#reopen(caseNo, decision, changes);
      else {
        const news = { number: caseNo, decision: decision.number, changes, at: this.#time.now() };
        await this.#database.transaction((client) => followUp(effectsOf(client), this.#targets, news));
      }
    }
  }

  async #standingSerials(caseNo: number, decision: number): Promise<readonly Epc[]> {
    const { rows } = await this.#database.query<{ epc: Epc }>(
      `SELECT epc FROM case_serials
       WHERE case_number = $1 AND decision = $2 AND decided_revision >= changed_revision ORDER BY epc`,
      [caseNo, decision],
    );
    return rows.map(({ epc }) => epc);
  }

  async #reopen(
    caseNo: number,
    { number, disposition }: Standing,
    changes: readonly { readonly sentence: string; readonly epcs: readonly Epc[] }[],
  ): Promise<void> {
    await this.#database.transaction(async (client) => {
      const effects = effectsOf(client);
      const revision = await nextRevision(effects, caseNo);
      const news: string[] = [];
      for (const { sentence, epcs } of changes) {
        // Decided upon again, or told by somebody else meanwhile: nothing to tell.
        const { rowCount } = await client.query(
          `UPDATE case_serials SET changed_revision = $3
           WHERE case_number = $1 AND decision = $2 AND decided_revision >= changed_revision AND epc = ANY($4::text[])`,
          [caseNo, number, revision, epcs],
        );
        if (rowCount !== 0) news.push(sentence);
      }
      if (news.length === 0) return;
      const what = serverText('case.evidence.other', { decision: number, disposition, changes: news.join(' ') });
      await touchCase(effects, caseNo, { what, at: this.#time.now(), isEvidence: true, decision: number });
    });
  }
}
