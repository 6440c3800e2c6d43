import type { EndedBy } from '../../domain/index.ts';
import type { GroupFound, Judged } from './found.ts';

/** What a rule says at one of the moments at which it looks: the value, whether it is beyond, or null where nothing is known. */
export type Looked = { readonly value: number; readonly isBeyond: boolean } | null;

/** A moment at which a rule looks, epoch ms UTC. */
export interface Moment {
  readonly at: number;
  readonly looked: Looked;
}

/**
 * Maximal runs of consecutive moments that are beyond: from the first of them to the first that is not. One that is the last
 * goes on; where the shipment or the version ends it ends there.
 */
export function runsOf(moments: readonly Moment[], limit: number, judged: Judged): GroupFound[] {
  const found: GroupFound[] = [];
  let isOpen = false;
  const end = (to: number | null, endedBy: EndedBy) => {
    const last = found.at(-1);
    if (isOpen && last !== undefined) found[found.length - 1] = { ...last, to, endedBy };
    isOpen = false;
  };
  for (const { at, looked } of moments) {
    const last = found.at(-1);
    if (!looked?.isBeyond) end(at, looked === null ? 'silence' : 'recovery');
    else if (isOpen && last !== undefined) {
      found[found.length - 1] = { ...last, extreme: Math.max(last.extreme, looked.value) };
    } else {
      found.push({ from: at, to: null, endedBy: null, extreme: looked.value, limit, minutes: null });
      isOpen = true;
    }
  }
  if (judged.cut === null) end(null, null);
  else end(judged.to, judged.cut === 'rule' ? 'rule' : 'recovery');
  return found;
}
