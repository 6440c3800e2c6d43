import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DecommissioningChoicesView, DecommissioningView } from '../../../api/index.ts';
import { fileText } from '../announce/file-text.ts';
import { ask, send, sendText } from '../ask.ts';
import type { Page } from '../queries.ts';

const KEY = ['decommissionings'] as const;

/** What is chosen beside the scan. */
export interface DecommissionChoice {
  readonly place: string;
  readonly capacity: DecommissioningView['capacity'];
  readonly reason: DecommissioningView['reason'];
}

export function useDecommissioningChoices(isAsked = true) {
  return useQuery({
    queryKey: ['decommissioning-choices'],
    queryFn: ({ signal }) => ask<DecommissioningChoicesView>('/decommissioning-choices', {}, signal),
    enabled: isAsked,
    staleTime: 60_000,
  });
}

/** The latest of everybody; or the oldest that wait. */
export function useDecommissionings(isWaiting: boolean) {
  return useQuery({
    queryKey: [...KEY, isWaiting],
    queryFn: ({ signal }) =>
      ask<Page<DecommissioningView>>('/decommissionings', { limit: 50, ...(isWaiting && { waiting: 'true' }) }, signal),
  });
}

function useChange<Given, Answer>(mutationFn: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: KEY }) });
}

export const useDecommission = () =>
  useChange((wish: DecommissionChoice & { readonly scan: string }) =>
    send<DecommissioningView>('POST', '/decommissionings', wish),
  );

export const useRevert = () =>
  useChange(({ id, place, capacity }: DecommissioningView) =>
    send<DecommissioningView>('POST', `/decommissionings/${id}/revert`, { place, capacity, isDeclared: true }),
  );

export const useCompare = () =>
  useChange(({ id, ...printed }: { id: string; serial: string; lot: string; expiry: string }) =>
    send<DecommissioningView>('PUT', `/decommissionings/${id}/printed`, printed),
  );

export const useBringAnswers = () =>
  useChange(async (file: File) =>
    sendText<{ readonly added: number }>('POST', '/decommissioning-answers', await fileText(file), 'text/csv'),
  );
