import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ExceptionDetailView, ExceptionView, LinkedExceptionView, PartnerView } from '../../../api/index.ts';
import { ask, isNowhere, segment, send, sendForm } from '../ask.ts';
import type { Page } from '../queries.ts';

const ASK_EVERY_MS = 5_000;

export function useExceptions(state: 'open' | 'all') {
  return useQuery({
    queryKey: ['exceptions', state],
    queryFn: ({ signal }) => ask<Page<ExceptionView>>('/exceptions', { state, limit: 200 }, signal),
    refetchInterval: 30_000,
  });
}

export function useException(id: string) {
  return useQuery({
    queryKey: ['exceptions', 'one', id],
    queryFn: ({ signal }) => ask<ExceptionDetailView>(`/exceptions/${segment(id)}`, {}, signal),
    refetchInterval: ASK_EVERY_MS,
  });
}

/** Those that one may have an exception with. */
export function usePartnerNames() {
  return useQuery({
    queryKey: ['partners', 'names'],
    queryFn: ({ signal }) => ask<Page<PartnerView>>('/partners', { limit: 1_000 }, signal),
  });
}

/** Does something about exceptions; what is shown of them is asked for anew. */
export function useExceptionAction<Given, Answer>(act: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => client.invalidateQueries({ queryKey: ['exceptions'] }),
  });
}

export interface ExceptionGiven {
  /** The same at each try: what is opened under it is opened once. */
  readonly key: string;
  readonly kind: ExceptionView['kind'];
  readonly partner: string;
  readonly title: string;
  readonly text: string;
  readonly shipment: string | null;
  readonly epcs?: readonly string[];
  readonly lot?: string | null;
  readonly finding?: string | null;
}
export type ExceptionDraft = Required<Omit<ExceptionGiven, 'key' | 'partner'>> & { readonly partner: string | null };

/** What a draft is of: `shipments/ID`, `passes/ID`, `partners/ID/files/NUMBER`. */
export interface DraftOf {
  readonly kind: 'shipment' | 'pass' | 'file';
  readonly id: string;
  /** Of a file. */
  readonly partner: string | null;
}

const DRAFTS_AT = {
  shipment: ({ id }: DraftOf) => `/shipments/${segment(id)}`,
  pass: ({ id }: DraftOf) => `/passes/${segment(id)}`,
  file: ({ id, partner }: DraftOf) => `/partners/${segment(partner ?? '')}/files/${segment(id)}`,
};

/** What would be told of it. */
export function useDrafts(of: DraftOf) {
  return useQuery({
    queryKey: ['exceptions', 'drafts', of],
    queryFn: ({ signal }) => ask<Page<ExceptionDraft>>(`${DRAFTS_AT[of.kind](of)}/exceptions/draft`, {}, signal),
  });
}

export const openException = ({ key, ...given }: ExceptionGiven) =>
  send<ExceptionDetailView>('POST', '/exceptions', given, { 'Idempotency-Key': key });

/** Opens it and tells the partner at once; where that is not to be had it is open, and its page says why. */
export async function openAndTell(given: ExceptionGiven): Promise<ExceptionDetailView> {
  const opened = await openException(given);
  await tellOf(opened.id)();
  return opened;
}

export const sayOf = (id: string) => (given: { text: string; answer: string | null }) =>
  send<ExceptionDetailView>('POST', `/exceptions/${segment(id)}/entries`, given);
export const tellOf = (id: string) => () =>
  send<{ failure: string | null }>('POST', `/exceptions/${segment(id)}/tell`, {});
export const shareOf = (id: string) => (given: { recipient: string; endsAt: string }) =>
  send<{ path: string }>('POST', `/exceptions/${segment(id)}/links`, given);
export const unshareOf = (id: string) => (link: number) =>
  send<void>('DELETE', `/exceptions/${segment(id)}/links/${link}`);

/** What a link shows. A link that leads nowhere is not asked for again. */
export function useLinked(token: string) {
  return useQuery({
    queryKey: ['answer', token],
    queryFn: ({ signal }) => ask<LinkedExceptionView>(`/answer/${segment(token)}`, {}, signal),
    refetchInterval: ({ state }) => (isNowhere(state.error) ? false : ASK_EVERY_MS),
  });
}

export function useAnswer(token: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({
      file,
      ...said
    }: {
      author: string;
      text: string;
      answer: string | null;
      file: File | null;
    }) => {
      const path = `/answer/${segment(token)}`;
      if (said.text !== '') await send<LinkedExceptionView>('POST', `${path}/entries`, said);
      if (file === null) return;
      const form = new FormData();
      form.set('author', said.author);
      form.set('file', file);
      await sendForm<LinkedExceptionView>(`${path}/files`, form);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['answer', token] }),
  });
}
