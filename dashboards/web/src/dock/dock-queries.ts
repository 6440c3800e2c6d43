import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type {
  PassDamagesView,
  PassDetail,
  PassGoodsView,
  PassView,
  PortalView,
  ReconciliationView,
  UnsettledPassesView,
} from '../../../api/index.ts';
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

const READING_MS = 1_000;

/**
 * What a pass counts by product, lot and unit. The socket says that the counts moved; while it reads it is asked for each second
 * besides, and once more when the pass is over: what is shown last is what holds.
 */
export function usePassCounts(pass: PassView | null) {
  const client = useQueryClient();
  const { id, isProvisional } = pass ?? { id: '', isProvisional: false };
  const moved = pass === null ? '' : `${pass.counts.seen} ${pass.counts.unexpected} ${pass.counts.missing}`;
  useEffect(() => {
    if (moved === '') return;
    // The one under way is let come to its end: reads that follow closely would else put it off for ever.
    void client.invalidateQueries({ queryKey: ['pass-goods', id] }, { cancelRefetch: false });
  }, [client, id, moved]);
  return useQuery({
    queryKey: ['pass-goods', id, isProvisional],
    queryFn: ({ signal }) => ask<PassGoodsView>(`/passes/${segment(id)}/goods`, {}, signal),
    enabled: pass !== null,
    refetchInterval: isProvisional ? READING_MS : false,
    placeholderData: (before) => (before?.pass === id ? before : undefined),
  });
}

/** What people at the door said to be damaged of a pass. */
export function usePassDamages(id: string | null) {
  return useQuery({
    queryKey: ['reconciliation', 'damages', id],
    queryFn: ({ signal }) => ask<PassDamagesView>(`/passes/${segment(id ?? '')}/damages`, {}, signal),
    enabled: id !== null,
    refetchInterval: 60_000,
  });
}

/** Pallets that nobody has settled, or that still may not move on. @param newest as of {@link useShift} */
export function useUnsettled(id: string, newest: string) {
  return useQuery({
    // What is settled makes it another answer too.
    queryKey: ['reconciliation', 'unsettled', id, newest],
    queryFn: ({ signal }) => ask<UnsettledPassesView>(`/portals/${segment(id)}/unsettled`, {}, signal),
    refetchInterval: 60_000,
    placeholderData: (before) => before,
  });
}

/** Of a pass that is over, serial by serial. */
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
