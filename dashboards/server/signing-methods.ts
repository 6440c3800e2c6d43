import type { Accounts } from '../../access/index.ts';
import type { CaseView } from '../api/index.ts';

/** With what a person can sign here; the page offers the first: whom a provider vouches for has, as a rule, no password. */
export async function signingMethods(
  accounts: Accounts,
  userId: number,
  hasProvider: boolean,
): Promise<CaseView['signing']['methods']> {
  const passkeys = await accounts.passkeys.of(userId);
  const isVouchedFor = hasProvider && (await accounts.providers.has(userId));
  return [...(passkeys.length > 0 ? ['passkey' as const] : []), ...(isVouchedFor ? ['oidc' as const] : []), 'password'];
}
