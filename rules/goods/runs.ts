import type { EndedBy, GoodsGroup } from '../../domain/index.ts';
import type { GroupFound, Judged } from './found.ts';

/** What a rule says at one of the moments at which it looks: the value, whether it is beyond, or null where nothing is known. */
export type Looked = { readonly value: number; readonly isBeyond: boolean } | null;

/** A moment at which a rule looks, epoch ms UTC. */
export interface Moment {
  readonly at: number;
  readonly looked: Looked;
  /** Nothing is known of what comes after it: what is beyond ends with it. */
  readonly isInGap: boolean;
}

/** When a rule looks: from then on, so often, while it is one of its moments. Epoch ms UTC, ms. */
interface Looking {
  readonly from: number;
  readonly everyMs: number;
  readonly isIn: (at: number) => boolean;
}

/**
 * The moments at which a rule looks at what is known. In a gap, the time from the last reading to now included, only the first is,
 * by what was measured until the gap, where that was after the moment before; while it is no gap, later ones wait for the next
 * reading (docs/rules.md, `mkt`).
 *
 * @returns with `again`, when time alone may tell more
 */
export function momentsOf(
  { air, silentAfter }: GoodsGroup,
  judged: Judged,
  { from, everyMs, isIn }: Looking,
  look: (at: number) => Looked,
): { readonly moments: Moment[]; readonly again: number } {
  const told = (air.get('temperature') ?? []).filter(({ min }) => min !== null);
  const isSilent = judged.to > silentAfter;
  const moments: Moment[] = [];
  let heard = Number.NEGATIVE_INFINITY;
  let place = 0;
  let at = from;
  for (; isIn(at); at += everyMs) {
    for (let one = told[place]; one !== undefined && one.from < at; one = told[++place])
      heard = Math.max(heard, one.to);
    const isKnown = heard >= at;
    const isInGap = !isKnown && (isSilent || place < told.length);
    const isFirst = heard > at - everyMs;
    if (!isKnown && !isInGap && !isFirst) return { moments, again: Math.floor(silentAfter) + 1 };
    moments.push({ at, looked: isInGap && !isFirst ? null : look(at), isInGap });
  }
  const lasts = moments.at(-1)?.looked?.isBeyond === true && !isSilent;
  return { moments, again: lasts ? Math.min(at, Math.floor(silentAfter) + 1) : at };
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
  for (const { at, looked, isInGap } of moments) {
    const last = found.at(-1);
    if (!looked?.isBeyond) end(at, looked === null ? 'silence' : 'recovery');
    else if (isOpen && last !== undefined) {
      found[found.length - 1] = { ...last, extreme: Math.max(last.extreme, looked.value) };
    } else {
      found.push({ from: at, to: null, endedBy: null, extreme: looked.value, limit, minutes: null });
      isOpen = true;
    }
    if (isInGap) end(at, 'silence');
  }
  if (judged.cut === null) end(null, null);
  else end(judged.to, judged.cut === 'rule' ? 'rule' : 'recovery');
  return found;
}
