import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  DryRunView,
  SystemDocumentView,
  SystemFileView,
  SystemMessageView,
  SystemView,
} from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import type { Page } from '../queries.ts';

/** As many as the screen shows of each list. */
const SHOWN = 50;

export function useSystems() {
  return useQuery({
    queryKey: ['systems'],
    queryFn: ({ signal }) => ask<Page<SystemView>>('/erp/systems', { limit: 1_000 }, signal),
  });
}

/** Files, documents and messages of a system; what waits changes by itself. */
export function useSystemRecords(id: string) {
  const of = <T>(what: 'files' | 'documents' | 'messages') => ({
    queryKey: ['system', id, what],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      ask<Page<T>>(`/erp/systems/${segment(id)}/${what}`, what === 'messages' ? {} : { limit: SHOWN }, signal),
  });
  return {
    files: useQuery(of<SystemFileView>('files')),
    documents: useQuery(of<SystemDocumentView>('documents')),
    messages: useQuery(of<SystemMessageView>('messages')),
  };
}

export function usePutSystem() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; mapping: string; secret?: string }) =>
      send<SystemView>('PUT', `/erp/systems/${segment(id)}`, body),
    onSettled: () => client.invalidateQueries({ queryKey: ['systems'] }),
  });
}

export function useRemoveSystem() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send<void>('DELETE', `/erp/systems/${segment(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['systems'] }),
  });
}

export function useDryRun(id: string) {
  return useMutation({
    mutationFn: (body: { mapping: string | null; content: string }) =>
      send<DryRunView>('POST', `/erp/systems/${segment(id)}/dry-run`, body),
  });
}

export function useAgain(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (path: string) => send<unknown>('POST', `/erp/systems/${segment(id)}/${path}/again`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: ['system', id] }),
  });
}
