import { z } from 'zod';
import type { GatewayHeard } from '../dashboards/index.ts';
import type { TimeSource } from '../domain/index.ts';
import type { GatewayStatus } from '../ingest/index.ts';

/** Gateways remembered at once; more than an installation has. */
const MOST = 1_000;

/** What a gateway says of a reader; one that says it otherwise is passed over. */
const reader = z.object({
  id: z.string(),
  state: z.string(),
  reason: z.string().nullable().default(null),
  firmware: z.string().nullable().default(null),
  lastActivity: z.number().nullable().default(null),
});

/** What gateways last said of themselves, as this process heard it since it started. */
export class GatewaysHeard {
  readonly #time: TimeSource;
  readonly #gateways = new Map<string, GatewayHeard>();

  constructor(time: TimeSource) {
    this.#time = time;
  }

  heard(id: string, { state, readers, spool }: GatewayStatus): void {
    if (!this.#gateways.has(id) && this.#gateways.size >= MOST) return;
    // The will of one that is gone says nothing of its readers.
    const said = readers.flatMap((one) => reader.safeParse(one).data ?? []);
    const before = this.#gateways.get(id)?.readers ?? [];
    this.#gateways.set(id, {
      ...{ id, state, at: this.#time.now() },
      readers: state === 'online' ? said : before,
      pending: spool?.pending ?? 0,
    });
  }

  list(): readonly GatewayHeard[] {
    return [...this.#gateways.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }
}
