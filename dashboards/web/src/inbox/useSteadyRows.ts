import { useEffect, useMemo, useRef, useState } from 'react';
import type { AlertView } from '../../../api/index.ts';

export interface SteadyRows {
  readonly rows: readonly AlertView[];
  /** Shown, and no longer in the list: somebody else acted on them. */
  readonly isGone: (id: string) => boolean;
  /** How many have come since, and are not shown. */
  readonly waiting: number;
  /** Shows the list as it is. */
  readonly release: () => void;
}

/**
 * Rows that do not move while somebody is about to hit one: what they say is always new, but none comes in above and none goes.
 *
 * @param alerts the list as it is, older ones at its end as they are loaded
 * @param own what somebody acted on here: it goes with that
 */
export function useSteadyRows(alerts: readonly AlertView[], isHeld: boolean, own: ReadonlySet<string>): SteadyRows {
  const [frozen, setFrozen] = useState<readonly AlertView[] | null>(null);
  const latest = useRef(alerts);
  useEffect(() => {
    latest.current = alerts;
  });
  useEffect(() => setFrozen(isHeld ? latest.current : null), [isHeld]);
  return useMemo(
    () => ({
      ...steady(alerts, frozen, own),
      release: () => setFrozen((before) => (before === null ? null : latest.current)),
    }),
    [alerts, frozen, own],
  );
}

/** The rows that are held, with what is new of each; older ones that were loaded since follow. */
export function steady(
  alerts: readonly AlertView[],
  frozen: readonly AlertView[] | null,
  own: ReadonlySet<string> = new Set(),
): Omit<SteadyRows, 'release'> {
  if (frozen === null || frozen.length === 0) return { rows: alerts, isGone: () => false, waiting: 0 };
  const now = new Map(alerts.map((alert) => [alert.id, alert]));
  const held = new Set(frozen.map(({ id }) => id));
  const end = alerts.findLastIndex(({ id }) => held.has(id));
  const older = alerts.slice(end + 1);
  const waiting = alerts.slice(0, end + 1).filter(({ id }) => !held.has(id)).length;
  const kept = frozen.filter(({ id }) => now.has(id) || !own.has(id));
  if (kept.length === 0) return { rows: alerts, isGone: () => false, waiting: 0 };
  // Nothing of what is held is there any more: what is there has come since.
  if (end < 0) return { rows: kept, isGone: (id) => !now.has(id), waiting: alerts.length };
  return {
    rows: [...kept.map((alert) => now.get(alert.id) ?? alert), ...older],
    isGone: (id) => !now.has(id),
    waiting,
  };
}
