import {
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type {
  AlertGrouping,
  Bucket,
  ConditionCounts,
  DeviceView,
  HoldList,
  HoldView,
  PassDetail,
  PassView,
  PortalView,
  ReadingOriginals,
  ReadingsAnswer,
  RecallView,
  ReconciliationView,
  SerialView,
  ShipmentDetail,
  ShipmentJourneyView,
  ShipmentView,
  VerificationView,
} from '../../api/index.ts';
import { type Query as AskQuery, ask, segment, send } from './ask.ts';

/** A page of a list, as the API answers it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** Keys of the cache; the socket writes to the same ones (live/apply.ts). */
export const keys = {
  session: ['session'] as const,
  pageSettings: ['page-settings'] as const,
  savedViews: ['saved-views'] as const,
  shipments: ['shipments'] as const,
  shipmentList: (filter: ShipmentFilter) => ['shipments', filter] as const,
  board: ['shipment-board'] as const,
  shipment: (id: string) => ['shipment', id] as const,
  journey: (shipment: string) => ['journey', shipment] as const,
  alerts: (filter: AlertFilter) => ['alerts', filter] as const,
  alert: (id: string) => ['alert', id] as const,
  serials: (alert: string) => ['alert-serials', alert] as const,
  devices: ['devices'] as const,
  device: (id: string) => ['device', id] as const,
  readings: (device: string, metric: string, stretch: string) => ['readings', device, metric, stretch] as const,
  portals: ['portals'] as const,
  passes: (portal: string) => ['passes', portal] as const,
  pass: (id: string) => ['pass', id] as const,
  reconciliation: (of: Reconciled) => ['reconciliation', of.kind, of.id] as const,
  serial: (epc: string) => ['serial', epc] as const,
  holds: (subject: string) => ['holds', subject] as const,
  verifications: ['verifications'] as const,
  openCount: ['alerts-open'] as const,
};

export interface AlertFilter {
  readonly state: string;
  readonly severity: string;
  readonly shipment?: string;
  readonly device?: string;
  readonly rule?: string;
  readonly kind?: string;
  readonly assignedTo?: string;
  /** What an alert by itself does not tell: whether it belongs is asked of the server. */
  readonly site?: string;
  readonly gateway?: string;
  readonly notice?: string;
  readonly without?: AlertGrouping;
}

/** What the list of shipments is asked for; the server filters, sorts and counts. */
export interface ShipmentFilter {
  readonly condition: string | null;
  readonly q: string;
  readonly show: 'open' | 'all';
  /** Default: what needs a person first. */
  readonly sort?: 'urgency' | 'arrives' | 'departs' | 'id';
  readonly origin?: string | null;
  readonly destination?: string | null;
}

export interface ShipmentPage extends Page<ShipmentView> {
  readonly counts: ConditionCounts;
  /** How many that are not closed are at sites that are not seen. */
  readonly elsewhere: number;
}

const SHIPMENTS_A_PAGE = 200;

export function useShipments(filter: ShipmentFilter) {
  return useInfiniteQuery({
    queryKey: keys.shipmentList(filter),
    queryFn: ({ signal, pageParam }) =>
      ask<ShipmentPage>('/shipments', { ...filter, limit: SHIPMENTS_A_PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    refetchInterval: 60_000,
    // While the next letter is looked for, what was found before stays.
    placeholderData: keepPreviousData,
  });
}

export function useShipment(id: string) {
  return useQuery({
    queryKey: keys.shipment(id),
    queryFn: ({ signal }) => ask<ShipmentDetail>(`/shipments/${segment(id)}`, {}, signal),
    refetchInterval: 60_000,
  });
}

/** Empty = not asked for. */
export interface RecallWish {
  readonly gtin: string;
  readonly lot: string;
  readonly shipment: string;
}

export function useRecall(wish: RecallWish, isAsked: boolean) {
  return useInfiniteQuery({
    queryKey: ['recall', wish],
    queryFn: ({ signal, pageParam }) => ask<RecallView>('/recall', { ...wish, limit: 100, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    enabled: isAsked,
  });
}

/** What stands on a pack: as a scanner sent it, or typed. */
export type VerificationWish =
  | { readonly scan: string }
  | { readonly gtin: string; readonly serial: string; readonly lot?: string; readonly expiry?: string };

export function useVerify() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: VerificationWish) => send<VerificationView>('POST', '/verifications', wish),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.verifications }),
  });
}

