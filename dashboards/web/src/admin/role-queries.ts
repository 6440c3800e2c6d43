import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Permission } from '../../../../domain/index.ts';
import type { RoleView } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import { keys } from '../queries.ts';

const ROLES = ['admin', 'roles'] as const;

export function useRoles() {
  return useQuery({
    queryKey: ROLES,
    queryFn: ({ signal }) => ask<{ readonly items: readonly RoleView[] }>('/roles', {}, signal),
  });
}

export interface RoleChange {
  readonly name: string;
  readonly change: {
    readonly about?: string | null;
    readonly permissions?: readonly Permission[];
    readonly requiresSecondFactor?: boolean;
  };
}

export function usePutRole() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, change }: RoleChange) => send<RoleView>('PUT', `/roles/${segment(name)}`, change),
    // It may be one's own.
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ROLES }),
        client.invalidateQueries({ queryKey: keys.session }),
      ]),
  });
}

export function useDeleteRole() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => send<void>('DELETE', `/roles/${segment(name)}`),
    onSettled: () => client.invalidateQueries({ queryKey: ROLES }),
  });
}
