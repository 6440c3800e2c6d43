/** Readings of a device during [from, to), epoch ms UTC; -Infinity and Infinity where nothing bounds it. */
export interface DeviceRange {
  readonly device: string;
  readonly from: number;
  readonly to: number;
}

/** How long shipments' records are kept at least (docs/keeping.md), ms. */
export interface RecordPeriod {
  /** After the shipment has come to its end. */
  readonly atLeastMs: number;
  /** After the last expiry of its products. */
  readonly afterExpiryMs: number;
}

/** What may not be deleted, whatever its age. */
export interface Kept {
  /** Shipments within their record period, held, or under an alert that is not resolved. */
  readonly shipments: ReadonlySet<string>;
  /** Readings that belong to them, and those of devices that are held or under such an alert. */
  readonly ranges: readonly DeviceRange[];
}
