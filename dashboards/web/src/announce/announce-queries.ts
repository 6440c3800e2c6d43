import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  CapturedShipments,
  PlaceView,
  ProductView,
  ShipmentCheckView,
  ShipmentDetail,
} from '../../../api/index.ts';
import { ask, capture, segment, send, sendText } from '../ask.ts';
import { everyPage, keys } from '../queries.ts';

/** Sites that a shipment leaves from or goes to. */
export function useSites() {
  return useQuery({
    queryKey: ['places'],
    queryFn: ({ signal }) => everyPage<PlaceView>('/places', signal),
    select: (places) => places.filter(({ kind }) => kind === 'site'),
  });
}

/** Names of registered products, by GTIN. */
export function useProductNames() {
  return useQuery({
    queryKey: ['products'],
    queryFn: ({ signal }) => everyPage<Pick<ProductView, 'gtin' | 'name'>>('/products', signal),
    select: (products) => new Map(products.map(({ gtin, name }) => [gtin, name])),
  });
}

/** A notice as JSON, or the text of a CSV file. */
export type Notice = object | string;

/** Durable, and worked in where it has a state already. */
export type Announced = { readonly id: string; readonly warnings: readonly string[] } & Partial<ShipmentDetail>;

/** Refused where the id is taken: a form must not replace another shipment. */
const ONLY_NEW = { 'if-none-match': '*' };

export function useAnnounce() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ notice, prefix }: { notice: Notice; prefix: string }) =>
      typeof notice === 'string'
        ? sendText<Announced>('POST', `/shipments${queryOf(prefix)}`, notice, 'text/csv', ONLY_NEW)
        : send<Announced>('POST', `/shipments${queryOf(prefix)}`, notice, ONLY_NEW),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: keys.shipments });
      void client.invalidateQueries({ queryKey: keys.shipment(id) });
    },
  });
}

/** What a file would make, and what is wrong with it. */
export function useCheck() {
  return useMutation({
    mutationFn: ({ text, prefix }: { text: string; prefix: string }) =>
      sendText<ShipmentCheckView>('POST', `/shipments/check${queryOf(prefix)}`, text, 'text/csv'),
  });
}

export interface Captured {
  readonly shipments: CapturedShipments['items'];
  /** Events that were not taken, with the reason. */
  readonly refused: readonly { readonly title: string; readonly detail: string }[];
}

interface CaptureJob {
  readonly captureID: string;
  readonly errors: Captured['refused'];
}

/** Captures an EPCIS document; the shipments that its shipping events made. */
export function useCapture() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (document: string): Promise<Captured> => {
      const { captureID, errors } = await capture<CaptureJob>(document);
      const { items } = await ask<CapturedShipments>(`/captures/${segment(captureID)}/shipments`);
      return { shipments: items, refused: errors };
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.shipments }),
  });
}

/** Says by an event of ours that goods are here now: what a reader says where there is one. */
export function useReceive(shipment: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ place, epcs }: { readonly place: string; readonly epcs: readonly string[] }) => {
      const now = new Date().toISOString();
      const event = {
        ...{ type: 'ObjectEvent', eventTime: now, eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
        ...{ bizStep: 'receiving', epcList: epcs, bizLocation: { id: place }, readPoint: { id: place } },
      };
      return capture<CaptureJob>(
        JSON.stringify({
          ...{ '@context': [CONTEXT], type: 'EPCISDocument', schemaVersion: '2.0', creationDate: now },
          epcisBody: { eventList: [event] },
        }),
      );
    },
    onSettled: () =>
      Promise.all([keys.shipments, keys.shipment(shipment)].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

const CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';

function queryOf(prefix: string): string {
  const prefixes = prefix.split(/[\s,;]+/).filter((one) => one !== '');
  return prefixes.length === 0 ? '' : `?companyPrefix=${prefixes.map(encodeURIComponent).join(',')}`;
}
