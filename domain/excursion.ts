import type { Effects } from './log.ts';
import type { Metric } from './metric.ts';
import type { Epc } from './shipment.ts';

/** A device's reading beyond a limit, as an alert stands for it: what partners are told. Times epoch ms UTC. */
export interface Excursion {
  /** The alert's id: it stays the same while the excursion is worked out anew. */
  readonly id: string;
  readonly device: string;
  readonly metric: Metric;
  readonly from: number;
  /** null: it still runs. */
  readonly to: number | null;
  /** What the device read during it, to its end or so far; oldest first. */
  readonly readings: readonly { readonly time: number; readonly value: number }[];
  /** Affected serials. */
  readonly epcs: readonly Epc[];
}

/** Who tells partners of excursions. Implemented by trace/, used by alerts/ in the transaction that settles an alert. */
export interface ExcursionEvents {
  /** Says it, or says it anew; the same excursion again changes nothing. */
  tell(effects: Effects, excursion: Excursion, at: number): Promise<void>;
  /** It did not happen after all. */
  retract(effects: Effects, id: string, at: number): Promise<void>;
}
