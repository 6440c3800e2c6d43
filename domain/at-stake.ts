import { SEVERITIES, type Severity, type SeverityStep } from './rule-base.ts';
import type { Epc } from './shipment.ts';

/** What is at stake in an alert: what its serials are worth, and how long they can still stand being out of range. */
export interface AtStake {
  /** How many serials are of each value class, the highest first; those of which nobody says one are in none. */
  readonly valueClasses: readonly { readonly valueClass: number; readonly serials: number }[];
  /** Least stability budget that one of them has left, whole minutes; null: nobody says one. */
  readonly budgetLeftMinutes: number | null;
}

/** Works out what is at stake. Implemented by `app/` on trace and the register of products. */
export interface Stakes {
  /** @param until epoch ms UTC: what came after does not count @returns null where nothing is known of any of them */
  of(epcs: readonly Epc[], until: number): Promise<AtStake | null>;
}

const MINUTE_MS = 60_000;

/**
 * The severity of an alert: its rule's, raised by every step that holds, never lowered. What is not known raises nothing. Pure.
 *
 * @param serials how many distinct serials it touches
 */
export function severityAtStake(
  severity: Severity,
  steps: readonly SeverityStep[],
  serials: number,
  atStake: AtStake | null,
): Severity {
  const budget = atStake?.budgetLeftMinutes ?? null;
  const values = {
    serials,
    valueClass: atStake?.valueClasses[0]?.valueClass ?? null,
    budgetLeft: budget === null ? null : budget * MINUTE_MS,
  };
  const holds = ({ by, atLeast = -Infinity, atMost = Infinity }: SeverityStep) => {
    const value = values[by];
    return value !== null && value >= atLeast && value <= atMost;
  };
  const all = [severity, ...steps.filter(holds).map((step) => step.severity)];
  return all.reduce((worst, one) => (SEVERITIES.indexOf(one) > SEVERITIES.indexOf(worst) ? one : worst));
}
