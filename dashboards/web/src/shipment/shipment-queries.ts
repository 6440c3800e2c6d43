import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ShipmentDetail, ShipmentSerialView } from '../../../api/index.ts';
import { segment, send } from '../ask.ts';
import { everyPage, keys } from '../queries.ts';

/** Does something about a shipment and shows it anew, also after a refusal: it says that something else is shown than is. */
function useChange<Given, Answer>(id: string, change: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.shipment(id) });
      void client.invalidateQueries({ queryKey: keys.shipments });
      void client.invalidateQueries({ queryKey: ['reconciliation'] });
    },
  });
}

export interface Attachment {
  readonly device: string;
  /** null takes it off. */
  readonly unit: string | null;
  /** Epoch ms; absent = now. */
  readonly from?: number;
  readonly reason: string;
}

/** With what is said of it: the logger was somewhere else until then. */
export type Changed = ShipmentDetail & { readonly warnings: readonly string[] };

export function useAttach(id: string) {
  const client = useQueryClient();
  return useChange(id, async (attachment: Attachment) => {
    const answer = await send<Changed | undefined>('POST', `/shipments/${segment(id)}/attachments`, attachment);
    void client.invalidateQueries({ queryKey: keys.devices });
    void client.invalidateQueries({ queryKey: keys.device(attachment.device) });
    return answer;
  });
}

export interface Correction {
  readonly revision: number;
  readonly reason: string;
  readonly profile?: string;
  readonly origin?: string;
  readonly destination?: string;
  readonly departs?: number;
  readonly arrives?: number;
  readonly lane?: string | null;
  readonly carrier?: string | null;
  readonly add?: readonly object[];
  readonly remove?: readonly string[];
}

export const useCorrect = (id: string) =>
  useChange(id, (correction: Correction) =>
    send<Changed | undefined>('POST', `/shipments/${segment(id)}/corrections`, correction),
  );

/** Cancels it, or takes that back. */
export const useCancel = (id: string) =>
  useChange(id, ({ verb, ...wish }: { verb: 'cancel' | 'reinstate'; revision: number; reason: string }) =>
    send<ShipmentDetail | undefined>('POST', `/shipments/${segment(id)}/${verb}`, wish),
  );

const SERIALS_PAGE = 1_000;

/**
 * Every serial that a shipment lists, with what stops it: asked for again when the shipment is another, or something else
 * of it waits for a person.
 */
export function useShipmentSerials({ id, revision, waiting }: ShipmentDetail, isWanted: boolean) {
  return useQuery({
    queryKey: ['shipment-serials', id, revision, waiting],
    queryFn: ({ signal }) =>
      everyPage<ShipmentSerialView>(`/shipments/${segment(id)}/serials`, signal, { limit: SERIALS_PAGE }),
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });
}
