import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AuditReviewView, NextReviewView, PlacedEntryView } from '../../../api/index.ts';
import { ask, send } from '../ask.ts';
import { type Shown, type Signing, signatureOf } from '../case/case-queries.ts';
import { usePages } from './admin-queries.ts';

const NEXT = ['admin', 'review-next'] as const;

/** What the next review would cover. It stays as it was first seen, so that what is signed is what was looked at. */
export function useNextReview() {
  return useQuery({
    queryKey: NEXT,
    queryFn: ({ signal }) => ask<NextReviewView>('/audit/reviews/next', {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    gcTime: 0,
  });
}

/** @param risk empty: all */
export function useReviewEntries({ after, to }: Pick<NextReviewView, 'after' | 'to'>, risk: string) {
  return usePages<PlacedEntryView>('review-entries', '/audit/reviews/entries', {
    ...{ after, to },
    risk: risk === '' ? null : risk,
  });
}

export const useReviews = () => usePages<AuditReviewView>('reviews', '/audit/reviews');

export interface ReviewSigning {
  readonly wish: Pick<NextReviewView, 'after' | 'to' | 'chain'> & { readonly comment: string };
  readonly meaning: string;
  readonly signing: Signing;
}

export function useSignReview() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ wish, meaning, signing }: ReviewSigning) => {
      const signature = await signatureOf(meaning, signing, () => send<Shown>('POST', '/audit/reviews/draft', wish));
      return send<AuditReviewView>('POST', '/audit/reviews', { ...wish, signature });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['admin'] }),
  });
}
