import type { GoodsReason } from './clearance.ts';
import type { DoorRule } from './door-rule.ts';
import type { ExpectedShipment } from './pass-verdict.ts';
import type { Portal } from './place.ts';
import type { Epc } from './shipment.ts';

/** A portal as far as its passes are formed and judged. */
export type ManifestDoor = Pick<Portal, 'id' | 'site' | 'antennas' | 'triggers' | 'quietMs' | 'capMs'>;

/** One serial or unit that a door knows. */
export interface ManifestThing {
  readonly epc: Epc;
  /** What it is in, or null. */
  readonly inside: Epc | null;
  /** Shipments that list it, by departure. */
  readonly shipments: readonly string[];
  /** `YYYY-MM-DD`, the last day on which it is good, or null. */
  readonly expiry: string | null;
  /** What has become of it, where that forbids moving on; else null. */
  readonly status: string | null;
  /** What else stops it or warns of it, its expiry left out: that comes with the days. */
  readonly reasons: readonly GoodsReason[];
}

/**
 * What a gateway's doors expect: what the platform knew when it was made, so that the gateway can judge passes while the
 * line is down. Versions of one gateway only rise.
 */
export interface DoorManifest {
  readonly gateway: string;
  readonly version: number;
  /** By the platform's clock, epoch ms UTC. */
  readonly madeAt: number;
  /** Everything the platform had taken in before this moment is in it, epoch ms UTC. */
  readonly completeUntil: number;
  readonly doors: readonly ManifestDoor[];
  readonly shipments: readonly ExpectedShipment[];
  readonly things: readonly ManifestThing[];
  /** Rules over passes, by id; absent from a platform that does not tell them. */
  readonly rules?: readonly DoorRule[];
  /** What did not fit, or null. */
  readonly left: { readonly shipments: number; readonly things: number } | null;
}

/** A manifest still stands: nothing in it has changed up to a moment, epoch ms UTC by the platform's clock. */
export interface ManifestConfirmation {
  readonly gateway: string;
  readonly version: number;
  readonly at: number;
}
