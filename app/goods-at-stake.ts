import { gtinOf } from '../codecs/epc/index.ts';
import type { AtStake, Epc, Stakes } from '../domain/index.ts';
import type { StepEffects } from '../quality/index.ts';
import type { Database } from '../storage/index.ts';
import type { ExposureGroup, ExposureGroups } from '../trace/index.ts';

export interface GoodsAtStakeOptions {
  readonly database: Database;
  readonly exposure: Pick<ExposureGroups, 'of'>;
  /** What people signed of the evidence of a case. */
  readonly steps: { effectsOn(one: { readonly number: number }): Promise<StepEffects> };
}

/** Serials of the same cases, as far as something was signed of their evidence. */
interface Judged {
  readonly cases: readonly number[];
  readonly epcs: Epc[];
}

/** What serials are worth, by the register of products, and can still stand, by what they went through. */
export class GoodsAtStake implements Stakes {
  readonly #database: Database;
  readonly #exposure: Pick<ExposureGroups, 'of'>;
  readonly #steps: GoodsAtStakeOptions['steps'];

  constructor({ database, exposure, steps }: GoodsAtStakeOptions) {
    this.#database = database;
    this.#exposure = exposure;
    this.#steps = steps;
  }

  async of(epcs: readonly Epc[], until: number): Promise<AtStake | null> {
    const valueClasses = await this.#valueClasses(epcs);
    const left = (await this.#groups(epcs, until)).flatMap(({ journey: { budget }, budgetExcused }) =>
      budget === null ? [] : [Math.min(budget.budget, budget.left + budgetExcused)],
    );
    const budgetLeftMinutes = left.length === 0 ? null : Math.floor(Math.min(...left));
    return valueClasses.length === 0 && budgetLeftMinutes === null ? null : { valueClasses, budgetLeftMinutes };
  }

  /** What was excused or excluded counts no more here than on the page of the case. */
  async #groups(epcs: readonly Epc[], until: number): Promise<readonly ExposureGroup[]> {
    const groups: ExposureGroup[] = [];
    for (const { cases, epcs: same } of await this.#judged(epcs)) {
      const signed = await Promise.all(cases.map((number) => this.#steps.effectsOn({ number })));
      const excused = signed.flatMap((one) => one.excused);
      const excluded = signed.flatMap((one) => one.excluded);
      const chosen = signed.flatMap((one) => one.chosen);
      groups.push(...(await this.#exposure.of(same, { until, excused, excluded, chosen })));
    }
    return groups;
  }

  async #judged(epcs: readonly Epc[]): Promise<readonly Judged[]> {
    const { rows } = await this.#database.query<{ epc: Epc; cases: readonly number[] }>(
      `SELECT c.epc, array_agg(c.case_number ORDER BY c.case_number) AS cases FROM case_serials c
       WHERE c.epc = ANY($1) AND EXISTS (SELECT FROM case_steps s WHERE s.case_number = c.case_number) GROUP BY c.epc`,
      [epcs],
    );
    const casesOf = new Map(rows.map(({ epc, cases }) => [epc, cases]));
    const byCases = new Map<string, Judged>();
    for (const epc of epcs) {
      const cases = casesOf.get(epc) ?? [];
      const judged = byCases.get(cases.join()) ?? { cases, epcs: [] };
      judged.epcs.push(epc);
      byCases.set(cases.join(), judged);
    }
    return [...byCases.values()];
  }

  async #valueClasses(epcs: readonly Epc[]): Promise<AtStake['valueClasses']> {
    const serials = new Map<string, number>();
    for (const epc of new Set(epcs)) {
      const gtin = gtinOf(epc);
      if (gtin !== null) serials.set(gtin, (serials.get(gtin) ?? 0) + 1);
    }
    const { rows } = await this.#database.query<{ gtin: string; valueClass: number }>(
      'SELECT gtin, value_class AS "valueClass" FROM products WHERE gtin = ANY($1) AND value_class IS NOT NULL',
      [[...serials.keys()]],
    );
    const byClass = new Map<number, number>();
    for (const { gtin, valueClass } of rows) {
      byClass.set(valueClass, (byClass.get(valueClass) ?? 0) + (serials.get(gtin) ?? 0));
    }
    return [...byClass]
      .map(([valueClass, count]) => ({ valueClass, serials: count }))
      .sort((a, b) => b.valueClass - a.valueClass);
  }
}