/** The latest of everybody. @param isOn only some roles may see them */
export function useVerifications(isOn: boolean) {
  return useQuery({
    queryKey: keys.verifications,
    queryFn: ({ signal }) => ask<Page<VerificationView>>('/verifications', { limit: 20 }, signal),
    enabled: isOn,
  });
}

/** Whose expected and seen are held against each other. */
export interface Reconciled {
  readonly kind: 'shipments' | 'passes';
  readonly id: string;
}

export function useReconciliation(of: Reconciled) {
  return useQuery({
    queryKey: keys.reconciliation(of),
    queryFn: ({ signal }) => ask<ReconciliationView>(`/${of.kind}/${segment(of.id)}/reconciliation`, {}, signal),
    refetchInterval: 60_000,
  });
}

export function useSettle(of: Reconciled) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: { lines: readonly string[]; how: string; reason: string }) =>
      send<ReconciliationView>('POST', `/${of.kind}/${segment(of.id)}/reconciliation/settle`, wish),
    // Also after a refusal: it says that something else is shown than there is.
    onSettled: () => client.invalidateQueries({ queryKey: ['reconciliation'] }),
  });
}

/** Says what was all that was in a unit, codes in any form. */
export function useCountUnit(shipment: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: { unit: string; found: readonly string[]; damaged: readonly string[] }) =>
      send<ReconciliationView | undefined>('POST', `/shipments/${segment(shipment)}/counts`, wish),
    onSuccess: () => client.invalidateQueries({ queryKey: ['reconciliation'] }),
  });
}

export function useCloseShipment(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send<ShipmentDetail>('POST', `/shipments/${segment(id)}/close`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.shipment(id) });
      void client.invalidateQueries({ queryKey: keys.shipments });
    },
  });
}

export function useDevices() {
  return useQuery({
    queryKey: keys.devices,
    queryFn: ({ signal }) => everyPage<DeviceView>('/devices', signal),
    refetchInterval: 60_000,
  });
}

export function useDevice(id: string) {
  return useQuery({
    queryKey: keys.device(id),
    queryFn: ({ signal }) => ask<DeviceView>(`/devices/${segment(id)}`, {}, signal),
    refetchInterval: 60_000,
  });
}

/** A chart's columns: seconds since 1970 as uPlot wants them, values, and the span of each bucket where not raw. */
export interface Series {
  readonly time: readonly number[];
  readonly value: readonly number[];
  readonly min: readonly number[] | null;
  readonly max: readonly number[] | null;
  /** Of each bucket, seconds; absent: each is a reading, or it is not known. */
  readonly width?: number;
}

export interface Stretch {
  /** Epoch ms; `to` null = up to now, and readings join as they arrive. */
  readonly from: number;
  readonly to: number | null;
}

