import { InputError, SITE_ID, type TimeSource } from '../../domain/index.ts';
import type { StatedStock, SystemFiles } from '../../partners/index.ts';
import type { StockRecord, TraceQueries } from '../../trace/index.ts';

/** Packs of one lot and status at one place, and what systems state of that lot at the site. */
export interface StockLine extends StockRecord {
  readonly stated: number | null;
}

/** Stock as we know it, beside what systems state. */
export class StockViews {
  readonly #options: { readonly systemFiles: SystemFiles; readonly time: TimeSource; readonly trace: TraceQueries };

  constructor(options: { readonly systemFiles: SystemFiles; readonly time: TimeSource; readonly trace: TraceQueries }) {
    this.#options = options;
  }

  /** @throws {InputError} SITE_UNKNOWN what is given is no id of a site */
  async of(site: string): Promise<{ readonly at: number; readonly items: readonly StockLine[] }> {
    const { systemFiles, time, trace } = this.#options;
    if (!SITE_ID.test(site)) {
      throw new InputError(
        'SITE_UNKNOWN',
        `site: ${JSON.stringify(site.slice(0, 60))} given; allowed: the id of a site, such as site:lyon`,
      );
    }
    const [ours, stated] = await Promise.all([trace.stock(site), systemFiles.statedStock(site)]);
    const told = new Map(stated.map((one) => [keyOf(one), one]));
    const items: StockLine[] = ours.map((one) => ({ ...one, stated: told.get(keyOf(one))?.quantity ?? null }));
    const known = new Set(ours.map(keyOf));
    // What a system states and nobody here has seen is a line too.
    for (const { gtin, lot, quantity } of stated) {
      if (known.has(keyOf({ gtin, lot }))) continue;
      items.push({ place: site, gtin, lot, expiry: null, status: null, packs: 0, stated: quantity });
    }
    return { at: time.now(), items };
  }
}

function keyOf({ gtin, lot }: Pick<StatedStock, 'gtin' | 'lot'>): string {
  return `${gtin} ${lot ?? ''}`;
}
