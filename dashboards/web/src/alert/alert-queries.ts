import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { AffectedSerialView, AlertDetail, AlertVerdictsView, AlertView } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import { type Shown, type Signing, signatureOf } from '../case/case-queries.ts';
import { isAsked } from '../live/apply.ts';
import { type AlertFilter, everyPage, keys, type Page } from '../queries.ts';

/** @param limit how many at once */
export function useAlerts(filter: AlertFilter, limit = 50) {
  return useInfiniteQuery({
    queryKey: keys.alerts(filter),
    queryFn: ({ signal, pageParam }) =>
      ask<Page<AlertView>>('/alerts', { ...filter, limit, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
    // The socket tells of the others.
    refetchInterval: ({ state }) => (isAsked(filter) && (state.data?.pages.length ?? 0) <= 3 ? 10_000 : false),
  });
}

/** How many are open, for the menu; `50+` is as good as the number. */
export function useOpenAlerts(isOn: boolean) {
  return useQuery({
    queryKey: keys.openCount,
    queryFn: ({ signal }) => ask<Page<AlertView>>('/alerts', { state: 'open', limit: 50 }, signal),
    enabled: isOn,
  });
}

export function useAlert(id: string) {
  return useQuery({
    queryKey: keys.alert(id),
    queryFn: ({ signal }) => ask<AlertDetail>(`/alerts/${segment(id)}`, {}, signal),
  });
}

export function useAlertVerdicts(id: string, revision: number) {
  return useQuery({
    queryKey: [...keys.alert(id), 'verdicts', revision],
    queryFn: ({ signal }) => ask<AlertVerdictsView>(`/alerts/${segment(id)}/verdicts`, {}, signal),
    placeholderData: keepPreviousData,
  });
}

/** What is said where data cannot tell. Times RFC 3339. */
export type NewVerdict =
  | { readonly verdict: 'logger broken'; readonly since: string }
  | { readonly verdict: 'not part of journey'; readonly from: string; readonly to: string };

export interface VerdictGiven {
  readonly verdict: NewVerdict & { readonly case?: string; readonly revision: number; readonly reason: string };
  readonly meaning: string;
  readonly signing: Signing;
}

/** Signs what is said of an alert. */
export function useGiveVerdict(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ verdict, meaning, signing }: VerdictGiven) => {
      const path = `/alerts/${segment(id)}/verdicts`;
      const signature = await signatureOf(meaning, signing, () => send<Shown>('POST', `${path}/draft`, verdict));
      return send<unknown>('POST', path, { ...verdict, signature });
    },
    // Also after a refusal: it says that something else is shown than there is.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.alert(id) });
      void client.invalidateQueries({ queryKey: ['alerts'] });
      void client.invalidateQueries({ queryKey: ['cases'] });
    },
  });
}

/** So many are loaded without being asked for: they are shown in groups, and printed. */
export const SERIALS_AT_ONCE = 2_000;
const SERIALS_PAGE = 500;

/**
 * Serials of an alert: up to {@link SERIALS_AT_ONCE} of them, the rest when asked for.
 * @param isAll all of them, however many
 */
export function useAffectedSerials(id: string, revision: number, isAll: boolean) {
  const query = useInfiniteQuery({
    queryKey: [...keys.serials(id), revision],
    queryFn: ({ signal, pageParam }) =>
      ask<Page<AffectedSerialView>>(
        `/alerts/${segment(id)}/serials`,
        { limit: SERIALS_PAGE, cursor: pageParam },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  });
  const { hasNextPage, isFetching, fetchNextPage } = query;
  const loaded = query.data?.pages.length ?? 0;
  useEffect(() => {
    const isWanted = isAll || loaded * SERIALS_PAGE < SERIALS_AT_ONCE;
    if (loaded > 0 && isWanted && hasNextPage && !isFetching) void fetchNextPage();
  }, [isAll, loaded, hasNextPage, isFetching, fetchNextPage]);
  return query;
}

/** Every page of an alert's serials, for copying and for a file. */
export function allAffectedSerials(id: string): Promise<readonly AffectedSerialView[]> {
  return everyPage<AffectedSerialView>(`/alerts/${segment(id)}/serials`);
}

export type AlertAction = 'acknowledge' | 'comment' | 'resolve' | 'reopen' | 'assign' | 'snooze' | 'escalate';

export function useAlertAction(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ action, body }: { action: AlertAction; body: Readonly<Record<string, unknown>> }) =>
      send<AlertDetail>('POST', `/alerts/${segment(id)}/${action}`, body),
    // Somebody was first: show what the alert is now.
    onError: () => void client.invalidateQueries({ queryKey: keys.alert(id) }),
    onSuccess: (alert) => {
      client.setQueryData(keys.alert(id), alert);
      void client.invalidateQueries({ queryKey: ['alerts'] });
      void client.invalidateQueries({ queryKey: keys.openCount });
    },
  });
}
