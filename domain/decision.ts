import type { Epc } from './shipment.ts';

/** What becomes of goods, as a person decides it. */
export type Disposition = 'release' | 'quarantine' | 'reject' | 'return' | 'destroy';

/** A signed decision that is in force: what it does to goods follows from this alone (docs/dispositions.md). */
export interface DecisionFact {
  /** `C-000123` */
  readonly case: string;
  /** Of the decision in its case: together they name it, however often it is told. */
  readonly number: number;
  /** When the last signature that it needs was given, epoch ms UTC. */
  readonly at: number;
  readonly disposition: Disposition;
  readonly epcs: readonly Epc[];
  /** Ids of the alerts that were decided upon: the excursions of others stay undecided. */
  readonly alerts: readonly string[];
  readonly reason: string;
  /** SHA-256 of the signed record, hex. */
  readonly recordHash: string;
}
