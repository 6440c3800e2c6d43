import type { Finding } from './finding.ts';
import type { FoundGroup } from './goods.ts';
import type { Epc } from './shipment.ts';

/**
 * Serials that shared one environment during one stretch of a finding: the same path, so figures are computed once.
 * Times epoch ms UTC; °C.
 */
export interface AffectedGroup {
  /** The unit whose device (or place) the serials were exposed through. */
  readonly unit: Epc | null;
  readonly shipment: string | null;
  readonly from: number;
  readonly to: number | null;
  readonly minutesOutOfRange: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mkt: number | null;
  readonly serials: readonly Epc[];
}

/** A stage 1 finding as exposure sees it. */
export interface ExposureQuery {
  readonly device: string;
  readonly metric: number;
  readonly from: number;
  readonly to: number | null;
  /** Out-of-range time inside [from, to); empty for kinds without runs. */
  readonly runs: readonly { readonly from: number; readonly to: number }[];
}

/** Serials of a pass that were in one unit of one shipment; null where they are in none that is known. */
export interface CarriedGroup {
  readonly unit: Epc | null;
  readonly shipment: string | null;
  readonly serials: readonly Epc[];
}

/** What a pass brought through its portal, as far as a finding about some of its serials is concerned. */
export interface Carried {
  readonly groups: readonly CarriedGroup[];
  /** Shipments that were expected in the pass: the serials came with them. */
  readonly shipments: readonly string[];
}

/** Which serials a finding touched. Implemented by trace/, used by alerts/. */
export interface Exposure {
  affected(query: ExposureQuery): Promise<readonly AffectedGroup[]>;
  /**
   * Which units and shipments serials of a pass belong to, and with which shipments they came.
   * @param pass its id, as findings name it; @param at when it began, epoch ms UTC
   */
  carried(pass: string, at: number, epcs: readonly Epc[]): Promise<Carried>;
  /** The groups of serials that a finding of a rule on goods rests on. */
  foundInGoods(finding: Pick<Finding, 'rule' | 'key' | 'from'>): Promise<readonly FoundGroup[]>;
  /** What the platform knows of EPCs: for the serial list of an alert. */
  identities(epcs: readonly Epc[]): Promise<ReadonlyMap<Epc, SerialIdentity>>;
}

export interface SerialIdentity {
  readonly epc: Epc;
  readonly gtin: string | null;
  readonly serial: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
}
