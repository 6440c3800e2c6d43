import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type {
  AlertActedView,
  AlertActionsGiven,
  AlertGrouping,
  AlertGroupsView,
  AlertView,
} from '../../../api/index.ts';
import { ask, send } from '../ask.ts';
import { type AlertFilter, keys, type Page } from '../queries.ts';

const GROUPS = ['alert-groups'] as const;

/** The alerts of a filter by what they have in common, and how many there are in all. */
export function useAlertGroups(by: AlertGrouping, filter: AlertFilter) {
  return useQuery({
    queryKey: [...GROUPS, by, filter],
    queryFn: ({ signal }) => ask<AlertGroupsView>('/alerts/groups', { by, ...filter }, signal),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
}

/** Who can be given alerts. */
export function usePeople(isOn: boolean) {
  return useQuery({
    queryKey: ['case-people'],
    queryFn: async ({ signal }) => (await ask<Page<{ readonly name: string }>>('/cases/people', {}, signal)).items,
    enabled: isOn,
    staleTime: 60_000,
  });
}

/** An action, and what it is done to as it is shown. */
export interface ActionOnMany extends Omit<AlertActionsGiven, 'alerts'> {
  readonly alerts: readonly AlertView[];
}

export interface ActedOnMany extends ActionOnMany {
  readonly acted: readonly AlertActedView[];
}

/** The API's most; more are sent in several requests. */
const AT_ONCE = 500;

export function useActOnMany() {
  const client = useQueryClient();
  const [done, setDone] = useState(0);
  const mutation = useMutation({
    mutationFn: async ({ alerts, ...action }: ActionOnMany): Promise<ActedOnMany> => {
      const acted: AlertActedView[] = [];
      setDone(0);
      for (let from = 0; from < alerts.length; from += AT_ONCE) {
        const some = alerts.slice(from, from + AT_ONCE).map(({ id, revision }) => ({ id, revision }));
        const { items } = await send<{ items: readonly AlertActedView[] }>('POST', '/alerts/actions', {
          ...action,
          alerts: some,
        });
        acted.push(...items);
        setDone(acted.length);
      }
      return { ...action, alerts, acted };
    },
    onSettled: (_, __, { alerts }) => {
      void client.invalidateQueries({ queryKey: ['alerts'] });
      void client.invalidateQueries({ queryKey: GROUPS });
      void client.invalidateQueries({ queryKey: keys.openCount });
      for (const { id } of alerts) void client.invalidateQueries({ queryKey: keys.alert(id) });
    },
  });
  return { ...mutation, done };
}
