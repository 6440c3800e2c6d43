import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PartnerTestView, PartnerView } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import type { Page } from '../queries.ts';

export function usePartners() {
  return useQuery({
    queryKey: ['partners'],
    queryFn: ({ signal }) => ask<Page<PartnerView>>('/partners', { limit: 1_000 }, signal),
  });
}

/** What is kept of a partner; secrets that are absent stay. */
export interface PartnerGiven
  extends Omit<
    PartnerView,
    'secrets' | 'agreed' | 'today' | 'quota' | 'revision' | 'changedAt' | 'changedBy' | 'publicKeys'
  > {
  /** Absent: the usual one. */
  readonly quota?: PartnerView['quota'] | undefined;
  readonly publicKeys: readonly Omit<PartnerView['publicKeys'][number], 'state' | 'print'>[];
  readonly secrets: { readonly webhook?: string | null; readonly authorization?: string | null };
}

export function usePutPartner() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: PartnerGiven) => send<PartnerView>('PUT', `/partners/${segment(id)}`, body),
    onSettled: () => client.invalidateQueries({ queryKey: ['partners'] }),
  });
}

export function useRemovePartner() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send<void>('DELETE', `/partners/${segment(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['partners'] }),
  });
}

export function useTestPartner() {
  return useMutation({
    mutationFn: (id: string) => send<PartnerTestView>('POST', `/partners/${segment(id)}/test`, {}),
  });
}
