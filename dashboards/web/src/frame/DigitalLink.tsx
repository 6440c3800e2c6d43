import { useQuery } from '@tanstack/react-query';
import { Navigate, useLocation } from 'react-router';
import type { FoundView } from '../../../api/index.ts';
import { ask } from '../ask.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';
import { Unknown } from './Found.tsx';
import { pathOf } from './found.ts';

/**
 * Where a phone lands that scanned a label (GS1 Digital Link: `/01/{gtin}/21/{serial}`, `/00/{sscc}`): on the page of what
 * the code names, or on what was found for it.
 */
export function DigitalLink() {
  const { pathname, search } = useLocation();
  const code = `https://id.gs1.org${pathname}${search}`;
  useTitle(say('frame.scannedCode'));
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['search', code],
    queryFn: ({ signal }) => ask<{ items: readonly FoundView[] }>('/search', { q: code }, signal),
  });
  if (isPending) return <Loading rows={4} />;
  if (data === undefined)
    return (
      <Failed isScreen error={error ?? new Error('')} what={say('frame.whatWasFound')} onRetry={() => void refetch()} />
    );
  const [one, ...others] = data.items;
  if (one === undefined) return <Unknown text={pathname} />;
  const path = others.length === 0 ? pathOf(one) : null;
  return <Navigate replace to={path ?? `/find?${new URLSearchParams({ q: code })}`} />;
}
