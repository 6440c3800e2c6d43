import { z } from 'zod';
import type { GatewayHeard } from '../dashboards/index.ts';
import type { TimeSource } from '../domain/index.ts';
import type { GatewayStatus } from '../ingest/index.ts';
import type { GatewaySaid } from './door-manifests.ts';

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

/** What a gateway says of what its doors expect; one of an older version says nothing. */
const manifest = z.object({
  version: z.number(),
  madeAt: z.number(),
  confirmedAt: z.number(),
  isOld: z.boolean(),
  shipments: z.number(),
  things: z.number(),
  left: z.object({ shipments: z.number(), things: z.number() }).nullable(),
});

/** As far as its manifest depends on it. */
export function gatewaySaid({ state, readers, manifest: has }: GatewayStatus): GatewaySaid {
  return {
    state,
    readers: readers.flatMap((one) => reader.safeParse(one).data?.id ?? []),
    manifest: manifest.safeParse(has).data?.version ?? null,
  };
}

/** What gateways last said of themselves, as this process heard it since it started. */
export class GatewaysHeard {
  readonly #time: TimeSource;
  readonly #gateways = new Map<string, GatewayHeard>();

  constructor(time: TimeSource) {
    this.#time = time;
  }

  heard(id: string, { state, readers, spool, ...said }: GatewayStatus): void {
    if (!this.#gateways.has(id) && this.#gateways.size >= MOST) return;
    // The will of one that is gone says nothing of its readers, or of its manifest.
    const heard = readers.flatMap((one) => reader.safeParse(one).data ?? []);
    const before = this.#gateways.get(id);
    const isOnline = state === 'online';
    this.#gateways.set(id, {
      ...{ id, state, at: this.#time.now() },
      readers: isOnline ? heard : (before?.readers ?? []),
      pending: spool?.pending ?? 0,
      manifest: isOnline ? (manifest.safeParse(said.manifest).data ?? null) : (before?.manifest ?? null),
      manifestRefused: isOnline ? (said.manifestRefused ?? null) : (before?.manifestRefused ?? null),
    });
  }

  list(): readonly GatewayHeard[] {
    return [...this.#gateways.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }
}
