import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/browser';
import { useQuery } from '@tanstack/react-query';
import type { PasskeyView } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import { useFactorChange } from './factor-queries.ts';

export function usePasskeys() {
  return useQuery({
    queryKey: ['admin', 'factors', 'passkeys'],
    queryFn: ({ signal }) => ask<{ readonly items: readonly PasskeyView[] }>('/session/passkeys', {}, signal),
  });
}

/** The library is loaded by whoever needs it. */
export const useRegisterPasskey = () =>
  useFactorChange(async ({ name, password }: { name: string; password: string }) => {
    const [{ startRegistration }, { options }] = await Promise.all([
      import('@simplewebauthn/browser'),
      send<{ options: PublicKeyCredentialCreationOptionsJSON }>('POST', '/session/passkeys/options', {
        password,
      }),
    ]);
    const response = await startRegistration({ optionsJSON: options });
    return send<PasskeyView>('POST', '/session/passkeys', { name, response });
  });

export const useRenamePasskey = () =>
  useFactorChange(({ id, name }: { id: string; name: string }) =>
    send<PasskeyView>('PUT', `/session/passkeys/${segment(id)}`, { name }),
  );

export const useRemovePasskey = () =>
  useFactorChange((id: string) => send<void>('DELETE', `/session/passkeys/${segment(id)}`));
