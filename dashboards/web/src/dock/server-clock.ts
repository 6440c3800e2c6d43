import { useQuery } from '@tanstack/react-query';

/** Off by more than this is said on the screen, ms. */
export const CLOCK_TOLERANCE_MS = 120_000;
/** The Date of an answer has whole seconds (RFC 9110, 6.6.1): less is no difference. */
const GRAIN_MS = 2_000;

/**
 * How far the server's clock is ahead of this screen's, ms.
 * @throws {TypeError} the server cannot be reached
 */
export async function clockOffset(signal?: AbortSignal): Promise<number> {
  const before = Date.now();
  const { headers } = await fetch('/healthz', { cache: 'no-store', ...(signal !== undefined && { signal }) });
  const said = Date.parse(headers.get('date') ?? '');
  const offset = Number.isNaN(said) ? 0 : said - (before + Date.now()) / 2;
  return Math.abs(offset) < GRAIN_MS ? 0 : offset;
}

/** The same, looked at now and then: a screen whose clock is wrong shows and sends right times all the same. */
export function useClockOffset(): number {
  const { data = 0 } = useQuery({
    queryKey: ['dock-clock'],
    queryFn: ({ signal }) => clockOffset(signal),
    refetchInterval: 300_000,
    staleTime: 60_000,
  });
  return data;
}
