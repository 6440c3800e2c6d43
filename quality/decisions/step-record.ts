/** What a person says of evidence. Times epoch ms UTC. */
export type Step =
  | { readonly step: 'excuse'; readonly alert: string }
  | { readonly step: 'exclude'; readonly device: string; readonly from: number; readonly to: number }
  | {
      readonly step: 'declare broken';
      readonly device: string;
      readonly from: number;
      /** null: from then on. */
      readonly to: number | null;
      /** The logger on the same goods whose data counts. */
      readonly instead: string | null;
    }
  | {
      readonly step: 'override';
      readonly device: string;
      readonly from: number;
      readonly to: number;
      readonly isGood: boolean;
    };

/** What is signed of a step. */
export interface StepRecord {
  readonly type: 'isotherm.step/1';
  readonly case: string;
  readonly number: number;
  readonly revision: number;
  readonly detail: Step;
  readonly reason: string;
  /** Number of the step that it takes back; its detail is that step's. */
  readonly undoes: number | null;
}

/** Steps that hold: those that no other one takes back. Pure; the order they were kept in is theirs. */
export function standing<T extends { readonly number: number; readonly undoes: number | null }>(
  steps: readonly T[],
): readonly T[] {
  const undone = new Set(steps.map(({ undoes }) => undoes));
  return steps.filter(({ number, undoes }) => undoes === null && !undone.has(number));
}
