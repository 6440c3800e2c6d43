import { useCallback } from 'react';
import { useSearchParams } from 'react-router';
import type { ConditionState } from '../../../api/index.ts';
import { STATES_BY_URGENCY } from './state-words.ts';

export const SORTS = ['urgency', 'arrives', 'departs', 'id'] as const;
export type Sort = (typeof SORTS)[number];

export const VIEWS = ['list', 'board', 'map'] as const;
export type View = (typeof VIEWS)[number];

/** Members of the address that say what is shown. */
export const BOARD_MEMBERS = ['condition', 'find', 'show', 'sort', 'view', 'origin', 'destination'] as const;

/** What of the shipments is shown and how, as the address of the page says it: it can be kept, sent and gone back to. */
export interface BoardAddress {
  readonly condition: ConditionState | null;
  readonly find: string;
  /** Closed and cancelled ones too. */
  readonly isAll: boolean;
  readonly sort: Sort;
  readonly view: View;
  /** Ids of places; null: any. */
  readonly origin: string | null;
  readonly destination: string | null;
}

export function isSort(given: string | null): given is Sort {
  return SORTS.some((sort) => sort === given);
}

export function useBoardAddress() {
  const [search, setSearch] = useSearchParams();
  const sort = search.get('sort');
  const address: BoardAddress = {
    condition: STATES_BY_URGENCY.find((state) => state === search.get('condition')) ?? null,
    find: search.get('find') ?? '',
    isAll: search.get('show') === 'all',
    sort: isSort(sort) ? sort : 'urgency',
    view: VIEWS.find((view) => view === search.get('view')) ?? 'list',
    origin: search.get('origin'),
    destination: search.get('destination'),
  };
  /** null takes it out of the address. */
  const set = useCallback(
    (name: (typeof BOARD_MEMBERS)[number], value: string | null) =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === null || value === '') next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      ),
    [setSearch],
  );
  return { address, set };
}
