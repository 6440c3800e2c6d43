import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ShipmentBoardView } from '../../../api/index.ts';
import { ask } from '../ask.ts';
import { keys } from '../queries.ts';

/** Shipments under way by lane and state, with where they are. */
export function useShipmentBoard({ condition, q }: { readonly condition: string | null; readonly q: string }) {
  return useQuery({
    queryKey: [...keys.board, { condition, q }],
    queryFn: ({ signal }) => ask<ShipmentBoardView>('/shipment-board', { condition, q }, signal),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });
}
