import { gtinOf } from '../codecs/epc/index.ts';
import type { AtStake, Epc, Stakes } from '../domain/index.ts';
import type { Database } from '../storage/index.ts';
import type { ExposureGroups } from '../trace/index.ts';

/** What serials are worth, by the register of products, and can still stand, by what they went through. */
export class GoodsAtStake implements Stakes {
  readonly #database: Database;
  readonly #exposure: Pick<ExposureGroups, 'of'>;

  constructor({ database, exposure }: { readonly database: Database; readonly exposure: Pick<ExposureGroups, 'of'> }) {
    this.#database = database;
    this.#exposure = exposure;
  }

  async of(epcs: readonly Epc[], until: number): Promise<AtStake | null> {
    const valueClasses = await this.#valueClasses(epcs);
    const groups = await this.#exposure.of(epcs, { until });
    const left = groups.flatMap(({ journey: { budget }, budgetExcused }) =>
      budget === null ? [] : [Math.min(budget.budget, budget.left + budgetExcused)],
    );
    const budgetLeftMinutes = left.length === 0 ? null : Math.floor(Math.min(...left));
    return valueClasses.length === 0 && budgetLeftMinutes === null ? null : { valueClasses, budgetLeftMinutes };
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
