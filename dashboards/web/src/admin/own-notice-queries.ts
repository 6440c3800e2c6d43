import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ChannelTest, OwnNoticesView } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import type { WindowGiven } from '../routing/WindowsField.tsx';

const OWN = ['admin', 'own-notices'] as const;

export function useOwnNotices() {
  return useQuery({ queryKey: OWN, queryFn: ({ signal }) => ask<OwnNoticesView>('/own-notices', {}, signal) });
}

export interface OwnWords {
  readonly language: string | null;
  readonly zone: string | null;
  readonly quiet: readonly WindowGiven[] | null;
}

export const useSetOwnNotices = () =>
  useOwnChange((words: OwnWords) => send<OwnNoticesView>('PUT', '/own-notices', words));

export const useAskAddress = () =>
  useOwnChange(({ channel, address }: { channel: string; address: string }) =>
    send<OwnNoticesView>('POST', `/own-notices/${segment(channel)}/address`, { address }),
  );

export const useEnterCode = () =>
  useOwnChange(({ channel, code }: { channel: string; code: string }) =>
    send<OwnNoticesView>('POST', `/own-notices/${segment(channel)}/code`, { code }),
  );

export const useRemoveAddress = () =>
  useOwnChange((channel: string) => send<OwnNoticesView>('DELETE', `/own-notices/${segment(channel)}/address`));

/** Sends oneself a real message, and says what was answered. */
export function useTestOwn() {
  return useMutation({
    mutationFn: (channel: string) => send<ChannelTest>('POST', `/own-notices/${segment(channel)}/test`),
  });
}

function useOwnChange<Given>(change: (given: Given) => Promise<OwnNoticesView>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: (view) => client.setQueryData(OWN, view) });
}
