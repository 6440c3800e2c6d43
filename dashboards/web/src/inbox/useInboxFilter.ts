import { useSearchParams } from 'react-router';
import { type AlertGrouping, alertGrouping } from '../../../api/index.ts';
import type { AlertFilter } from '../queries.ts';

/** In the address where a group is of those that have none of it. */
const NONE = '-';

/** What the inbox shows: all of it stands in the address, so that it can be kept, sent and gone back to. */
export interface InboxFilter {
  readonly state: string;
  readonly severity: string;
  readonly by: AlertGrouping | null;
  /** The group that is open: its key; null in it: those that have none; undefined: no group is. */
  readonly of: string | null | undefined;
  readonly isMine: boolean;
  /** The same in the words of the API, without the group that is open. */
  readonly whole: AlertFilter;
  /** And with it. */
  readonly shown: AlertFilter;
  readonly set: (changes: Readonly<Record<string, string | null>>) => void;
  readonly openGroup: (key: string | null | undefined) => void;
}

export function useInboxFilter(me: string): InboxFilter {
  const [search, setSearch] = useSearchParams();
  const state = search.get('state') ?? 'open';
  const severity = search.get('severity') ?? '';
  const by = alertGrouping.safeParse(search.get('by')).data ?? null;
  const given = search.get('of');
  const of = by === null || given === null ? undefined : given === NONE ? null : given;
  const isMine = search.get('mine') === '1';
  const rule = search.get('rule');
  const kind = search.get('kind');
  const whole: AlertFilter = {
    ...{ state: state === 'all' ? '' : state, severity },
    ...(isMine && { assignedTo: me }),
    ...(rule !== null && { rule }),
    ...(kind !== null && { kind }),
  };
  const shown =
    by === null || of === undefined ? whole : { ...whole, ...(of === null ? { without: by } : { [by]: of }) };

  function set(changes: Readonly<Record<string, string | null>>) {
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) {
          if (value === null || value === '' || (name === 'state' && value === 'open')) next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  }

  return {
    ...{ state, severity, by, of, isMine, whole, shown, set },
    openGroup: (key) => set({ of: key === undefined ? null : (key ?? NONE) }),
  };
}
