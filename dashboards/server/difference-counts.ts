import type { TimeSource } from '../../domain/index.ts';
import type { TraceQueries } from '../../trace/index.ts';

export interface DifferenceCountsOptions {
  readonly trace: TraceQueries;
  readonly time: TimeSource;
}

/** Some differences come with time alone: a unit that did not follow the others, a shipment that never came. */
const FRESH_MS = 300_000;
/** What one answer waits for at most, ms; what is not counted by then is by the next. */
const WITHIN_MS = 1_500;
const AT_ONCE = 3;

/** Shipments that are remembered; the one asked for longest ago goes first. */
const MOST = 50_000;

interface Counted {
  readonly count: number;
  /** When it was looked up, epoch ms. */
  readonly at: number;
}

/**
 * How many differences of a shipment nobody has settled. Each is worked out from its lists and passes, which takes some
 * milliseconds, so what was found stays until the tracer says that the shipment changed.
 */
export class DifferenceCounts {
  readonly #options: DifferenceCountsOptions;
  readonly #counted = new Map<string, Counted>();
  readonly #changed = new Set<string>();

  constructor(options: DifferenceCountsOptions) {
    this.#options = options;
  }

  /** Something of a shipment changed. */
  changed(shipment: string): void {
    if (this.#counted.has(shipment)) this.#changed.add(shipment);
  }

  /** Of these; one that is not counted yet is absent, one that changed meanwhile is as it was. */
  async of(shipments: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { time } = this.#options;
    const began = time.now();
    // What was never counted comes first, then what changed.
    const stale = shipments
      .map((id) => ({ id, urgency: this.#urgency(id, began) }))
      .filter(({ urgency }) => urgency !== FRESH)
      .sort((a, b) => a.urgency - b.urgency);
    const countOn = async () => {
      for (let next = stale.shift(); next !== undefined; next = stale.shift()) {
        await this.#count(next.id);
        if (time.now() - began >= WITHIN_MS) return;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, countOn));
    return new Map(
      shipments.flatMap((id) => {
        const known = this.#counted.get(id);
        return known === undefined ? [] : [[id, known.count] as const];
      }),
    );
  }

  #urgency(shipment: string, now: number): number {
    const known = this.#counted.get(shipment);
    if (known === undefined) return 0;
    if (this.#changed.has(shipment)) return 1;
    return now - known.at >= FRESH_MS || known.at > now ? 2 : FRESH;
  }

  async #count(shipment: string): Promise<void> {
    const at = this.#options.time.now();
    // What changes while it is counted makes it stale again.
    this.#changed.delete(shipment);
    const found = (await this.#options.trace.reconciliation(shipment)) ?? [];
    this.#counted.delete(shipment);
    this.#counted.set(shipment, { count: found.filter(({ settlement }) => settlement === null).length, at });
    const [oldest] = this.#counted.keys();
    if (this.#counted.size > MOST && oldest !== undefined) this.#counted.delete(oldest);
  }
}

/** Need not be counted again yet. */
const FRESH = 3;
