import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  SharedChartView,
  SharedContent,
  SharedSerialsView,
  SharedShipmentView,
  ShareView,
} from '../../../api/index.ts';
import { ask, isNowhere, segment, send } from '../ask.ts';
import type { Page } from '../queries.ts';

/** So often a customer's page asks: what is withdrawn is gone from an open page within it. */
const ASK_EVERY_MS = 4_000;
const CHART_EVERY_MS = 60_000;

export function useShares(shipment: string, isOn: boolean) {
  return useQuery({
    queryKey: ['shares', shipment],
    queryFn: ({ signal }) => ask<Page<ShareView>>(`/shipments/${segment(shipment)}/shares`, {}, signal),
    enabled: isOn,
    refetchInterval: 60_000,
  });
}

export interface ShareWish {
  readonly recipient: string;
  readonly endsAt: string;
  readonly contents: readonly SharedContent[];
}

export function useMakeShare(shipment: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: ShareWish) =>
      send<ShareView & { readonly path: string }>('POST', `/shipments/${segment(shipment)}/shares`, wish),
    onSuccess: () => client.invalidateQueries({ queryKey: ['shares', shipment] }),
  });
}

export function useExtendShare(shipment: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...wish }: { readonly id: number; readonly endsAt: string; readonly reason: string }) =>
      send<ShareView>('PUT', `/shipments/${segment(shipment)}/shares/${id}`, wish),
    onSettled: () => client.invalidateQueries({ queryKey: ['shares', shipment] }),
  });
}

export function useRevokeShare(shipment: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => send<void>('DELETE', `/shipments/${segment(shipment)}/shares/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['shares', shipment] }),
  });
}

/** What a link shows. A link that leads nowhere is not asked for again. */
export function useSharedShipment(token: string) {
  return useQuery({
    queryKey: ['shared', token],
    queryFn: ({ signal }) => ask<SharedShipmentView>(`/shared/${segment(token)}`, {}, signal),
    refetchInterval: ({ state }) => (isNowhere(state.error) ? false : ASK_EVERY_MS),
  });
}

export function useSharedChart(token: string) {
  return useQuery({
    queryKey: ['shared-chart', token],
    queryFn: ({ signal }) => ask<SharedChartView>(`/shared/${segment(token)}/chart`, {}, signal),
    refetchInterval: CHART_EVERY_MS,
  });
}

export function useSharedSerials(token: string) {
  return useInfiniteQuery({
    queryKey: ['shared-serials', token],
    queryFn: ({ signal, pageParam }) =>
      ask<SharedSerialsView>(`/shared/${segment(token)}/serials`, { cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
}
