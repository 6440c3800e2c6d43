import { lightOf } from '../../../../domain/index.ts';
import type { PassView } from '../../../api/index.ts';

type Told = Pick<PassView, 'verdict' | 'isProvisional' | 'clearance' | 'blocked'>;

/** The colour of a pass on every screen: the stack light's (`lightOf`). */
export function lightOfPass(pass: Told) {
  return lightOf(pass, { mayMoveOn: mayMoveOn(pass) });
}

/** Of an older pass no clearance was kept: a serial that is stopped stops it. */
export function mayMoveOn({ clearance, blocked }: Pick<PassView, 'clearance' | 'blocked'>): boolean {
  return clearance === null ? blocked.length === 0 : clearance.mayMoveOn;
}
