import type { Readiness } from './readiness.ts';

/** What a gateway last said of itself. Times epoch ms UTC. */
export interface GatewayHeard {
  readonly id: string;
  readonly state: 'online' | 'offline';
  readonly at: number;
  readonly pending: number;
  readonly readers: readonly {
    readonly id: string;
    readonly state: string;
    readonly reason: string | null;
    readonly firmware: string | null;
    readonly lastActivity: number | null;
  }[];
  /** What its doors expect while it is cut off; null = it has not been told, or is too old to be. */
  readonly manifest: {
    readonly version: number;
    readonly madeAt: number;
    readonly confirmedAt: number;
    readonly isOld: boolean;
    readonly shipments: number;
    readonly things: number;
    readonly left: { readonly shipments: number; readonly things: number } | null;
  } | null;
  /** Code of the manifest it refused last; null once it took a good one. */
  readonly manifestRefused: string | null;
}

/** What the process that serves the page knows of itself and its machine. */
export interface HealthSource {
  readiness(): Promise<Readiness>;
  /** Of the data directory, bytes; null where that is not on this machine. */
  disk(): Promise<{ readonly free: number; readonly total: number } | null>;
  /** Certificates of the doors, and when each ends, epoch ms UTC. */
  certificates(): readonly { readonly door: string; readonly ends: number }[];
  gateways(): readonly GatewayHeard[];
}
