import { useQueries, useQuery } from '@tanstack/react-query';
import type { PassDetail, PassView, PortalView, ReconciliationView } from '../../../api/index.ts';
import { ask, segment } from '../ask.ts';
import { keys, type Page } from '../queries.ts';

export const SHIFT_MS = 12 * 3_600_000;

export function useDoor(id: string) {
  return useQuery({
    queryKey: [...keys.portals, id],
    queryFn: ({ signal }) => ask<PortalView>(`/portals/${segment(id)}`, {}, signal),
    refetchInterval: 60_000,
  });
}

/** The newest passes; the socket puts what it hears into the same place (live/apply.ts). */
export function useDoorPasses(id: string) {
  return useQuery({
    queryKey: keys.passes(id),
    queryFn: ({ signal }) => ask<Page<PassView>>(`/portals/${segment(id)}/passes`, { limit: 20 }, signal),
    // Were the socket to be silent without breaking, the verdict would still come.
    refetchInterval: 15_000,
  });
}

/** Of a pass that is over: while it is read only its counts are shown, which come by the socket. */
export function usePassGoods(id: string | null) {
  return useQuery({
    queryKey: keys.pass(id ?? ''),
    queryFn: ({ signal }) => ask<PassDetail>(`/passes/${segment(id ?? '')}`, {}, signal),
    enabled: id !== null,
  });
}

export function usePassDifferences(id: string | null) {
  return useQuery({ ...differencesOf(id ?? ''), enabled: id !== null });
}

/** What was settled of these passes, each as soon as it is known. */
export function useDifferencesOfAll(ids: readonly string[]) {
  return useQueries({ queries: ids.map(differencesOf) });
}

function differencesOf(id: string) {
  return {
    queryKey: keys.reconciliation({ kind: 'passes', id }),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      ask<ReconciliationView>(`/passes/${segment(id)}/reconciliation`, {}, signal),
    refetchInterval: 60_000,
  };
}

/** @param newest what the newest pass is now: when it is another, the list is asked for again */
export function useShift(id: string, from: number, newest: string) {
  return useQuery({
    queryKey: ['passes-shift', id, newest],
    queryFn: ({ signal }) => ask<Page<PassView>>(`/portals/${segment(id)}/passes`, { from, limit: 200 }, signal),
    placeholderData: (before) => before,
  });
}
