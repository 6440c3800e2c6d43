import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AppSecretView, OwnFactorsView, RecoveryCodesView } from '../../../api/index.ts';
import { ask, send } from '../ask.ts';
import { keys } from '../queries.ts';

const FACTORS = ['admin', 'factors'] as const;

export function useFactors() {
  return useQuery({
    queryKey: FACTORS,
    queryFn: ({ signal }) => ask<OwnFactorsView>('/session/factors', {}, signal),
  });
}

/** Whoever has shown a factor may do more than before: the session is asked for anew. */
export function useFactorChange<Given, Answer>(change: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: FACTORS }),
        client.invalidateQueries({ queryKey: ['admin', 'sessions'] }),
      ]),
  });
}

/** Once the recovery codes are kept: what the role may is shown. */
export function useSessionAnew() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: keys.session });
}

export const useBeginApp = () =>
  useFactorChange((password: string) => send<AppSecretView>('POST', '/session/totp', { password }));

export const useConfirmApp = () =>
  useFactorChange((code: string) => send<RecoveryCodesView>('POST', '/session/totp/confirm', { code }));

export const useRenewCodes = () =>
  useFactorChange((code: string) => send<RecoveryCodesView>('POST', '/session/totp/recovery-codes', { code }));

export const useRemoveApp = () =>
  useFactorChange((code: string) => send<void>('POST', '/session/totp/remove', { code }));
