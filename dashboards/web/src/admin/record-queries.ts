import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DeletionList, DeviceView, HoldView, RetentionView } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import { usePages } from './admin-queries.ts';

const DEVICE = 'device:';

/** Holds, latest first. */
export const useAllHolds = (isStanding: boolean) =>
  usePages<HoldView>('holds', '/holds', { standing: String(isStanding) });

/** Sets and releases; the page of the shipment shows it too. */
export function useHoldChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ subject, reason, isRelease }: { subject: string; reason: string; isRelease: boolean }) => {
      if (isRelease) return send<HoldView>('POST', `/holds/${segment(subject)}/release`, { reason });
      // The API holds a logger that is not heard yet; who types an id here means one that is there.
      if (subject.startsWith(DEVICE)) await ask<DeviceView>(`/devices/${segment(subject.slice(DEVICE.length))}`);
      return send<HoldView>('PUT', `/holds/${segment(subject)}`, { reason });
    },
    onSettled: () =>
      Promise.all(
        [['admin', 'holds'], ['admin', 'retention'], ['holds']].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

export function useRetention() {
  return useQuery({
    queryKey: ['admin', 'retention'],
    queryFn: ({ signal }) => ask<RetentionView>('/retention', {}, signal),
  });
}

export type DeletionRow = DeletionList['items'][number];

export const useDeletions = () => usePages<DeletionRow>('deletions', '/deletions');