/** `name` tells stretches apart in the cache, so that a moving `from` does not make a new entry every second. */
export function readingsOptions(device: string, metric: string, name: string, stretch: () => Stretch) {
  return queryOptions({
    queryKey: keys.readings(device, metric, name),
    queryFn: async ({ signal }) => {
      const { from, to } = stretch();
      const query = { device, metric, from, to, resolution: 'auto', limit: 10_000 };
      const answers: ReadingsAnswer[] = [];
      let cursor: string | null = null;
      do {
        const answer: ReadingsAnswer = await ask<ReadingsAnswer>('/readings', { ...query, cursor }, signal);
        answers.push(answer);
        cursor = answer.nextCursor;
      } while (cursor !== null && answers.length < 5);
      return seriesOf(answers);
    },
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
}

/** What a chart of so many points draws, in one answer; `name` tells stretches apart in the cache, as above. */
export function drawnOptions(
  device: string,
  metric: string,
  name: string,
  tile: Stretch & { readonly points: number },
) {
  return queryOptions({
    queryKey: keys.readings(device, metric, name),
    queryFn: async ({ signal }) =>
      seriesOf([await ask<ReadingsAnswer>('/readings', { device, metric, resolution: 'auto', ...tile }, signal)]),
    staleTime: tile.to === null ? 60_000 : 300_000,
    // Tiles of a long look around are many: what is not looked at any more goes soon.
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** A device's temperature by the hour, for thumbnails; a rough picture needs no live update. */
export function trendOptions(device: string, backMs: number) {
  return queryOptions({
    queryKey: ['trend', device, backMs],
    queryFn: async ({ signal }) => {
      const query = { device, metric: 'temperature', from: Date.now() - backMs, resolution: '1h' };
      const { items } = await ask<Page<Bucket>>('/readings', query, signal);
      return items;
    },
    staleTime: 300_000,
    refetchInterval: 300_000,
  });
}

export function useJourney(shipment: string) {
  return useQuery({
    queryKey: keys.journey(shipment),
    queryFn: ({ signal }) => ask<ShipmentJourneyView>(`/shipments/${segment(shipment)}/journey`, {}, signal),
    refetchInterval: 60_000,
  });
}

export function usePortals() {
  return useQuery({
    queryKey: keys.portals,
    queryFn: ({ signal }) => everyPage<PortalView>('/portals', signal),
    refetchInterval: 60_000,
  });
}

export function usePasses(portal: string) {
  return useQuery({
    queryKey: keys.passes(portal),
    queryFn: ({ signal }) => ask<Page<PassView>>(`/portals/${segment(portal)}/passes`, { limit: 20 }, signal),
  });
}

export function usePass(id: string | null) {
  return useQuery({
    queryKey: keys.pass(id ?? ''),
    queryFn: ({ signal }) => ask<PassDetail>(`/passes/${segment(id ?? '')}`, {}, signal),
    enabled: id !== null,
    placeholderData: keepPreviousData,
  });
}

export function useSerial(epc: string) {
  return useQuery({
    queryKey: keys.serial(epc),
    queryFn: ({ signal }) => ask<SerialView>(`/serials/${segment(epc)}`, {}, signal),
  });
}

/** Every page of a list: for lists that a screen shows whole, and for files. */
export async function everyPage<T>(path: string, signal?: AbortSignal, query: AskQuery = {}): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await ask<Page<T>>(path, { limit: 500, ...query, cursor }, signal);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < 200_000);
  return items;
}

function seriesOf(answers: readonly ReadingsAnswer[]): Series {
  const time: number[] = [];
  const value: number[] = [];
  const min: number[] = [];
  const max: number[] = [];
  for (const { items } of answers) {
    for (const item of items) {
      time.push(Date.parse(item.time) / 1000);
      if ('mean' in item) {
        value.push(item.mean);
        min.push(item.min);
        max.push(item.max);
      } else value.push(item.value);
    }
  }
  const isBuckets = answers.some(
    (answer) => 'resolution' in answer && (answer.resolution !== 'raw' || answer.widthMs !== undefined),
  );
  const [first] = answers;
  const width = first !== undefined && 'widthMs' in first ? first.widthMs : undefined;
  return {
    ...{ time, value, min: isBuckets ? min : null, max: isBuckets ? max : null },
    ...(width === undefined ? {} : { width: width / 1000 }),
  };
}

/** Holds on a shipment or device, latest first. */
export function useHolds(subject: string) {
  return useQuery({
    queryKey: keys.holds(subject),
    queryFn: ({ signal }) => ask<HoldList>('/holds', { subject }, signal),
  });
}

export function useHoldAction(subject: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ isRelease, reason }: { isRelease: boolean; reason: string }) =>
      isRelease
        ? send<HoldView>('POST', `/holds/${segment(subject)}/release`, { reason })
        : send<HoldView>('PUT', `/holds/${segment(subject)}`, { reason }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.holds(subject) }),
  });
}

/** The messages that brought a reading, as received; the first is what it was stored from. */
export function useReadingOriginals(device: string, metric: string, time: string) {
  return useQuery({
    queryKey: ['originals', device, metric, time],
    queryFn: ({ signal }) => ask<ReadingOriginals>('/readings/original', { device, metric, time }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
