import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, send } from '../ask.ts';
import { type RawReading, type Suspect, suspectsOf } from '../chart/suspects.ts';
import { keys } from '../queries.ts';

interface RawPage {
  readonly items: readonly RawReading[];
  readonly nextCursor: string | null;
}

/** So many pages of 10,000 are looked through: two weeks of a reading a minute. */
const PAGES_MOST = 3;

/**
 * What is not judged as fact of a device and metric.
 *
 * @param name tells stretches apart in the cache, as with readings
 * @param stretch epoch ms; `to` null = up to now
 */
export function useSuspects(
  device: string,
  metric: string,
  name: string,
  stretch: () => { readonly from: number; readonly to: number | null },
): readonly Suspect[] {
  const { data } = useQuery({
    queryKey: ['suspects', device, metric, name],
    queryFn: async ({ signal }) => {
      const { from, to } = stretch();
      const readings: RawReading[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < PAGES_MOST; page++) {
        const answer: RawPage = await ask<RawPage>(
          '/readings',
          { device, metric, from, to, resolution: 'raw', limit: 10_000, cursor },
          signal,
        );
        readings.push(...answer.items);
        cursor = answer.nextCursor;
        if (cursor === null) break;
      }
      return suspectsOf(readings);
    },
    enabled: device !== '',
    staleTime: 60_000,
    refetchInterval: 120_000,
  });
  return data ?? NONE;
}

const NONE: readonly Suspect[] = [];

export interface SetAsideWish {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly reason: string;
}

/** Sets readings aside, or takes that back; both leave a record. */
export function useSetAside(device: string, metric: string, action: 'set-aside' | 'restore') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: SetAsideWish) => send<unknown>('POST', `/readings/${action}`, { device, metric, ...wish }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['suspects', device] });
      void client.invalidateQueries({ queryKey: keys.device(device) });
      void client.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
}
