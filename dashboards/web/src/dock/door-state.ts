import type { PassView } from '../../../api/index.ts';
import { lightOfPass, mayMoveOn } from '../words/pass-light.ts';

/** What the screen of a door shows. `settled`: people have said something to each difference. */
export type DoorState = 'ready' | 'reading' | 'pass' | 'check' | 'stop' | 'settled';

/** How long what is right stays before the screen is ready again, ms: a pallet has left by then. As the stack light. */
export const SHOWN_FOR_MS = 15_000;

export interface DoorCircumstances {
  /** Since what is shown of this pass became what it is, ms. */
  readonly shownForMs: number;
  /** Whether all its differences are settled; undefined: not known. */
  readonly isSettled: boolean | undefined;
  /** The person at the door has put this pallet aside. */
  readonly isAside: boolean;
}

/**
 * The state by the newest pass: the same answer as the stack light (`lightOf`). Green goes back to ready by itself; red
 * stays until a person has said something to it, or the next pallet comes.
 */
export function doorState(
  pass: Pick<PassView, 'verdict' | 'isProvisional' | 'clearance' | 'blocked'> | null,
  { shownForMs, isSettled, isAside }: DoorCircumstances,
): DoorState {
  if (pass === null || isAside) return 'ready';
  const light = lightOfPass(pass);
  if (light === 'amber') return 'reading';
  const isOver = shownForMs >= SHOWN_FOR_MS;
  if (light === 'green') return isOver && !pass.isProvisional ? 'ready' : 'pass';
  if (!mayMoveOn(pass)) return 'stop';
  if (isSettled !== true) return 'check';
  return isOver ? 'ready' : 'settled';
}

/** What a pass is now; another text once it is another. */
export function whatIs(pass: Pick<PassView, 'id' | 'verdict' | 'isProvisional' | 'clearance'> | null): string {
  return pass === null ? '' : `${pass.id} ${pass.verdict} ${pass.isProvisional} ${pass.clearance?.mayMoveOn}`;
}
