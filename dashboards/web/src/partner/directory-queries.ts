import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DirectoryEntryView } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import type { Page } from '../queries.ts';
import type { DirectoryGiven } from './directory-lines.ts';

const KEY = ['verification-directory'] as const;

export function useDirectory() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask<Page<DirectoryEntryView>>('/verification-directory', {}, signal),
  });
}

/** As many as a file names, one after another: the list is asked for again by {@link useShownAgain}, once. */
export const useEnterDirectory = () =>
  useMutation({
    mutationFn: ({ key, who }: DirectoryGiven) =>
      send<DirectoryEntryView>('PUT', `/verification-directory/${segment(key)}`, who),
  });

export function useShownAgain() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: KEY });
}

export function useRemoveFromDirectory() {
  const onSettled = useShownAgain();
  return useMutation({
    mutationFn: (key: string) => send<void>('DELETE', `/verification-directory/${segment(key)}`),
    onSettled,
  });
}
