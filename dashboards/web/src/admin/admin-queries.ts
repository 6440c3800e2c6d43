import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Permission, Sites } from '../../../../domain/index.ts';
import type {
  AuditEntryView,
  CredentialView,
  MqttDoorView,
  OwnSessionView,
  ProductView,
  QuarantinedView,
  TokenView,
  UserView,
} from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A list that grows a page at a time. */
export function usePages<T>(name: string, path: string, query: Readonly<Record<string, string | number | null>> = {}) {
  return useInfiniteQuery({
    queryKey: ['admin', name, query],
    queryFn: ({ signal, pageParam }) => ask<Page<T>>(path, { ...query, limit: 50, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
}

/** Changes something and asks for the list anew, also after a refusal: it says that something else is shown than is. */
function useChange<Given, Answer>(name: string, change: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: ['admin', name] }),
  });
}

export const useUsers = () => usePages<UserView>('users', '/users');

export const useCreateUser = () =>
  useChange('users', (given: { name: string; role: string; sites: Sites; password: string }) =>
    send<UserView>('POST', '/users', given),
  );

export interface UserChange {
  readonly name: string;
  readonly change: {
    readonly role?: string;
    readonly sites?: Sites;
    readonly password?: string;
    readonly disabled?: boolean;
  };
}

export const useChangeUser = () =>
  useChange('users', ({ name, change }: UserChange) => send<UserView>('PUT', `/users/${segment(name)}`, change));

export const useDeleteUser = () =>
  useChange('users', (name: string) => send<void>('DELETE', `/users/${segment(name)}`));

export const useResetFactor = () =>
  useChange('users', (name: string) => send<void>('POST', `/users/${segment(name)}/reset-factor`));

export const useTokens = () => usePages<TokenView>('tokens', '/tokens');

export const useCreateToken = () =>
  useChange(
    'tokens',
    (given: { name: string; role: string; sites: Sites; scope?: readonly Permission[]; expires?: string }) =>
      send<TokenView & { token: string }>('POST', '/tokens', given),
  );

export const useRevokeToken = () =>
  useChange('tokens', (name: string) => send<void>('DELETE', `/tokens/${segment(name)}`));

export const useCredentials = () => usePages<CredentialView>('credentials', '/credentials');

export interface CredentialSecret {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

/** The ports that credentials are used at. */
export function useMqttDoor() {
  return useQuery({ queryKey: ['admin', 'mqtt'], queryFn: ({ signal }) => ask<MqttDoorView>('/mqtt', {}, signal) });
}

export type CredentialKind = NonNullable<CredentialView['kind']>;

export const useCreateCredential = () =>
  useChange('credentials', (given: { id: string; kind: CredentialKind; speaksFor: readonly string[] }) =>
    send<CredentialSecret>('POST', '/credentials', given),
  );

export const useRotateCredential = () =>
  useChange('credentials', (id: string) => send<CredentialSecret>('POST', `/credentials/${segment(id)}/rotate`));

export const useRevokeCredential = () =>
  useChange('credentials', (id: string) => send<void>('DELETE', `/credentials/${segment(id)}`));

/** Confirms or refuses sources that a gateway or service has brought. */
export const useDecideSources = () =>
  useChange(
    'credentials',
    ({ id, decision, sources }: { id: string; decision: 'confirm' | 'refuse'; sources: readonly string[] }) =>
      send<CredentialView>('POST', `/credentials/${segment(id)}/${decision}`, { sources }),
  );

/** Empty = not asked for. */
export interface AuditFilter extends Readonly<Record<string, string>> {
  readonly subject: string;
  readonly actor: string;
  readonly action: string;
  readonly since: string;
}

export const useAudit = (filter: AuditFilter) => usePages<AuditEntryView>('audit', '/audit', filter);

export const useQuarantine = (source: string) => usePages<QuarantinedView>('quarantine', '/quarantine', { source });

/** One entry, or everything of a sender. */
export type Decided = { readonly id: string } | { readonly source: string };

interface QuarantineOutcome {
  readonly entries: number;
  readonly readings: number;
  readonly left: readonly { readonly id: string; readonly reason: string }[];
}

export const useDecideQuarantine = (of: Decided) =>
  useChange('quarantine', ({ verb, reason }: { verb: 'adopt' | 'discard'; reason: string }) =>
    send<QuarantineOutcome>(
      'POST',
      'id' in of
        ? `/quarantine/${segment(of.id)}/${verb}`
        : `/quarantine/${verb}?source=${encodeURIComponent(of.source)}`,
      { reason },
    ),
  );

export function useOwnSessions() {
  return useQuery({
    queryKey: ['admin', 'sessions'],
    queryFn: ({ signal }) => ask<Page<OwnSessionView>>('/sessions', {}, signal),
  });
}

export const useEndSession = () =>
  useChange('sessions', (id: string) => send<void>('DELETE', `/sessions/${segment(id)}`));

export const useChangePassword = () =>
  useChange('sessions', (given: { old: string; new: string }) => send<void>('PUT', '/session/password', given));

export const useProducts = () => usePages<Omit<ProductView, 'lots'>>('products', '/products');
