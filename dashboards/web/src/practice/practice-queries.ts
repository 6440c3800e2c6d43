import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PracticeEntry, PracticeJobsView, PracticeSiteView, Session } from '../../../api/index.ts';
import { ask, send } from '../ask.ts';
import { keys } from '../queries.ts';

const SITE = ['practice'] as const;
const JOBS = ['practice-jobs'] as const;
/** While it starts each step is shown. */
const SOON_MS = 1_000;
const NOW_AND_THEN_MS = 15_000;
/** A job that was done is seen as done before somebody wonders. */
const JOBS_MS = 3_000;

export function usePracticeSite() {
  return useQuery({
    queryKey: SITE,
    queryFn: ({ signal }) => ask<PracticeSiteView>('/practice', {}, signal),
    refetchInterval: ({ state: { data } }) =>
      data?.state === 'starting' || data?.state === 'stopping' ? SOON_MS : NOW_AND_THEN_MS,
  });
}

export function useBeginPractice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (isAnew: boolean) => send<PracticeSiteView>('POST', '/practice', { isAnew }),
    onSuccess: (site) => client.setQueryData(SITE, site),
  });
}

export function useEndPractice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send<PracticeSiteView>('DELETE', '/practice'),
    onSuccess: (site) => client.setQueryData(SITE, site),
  });
}

/** Leaves this page for the practice site. */
export function useEnterPractice() {
  return useMutation({
    mutationFn: (role: string) => send<PracticeEntry>('POST', '/practice/entries', { role }),
    // In the fragment: it stands in no log of a proxy.
    onSuccess: ({ ticket, ...where }) => window.location.assign(`${addressOf(where)}/practice/enter#${ticket}`),
  });
}

export function useTicket() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ticket: string) => send<Session>('POST', '/session/practice', { ticket }),
    onSuccess: (session) => client.setQueryData(keys.session, session),
  });
}

export function usePracticeJobs() {
  return useQuery({
    queryKey: JOBS,
    queryFn: ({ signal }) => ask<PracticeJobsView>('/practice/jobs', {}, signal),
    refetchInterval: JOBS_MS,
  });
}

/** A site beside this one: where it says it is, or at a port of this host. */
export function addressOf({ url, port }: { readonly url: string | null; readonly port: number }): string {
  return url ?? `${window.location.protocol}//${window.location.hostname}:${port}`;
}
