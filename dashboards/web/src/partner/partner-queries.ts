import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PartnerFileView, PartnerTestView, PartnerView, TokenView } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import type { Page } from '../queries.ts';

const FILES_A_PAGE = 50;

export function usePartners() {
  return useQuery({
    queryKey: ['partners'],
    queryFn: ({ signal }) => ask<Page<PartnerView>>('/partners', { limit: 1_000 }, signal),
  });
}

export function usePartner(id: string) {
  return useQuery({
    queryKey: ['partners', 'one', id],
    queryFn: ({ signal }) => ask<PartnerView>(`/partners/${segment(id)}`, {}, signal),
  });
}

/** What is kept of a partner; secrets that are absent stay, null takes one away. */
export interface PartnerGiven
  extends Omit<PartnerView, 'secrets' | 'agreed' | 'today' | 'revision' | 'changedAt' | 'changedBy' | 'publicKeys'> {
  readonly publicKeys: readonly Omit<PartnerView['publicKeys'][number], 'state' | 'print'>[];
  readonly secrets: { readonly webhook?: string | null; readonly authorization?: string | null };
}

/** A partner as it is put again with one thing changed. */
export function partnerGiven(partner: PartnerView): PartnerGiven {
  const { secrets: _s, agreed: _a, today: _t, revision: _r, changedAt: _at, changedBy: _by, ...kept } = partner;
  const publicKeys = kept.publicKeys.map(({ state: _state, print: _print, ...key }) => key);
  return { ...kept, publicKeys, secrets: {} };
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

export function usePartnerTokens(partner: string) {
  return useQuery({
    queryKey: ['partners', 'tokens', partner],
    queryFn: ({ signal }) => ask<Page<TokenView>>(`/partners/${segment(partner)}/tokens`, {}, signal),
  });
}

export function useCreatePartnerToken(partner: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: { name: string; expires?: string }) =>
      send<TokenView & { token: string }>('POST', `/partners/${segment(partner)}/tokens`, wanted),
    onSettled: () => client.invalidateQueries({ queryKey: ['partners', 'tokens', partner] }),
  });
}

export function useRevokePartnerToken(partner: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => send<void>('DELETE', `/partners/${segment(partner)}/tokens/${segment(name)}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['partners', 'tokens', partner] }),
  });
}

/** Latest first. Empty = not asked for. */
export function usePartnerFiles(partner: string, asked: { readonly text: string; readonly fate: string }) {
  return useInfiniteQuery({
    queryKey: ['partners', 'files', partner, asked],
    queryFn: ({ signal, pageParam }) =>
      ask<Page<PartnerFileView>>(
        `/partners/${segment(partner)}/files`,
        { ...asked, limit: FILES_A_PAGE, cursor: pageParam },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    // While the next letter is looked for, what was found before stays.
    placeholderData: keepPreviousData,
  });
}

/** Takes a refused file once more; the answer says what became of it now. */
export function useTakeAgain(partner: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (file: number) =>
      send<PartnerFileView>('POST', `/partners/${segment(partner)}/files/${file}/again`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: ['partners', 'files', partner] }),
  });
}
