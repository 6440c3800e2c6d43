import type { Clearance } from './clearance.ts';
import type { Verdict } from './pass-verdict.ts';

/** What the stack light at a door shows of a pass. */
export type DoorLight = 'green' | 'amber' | 'red';

/**
 * Green: everything expected and nothing else, and the goods may move on. Amber: reads may still come. Red, with the
 * buzzer: a person looks, or the goods may not move on yet, which no read to come changes.
 */
export function lightOf(
  { verdict, isProvisional }: Pick<Verdict, 'verdict' | 'isProvisional'>,
  { mayMoveOn }: Pick<Clearance, 'mayMoveOn'>,
): DoorLight {
  if (!mayMoveOn) return 'red';
  if (verdict === 'pass') return 'green';
  return isProvisional ? 'amber' : 'red';
}
