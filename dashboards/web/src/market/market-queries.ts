import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  MarketAssignmentView,
  MarketCheckView,
  MarketReadinessView,
  MarketStandingView,
  MarketView,
  PlaceView,
  ProductView,
} from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import type { Page } from '../queries.ts';

const ALL = { limit: 1_000 };

export function useMarkets() {
  return useQuery({
    queryKey: ['markets'],
    queryFn: ({ signal }) => ask<Page<MarketView>>('/markets', ALL, signal),
  });
}

export function useMarket(id: string) {
  return useQuery({
    queryKey: ['markets', id],
    queryFn: ({ signal }) => ask<MarketView>(`/markets/${segment(id)}`, {}, signal),
  });
}

export function useStanding(id: string) {
  return useQuery({
    queryKey: ['markets', id, 'standing'],
    queryFn: ({ signal }) => ask<MarketStandingView>(`/markets/${segment(id)}/standing`, {}, signal),
  });
}

export function useAssignments() {
  return useQuery({
    queryKey: ['markets', 'assignments'],
    queryFn: ({ signal }) => ask<Page<MarketAssignmentView>>('/market-assignments', ALL, signal),
  });
}

/** What may be set to a market, by the name that people know it by. */
export function useSubjects() {
  return useQuery({
    queryKey: ['markets', 'subjects'],
    queryFn: async ({ signal }) => {
      const [places, products] = await Promise.all([
        ask<Page<PlaceView>>('/places', ALL, signal),
        ask<Page<Omit<ProductView, 'lots'>>>('/products', ALL, signal),
      ]);
      return {
        sites: places.items.filter(({ kind }) => kind === 'site').map(({ id, name }) => ({ value: id, label: name })),
        products: products.items.map(({ gtin, name }) => ({ value: `product:${gtin}`, label: `${name} (${gtin})` })),
      };
    },
  });
}

export type Assigned = Pick<MarketAssignmentView, 'market' | 'from' | 'to'>;

/** Says anew what one subject is set to: what else is said of it stays. */
export function useAssign() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({
      subject,
      change,
    }: {
      readonly subject: string;
      readonly change: (before: readonly Assigned[]) => readonly Assigned[];
    }) => {
      const { items } = await ask<Page<MarketAssignmentView>>('/market-assignments', { ...ALL, subject });
      const markets = change(items.map(({ market, from, to }) => ({ market, from, to })));
      return send<void>('PUT', `/market-assignments/${segment(subject)}`, { markets });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['markets'] }),
  });
}

export function useShipmentMarkets(id: string) {
  return useQuery({
    queryKey: ['shipments', id, 'markets'],
    queryFn: ({ signal }) => ask<{ checks: MarketCheckView[] }>(`/shipments/${segment(id)}/markets`, {}, signal),
    refetchInterval: 60_000,
  });
}

/** Whose goods are looked at, and by the law of which day (YYYY-MM-DD; absent: as the server chooses). */
export type ReadinessAsked = ({ readonly shipment: string } | { readonly site: string }) & { readonly day?: string };

/** Without the packs that lack nothing: the files have them. */
export function useReadiness(id: string, asked: ReadinessAsked | null) {
  return useQuery({
    queryKey: ['markets', id, 'readiness', asked],
    queryFn: ({ signal }) =>
      ask<MarketReadinessView>(`/markets/${segment(id)}/readiness`, { ...asked, items: 'lacking' }, signal),
    enabled: asked !== null,
  });
}

/** Where it is had as a file. */
export function readinessAddress(id: string, asked: ReadinessAsked, as: 'pdf' | 'csv'): string {
  return `/api/v1/markets/${segment(id)}/readiness?${new URLSearchParams({ ...asked, as })}`;
}
