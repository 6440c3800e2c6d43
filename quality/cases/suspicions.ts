import { BY_PLATFORM, type DecisionFact, type Origination, serverText } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { caseId, caseNumber } from './case.ts';

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

  constructor({ database }: { readonly database: Database }) {
    this.#database = database;
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

  async acted({ case: id }: DecisionFact): Promise<void> {
    await this.#database.query('UPDATE cases SET to_stop = NULL WHERE number = $1', [caseNumber(id)]);
  }
}
