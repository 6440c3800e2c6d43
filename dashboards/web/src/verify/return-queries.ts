import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReturnVerificationView } from '../../../api/index.ts';
import { ask, send } from '../ask.ts';
import type { Page } from '../queries.ts';

const KEY = ['returns'] as const;

export interface ReturnWish {
  readonly scan: string;
  /** Names the delivery. */
  readonly batch?: string;
}

/** The latest of everybody. */
export function useReturns() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask<Page<ReturnVerificationView>>('/returns', { limit: 50 }, signal),
  });
}

export function useVerifyReturn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: ReturnWish) => send<ReturnVerificationView>('POST', '/returns', wish),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
