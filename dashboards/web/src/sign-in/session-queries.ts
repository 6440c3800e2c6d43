import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Permission } from '../../../../domain/index.ts';
import type { Session, SignInOptions } from '../../../api/index.ts';
import { ask, send } from '../ask.ts';
import { keys } from '../queries.ts';

/** null = nobody is signed in. */
export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: async ({ signal }) => (await ask<SignInOptions>('/sign-in', {}, signal)).session,
    staleTime: 60_000,
  });
}

/** Whether who is signed in sees every site. */
export function useSeesAll(): boolean {
  const { data: session } = useSession();
  return session == null || session.user.sites === 'all';
}

/** Whether who is signed in may do this. */
export function useMay(permission: Permission): boolean {
  const { data: session } = useSession();
  return session?.user.permissions.includes(permission) ?? false;
}

export function useSignInOptions() {
  return useQuery({ queryKey: ['sign-in'], queryFn: ({ signal }) => ask<SignInOptions>('/sign-in', {}, signal) });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { username: string; password: string; code?: string }) =>
      send<Session>('POST', '/session', given),
    onSuccess: (session) => changeSession(client, session),
  });
}

/** The browser asks which passkey; the library is loaded by whoever needs it. */
export function usePasskeySignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const [{ startAuthentication }, { options }] = await Promise.all([
        import('@simplewebauthn/browser'),
        send<{ options: PublicKeyCredentialRequestOptionsJSON }>('POST', '/session/passkey/options'),
      ]);
      const response = await startAuthentication({ optionsJSON: options });
      return send<Session>('POST', '/session/passkey', { response });
    },
    onSuccess: (session) => changeSession(client, session),
  });
}

/** The code of the terminal makes the first admin, who is signed in by it. @param onMade before the screen is another one */
export function useFirstAdmin(onMade: () => Promise<void> | void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { code: string; name: string; password: string }) =>
      send<Session>('POST', '/setup/admin', given),
    onSuccess: async (session) => {
      await onMade();
      changeSession(client, session);
      void client.invalidateQueries({ queryKey: ['sign-in'] });
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send<void>('DELETE', '/session'),
    onSuccess: () => changeSession(client, null),
  });
}

/**
 * What one person was shown is not the next one's. The session itself stays a query of its own: the frame watches it,
 * and would go on watching a removed one.
 */
function changeSession(client: QueryClient, session: Session | null): void {
  client.setQueryData(keys.session, session);
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.session[0] && queryKey[0] !== 'sign-in' });
}
