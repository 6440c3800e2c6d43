import { useQuery } from '@tanstack/react-query';

/** Off by more than this is said on the screen, ms. */
export const CLOCK_TOLERANCE_MS = 120_000;

/**
 * How far the server's clock is ahead of this screen's, ms. A screen whose clock is wrong shows and sends right times all
 * the same. The Date of an answer has whole seconds (RFC 9110, 6.6.1).
 */
export function useClockOffset(): number {
  const { data = 0 } = useQuery({
    queryKey: ['dock-clock'],
    queryFn: async ({ signal }) => {
      const before = Date.now();
      const { headers } = await fetch('/healthz', { cache: 'no-store', signal });
      const said = Date.parse(headers.get('date') ?? '');
      return Number.isNaN(said) ? 0 : said - (before + Date.now()) / 2;
    },
    refetchInterval: 300_000,
    staleTime: 60_000,
  });
  return Math.abs(data) < 2_000 ? 0 : data;
}
