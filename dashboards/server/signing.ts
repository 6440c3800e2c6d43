import type { Request } from 'express';
import { InputError, type Origination } from '../../domain/index.ts';
import type { FreshSignIn, Signer } from '../../quality/index.ts';
import type { SignatureInput } from '../api/index.ts';
import { asserted } from '../api/index.ts';
import { addressOf, type Identity } from './identity.ts';
import { Refusal } from './problems.ts';
import { relyingPartyOf, requireRelyingParty } from './relying-party.ts';
import type { Services } from './services.ts';
import { verified } from './sign-in.ts';

/** Who asks to sign, in which session. */
export interface Asking {
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

/** A record as it was shown, which a passkey or a fresh sign-in has signed, by its hash. */
export interface Shown {
  /** SHA-256 of the record, hex. */
  readonly hash: string;
  readonly record: string;
  /** null: by passkey. */
  readonly signIn: FreshSignIn | null;
}

/**
 * What was signed, of what was shown in this session: a passkey and a fresh sign-in sign it to the byte. It is taken, and
 * signs nothing again.
 * @returns null of a password, which signs what the record comes to now; and of a passkey that signed nothing shown here
 * @throws {Refusal} 401 SIGNATURE_TICKET_VOID; 403 TOKEN_CANNOT_SIGN
 */
export async function shownTo(services: Services, asking: Asking, given: SignatureInput): Promise<Shown | null> {
  const { recordsToSign } = services;
  const { session } = signingPerson(asking.identity);
  if ('oidc' in given) return shownToFreshSignIn(services, asking, session, given.oidc);
  const hash = 'passkey' in given ? hashSigned(given.passkey) : null;
  const record = hash === null ? null : await recordsToSign.taken(session, hash);
  return hash === null || record === null ? null : { hash, record, signIn: null };
}

async function shownToFreshSignIn(
  { accounts, freshSignIns, recordsToSign }: Services,
  { identity, request }: Asking,
  session: number,
  ticket: string,
): Promise<Shown> {
  const signIn = await freshSignIns.taken(session, ticket);
  const record = signIn === null ? null : await recordsToSign.taken(session, signIn.recordHash);
  if (signIn !== null && record !== null && signIn.userId === identity.userId) {
    return { hash: signIn.recordHash, record, signIn };
  }
  await accounts.signIns.refused(identity.name, { via: 'http', address: addressOf(request) });
  throw new Refusal(
    401,
    'SIGNATURE_TICKET_VOID',
    'this is no fresh sign-in of this session, or it has signed already, or is too old; sign in at the provider anew',
  );
}

/**
 * That the person who is signed in gives this signature, now. By password both components are asked for at the first
 * signing of a session, with the code of the second factor where one is set up, and the password alone after it; a
 * passkey signs the record's hash, and so does the nonce of a fresh sign-in at a provider. Wrong ones are counted and
 * slowed as at the sign-in.
 *
 * @param over what a passkey or a fresh sign-in has to have signed; null where nothing was shown to be signed
 * @throws {Refusal} 401 SIGNATURE_USER_NEEDED, SIGNATURE_USER_OTHER, CREDENTIALS_WRONG, SECOND_FACTOR_NEEDED,
 * SECOND_FACTOR_WRONG, SIGNATURE_TICKET_VOID; 403 TOKEN_CANNOT_SIGN; 429 SIGN_IN_THROTTLED
 */
export async function signerOf(
  services: Services,
  asking: Asking,
  given: SignatureInput,
  over: Pick<Shown, 'hash' | 'signIn'> | null,
): Promise<Signer> {
  const { identity } = asking;
  const person = signingPerson(identity);
  const signer = { userId: person.id, name: identity.name, role: identity.role, meaning: given.meaning };
  if ('oidc' in given) {
    if (over === null || over.signIn === null || over.signIn.recordHash !== over.hash) throw recordOther();
    return { ...signer, method: 'oidc', provider: over.signIn.proof };
  }
  if ('passkey' in given) {
    await requireAssertion(services, asking, person, given.passkey, over?.hash ?? null);
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

/** @returns that what was signed is not what is sent */
export function recordOther(): InputError {
  return new InputError('RECORD_OTHER', 'what was signed is not what is sent; look at it and sign again');
}

/** A record's hash as a passkey is asked to sign it. */
function challengeOf(recordHash: string): string {
  return Buffer.from(recordHash, 'hex').toString('base64url');
}

/** The hash, hex, that a passkey says it has signed; null where its answer cannot be read. */
function hashSigned(given: Readonly<Record<string, unknown>>): string | null {
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

/** With what a record that is shown can be signed, but for a password; it can be signed in this session from now on. */
export async function showToSign(
  services: Services,
  asking: Pick<Asking, 'identity' | 'request'>,
  record: string,
): Promise<{ recordHash: string; passkey: Record<string, unknown> | null; oidc: string | null }> {
  const { accounts, openId, recordsToSign } = services;
  const { id, session } = signingPerson(asking.identity);
  const recordHash = await recordsToSign.show(session, record);
  const passkey = await passkeyOptions(services, asking, recordHash);
  const isVouchedFor = openId !== null && (await accounts.providers.has(id));
  return { recordHash, passkey, oidc: isVouchedFor ? `/api/v1/sign-in/oidc/sign?record=${recordHash}` : null };
}

/** For navigator.credentials.get: only passkeys of who signs; null where none can be used here. */
async function passkeyOptions(
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
