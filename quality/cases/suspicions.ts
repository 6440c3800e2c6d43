import { BY_PLATFORM, type DecisionFact, type Origination, serverText, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { caseId, caseNumber } from './case.ts';
import { restateCase } from './case-store.ts';

interface Row {
  readonly number: number;
  readonly epcs: readonly string[];
  readonly at: number;
  readonly by: string | null;
  readonly reason: string | null;
}

/** Goods that a person holds for suspect: stopped from then on, until a decision on them (DSCSA; docs/cases.md). */
export class Suspicions {
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor({ database, time }: { readonly database: Database; readonly time: TimeSource }) {
    this.#database = database;
    this.#time = time;
  }

  /** What the log was not told of yet. The quarantine of a suspicion is number 0 of its case: nobody has signed it. */
  async toAct(): Promise<readonly { readonly fact: DecisionFact; readonly by: Origination; readonly name: string }[]> {
    const { rows } = await this.#database.query<Row>(
      `SELECT number, to_stop AS epcs, (extract(epoch FROM opened_at) * 1000)::float8 AS at, opened_by AS by, reason
       FROM cases WHERE to_stop IS NOT NULL ORDER BY number LIMIT 100`,
    );
    return rows.map(({ number, epcs, at, by, reason }) => ({
      fact: {
        ...{ case: caseId(number), number: 0, at: Math.round(at), disposition: 'quarantine', epcs, alerts: [] },
        ...{ reason: serverText('case.suspected', { reason: reason ?? '' }), recordHash: '' },
      },
      // Who opened the case stands in the entry of that.
      by: BY_PLATFORM,
      name: by ?? '',
    }));
  }

  /**
   * They are stopped. The clock of their quarantine has its answer by that, unless goods are left that who opened the case
   * does not see: those a person sets apart.
   */
  async acted({ case: id, epcs }: DecisionFact): Promise<void> {
    const [number, at] = [caseNumber(id), this.#time.now()];
    await this.#database.transaction(async (client) => {
      await client.query('UPDATE cases SET to_stop = NULL WHERE number = $1', [number]);
      await client.query(
        `UPDATE case_clocks SET done_at = $2 WHERE case_number = $1 AND clock = 'dscsa.quarantine' AND done_at IS NULL
           AND NOT EXISTS (SELECT FROM case_serials WHERE case_number = $1 AND is_affected AND epc <> ALL($3::text[]))`,
        [number, timestamp(at), epcs],
      );
      await restateCase(effectsOf(client), number, at);
    });
  }
}
