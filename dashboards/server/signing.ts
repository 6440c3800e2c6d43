import type { Request } from 'express';
import { InputError, type Origination } from '../../domain/index.ts';
import type { Signer } from '../../quality/index.ts';
import type { SignatureInput } from '../api/index.ts';
import { asserted } from '../api/index.ts';
import { addressOf, type Identity } from './identity.ts';
import { Refusal } from './problems.ts';
import { relyingPartyOf, requireRelyingParty } from './relying-party.ts';
import type { Services } from './services.ts';
import { verified } from './sign-in.ts';

/** Who asks to sign, in which session. */
interface Asking {
  readonly identity: Identity;
  readonly request: Request;
  readonly origination: Origination;
}

/** A person who asks to sign. */
interface Person {
  readonly id: number;
  readonly session: number;
}

/**
 * A machine never signs, whatever its token may otherwise do: a signature is a person's (21 CFR 11.3(b)(7)).
 * @throws {Refusal} 403 TOKEN_CANNOT_SIGN
 */
export function signingPerson({ userId, session }: Identity): Person {
  if (userId !== null && session !== null) return { id: userId, session };
  throw new Refusal(403, 'TOKEN_CANNOT_SIGN', 'an API token cannot sign; sign in as a person and sign yourself');
}

/**
 * That the person who is signed in gives this signature, now. By password both components are asked for at the first
 * signing of a session, with the code of the second factor where one is set up, and the password alone after it; a
 * passkey signs the record's hash. Wrong ones are counted and slowed as at the sign-in.
 *
 * @param recordHash what a passkey has to have signed, hex; null where none was shown to be signed
 * @throws {Refusal} 401 SIGNATURE_USER_NEEDED, SIGNATURE_USER_OTHER, CREDENTIALS_WRONG, SECOND_FACTOR_NEEDED,
 * SECOND_FACTOR_WRONG; 403 TOKEN_CANNOT_SIGN; 422 SIGNATURE_METHOD_UNAVAILABLE; 429 SIGN_IN_THROTTLED
 */
export async function signerOf(
  services: Services,
  asking: Asking,
  given: SignatureInput,
  recordHash: string | null,
): Promise<Signer> {
  const { identity } = asking;
  const person = signingPerson(identity);
  const signer = { userId: person.id, name: identity.name, role: identity.role, meaning: given.meaning };
  if ('oidc' in given) {
    throw new Refusal(
      422,
      'SIGNATURE_METHOD_UNAVAILABLE',
      'a fresh sign-in at a provider cannot sign here yet; sign by password or passkey',
    );
  }
  if ('passkey' in given) {
    await requireAssertion(services, asking, person, given.passkey, recordHash);
    return { ...signer, method: 'passkey' };
  }
  await requirePassword(services, asking, person, given);
  return { ...signer, method: 'password' };
}

async function requirePassword(
  services: Services,
  { identity, request }: Asking,
  { session }: Person,
  {
    user,
    password,
    code,
  }: { readonly user?: string | undefined; readonly password: string; readonly code?: string | undefined },
): Promise<void> {
  const { signingSessions } = services;
  const isOpen = await signingSessions.isOpen(session);
  if (!isOpen && user === undefined) {
    const message = 'the first signing of a session takes both components: send your user name with the password';
    throw new Refusal(401, 'SIGNATURE_USER_NEEDED', message);
  }
  if (user !== undefined && user !== identity.name) {
    await services.accounts.signIns.refused(identity.name, { via: 'http', address: addressOf(request) });
    throw new Refusal(
      401,
      'SIGNATURE_USER_OTHER',
      'the user name is not that of who is signed in here; sign in as who signs',
    );
  }
  await verified(services, request, identity.name, password, isOpen ? undefined : { given: code });
  await signingSessions.signed(session);
}

async function requireAssertion(
  { accounts, mode }: Services,
  { identity, request }: Asking,
  { id }: Person,
  given: Readonly<Record<string, unknown>>,
  recordHash: string | null,
): Promise<void> {
  const party = requireRelyingParty(mode, request);
  try {
    const response = asserted.safeParse(given);
    if (!response.success) throw new InputError('PASSKEY_REFUSED', 'this is no answer of a passkey');
    if (recordHash === null) {
      throw new InputError(
        'PASSKEY_CHALLENGE_VOID',
        'the passkey has signed no record that was shown here, or it was taken already; try again',
      );
    }
    const user = await accounts.passkeys.verifyAssertion(party, challengeOf(recordHash), response.data);
    if (user !== id) throw new InputError('PASSKEY_REFUSED', 'the passkey is not one of who is signed in here');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await accounts.signIns.refused(identity.name, { via: 'http', address: addressOf(request) });
    throw new Refusal(401, error.code, error.message);
  }
}

/** A record's hash as a passkey is asked to sign it. */
export function challengeOf(recordHash: string): string {
  return Buffer.from(recordHash, 'hex').toString('base64url');
}

/** The hash, hex, that a passkey says it has signed; null where its answer cannot be read. */
export function hashSigned(given: Readonly<Record<string, unknown>>): string | null {
  const response = asserted.safeParse(given);
  if (!response.success) return null;
  try {
    const text = Buffer.from(response.data.response.clientDataJSON, 'base64url').toString('utf8');
    const { challenge } = JSON.parse(text) as { challenge?: unknown };
    return typeof challenge === 'string' ? Buffer.from(challenge, 'base64url').toString('hex') : null;
  } catch {
    return null;
  }
}

/** For navigator.credentials.get: only passkeys of who signs; null where none can be used here. */
export async function passkeyOptions(
  { accounts, mode }: Services,
  { identity, request }: Pick<Asking, 'identity' | 'request'>,
  recordHash: string,
): Promise<Record<string, unknown> | null> {
  const party = relyingPartyOf(mode, request);
  if (party === null || identity.userId === null) return null;
  const own = await accounts.passkeys.of(identity.userId);
  if (own.length === 0) return null;
  return {
    ...{ challenge: challengeOf(recordHash), rpId: party.id, userVerification: 'required', timeout: 300_000 },
    allowCredentials: own.map(({ id }) => ({ id, type: 'public-key' })),
  };
}
