import { useQuery } from '@tanstack/react-query';
import type { TraceRequestOfCaseView, TransactionRecordView } from '../../../api/index.ts';
import { usePages } from '../admin/admin-queries.ts';
import { ask } from '../ask.ts';

/** What a record is asked for, as `GET /transactions` takes it. */
export type RecordAsked = Readonly<Partial<Record<'gtin' | 'serial' | 'lot' | 'shipment' | 'from' | 'to', string>>>;

/** Without single serials: the files have them. */
export function useRecord(asked: RecordAsked | null) {
  return useQuery({
    queryKey: ['records', asked],
    queryFn: ({ signal }) => ask<TransactionRecordView>('/transactions', { ...asked, serials: 'false' }, signal),
    enabled: asked !== null,
  });
}

export const useTraceRequestsOfCases = (state: 'open' | 'all') =>
  usePages<TraceRequestOfCaseView>('trace-requests', '/trace-requests', { state });

/** Where the record is had in one of its forms. */
export function recordAddress(asked: RecordAsked, form: 'pdf' | 'jws' | 'epcis.json'): string {
  return `/api/v1/transactions/record.${form}?${new URLSearchParams(asked)}`;
}
