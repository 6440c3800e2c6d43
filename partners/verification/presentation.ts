import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { type StatusList, statusAt } from './status-list.ts';

/** Whom credentials are believed of, and their keys: what is known without asking anybody. */
export interface CredentialTrust {
  /** DIDs that may say that somebody is an authorized trading partner. */
  readonly issuers: ReadonlySet<string>;
  /** Public keys by DID, of issuers and of holders. did:jwk carries its own. */
  readonly keys: ReadonlyMap<string, readonly JWK[]>;
  /** Status lists as they were last fetched, by their address. */
  readonly statusLists: ReadonlyMap<string, StatusList>;
}

/** What is asked of who asks. */
export interface CredentialRules {
  readonly isRequired: boolean;
  /** Null: nobody's credentials can be judged here. */
  readonly trust: CredentialTrust | null;
}

/** What a presentation is held against. */
export interface PresentationAsked {
  /** The corrUUID of the request: a presentation is for one request alone (its nonce). */
  readonly corrUUID: string;
  /** GLN in whose name is asked. */
  readonly requester: string;
  /** What a presentation may name as its audience: our own names. */
  readonly audiences: readonly string[];
  /** Epoch ms UTC. */
  readonly now: number;
}

/** Who presented himself, or why he is not believed, in one line. */
export type Presented =
  | { readonly holder: string; readonly issuer: string; readonly name: string; readonly fault: null }
  | { readonly holder: null; readonly fault: string };

/** A presentation is made for one request: older than this it was made for another. */
const FRESH_S = 300;
const SKEW_S = 60;
/** Signatures of keys; none that a shared secret makes, and never `none`. */
const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256'];
/** Ethereum's curve, which wallets of OCI sign with; `-R` has a recovery byte at its end, which a known key does not need. */
const SECP256K1 = new Set(['ES256K', 'ES256K-R']);
const CREDENTIALS = new Set(['DSCSAATPCredential', 'DSCSAATPEquivalentCredential', 'DSCSAAuthorityCredential']);

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const presentationSchema = z.object({
  iss: z.string(),
  nonce: z.string().optional(),
  aud: list.optional(),
  iat: z.number().optional(),
  vp: z.object({ verifiableCredential: z.union([z.unknown().array(), z.unknown().transform((one) => [one])]) }),
});
const subjectSchema = z.object({
  id: z.string().optional(),
  type: list.optional(),
  legalName: z.string().optional(),
  identifier: z.object({ propertyID: z.string().optional(), value: z.string() }).optional(),
});
const credentialSchema = z.object({
  iss: z.string(),
  sub: z.string().optional(),
  exp: z.number(),
  nbf: z.number().optional(),
  vc: z.object({
    type: list,
    credentialSubject: subjectSchema,
    credentialStatus: z
      .object({ statusListCredential: z.string(), statusListIndex: z.union([z.string(), z.number()]) })
      .optional(),
  }),
});

/**
 * Verifies a W3C verifiable presentation of an ATP credential, both as JWT (VC Data Model 1.1, 6.3.1), with nothing but what
 * is known here: the holder's signature over this request, the issuer's over the credential, times, status, and that the
 * credential is of who asks (OCI credential schemas 1.2: `identifier` is the GLN of the messages).
 */
export async function verifyPresentation(
  jwt: string,
  asked: PresentationAsked,
  trust: CredentialTrust,
): Promise<Presented> {
  try {
    const claims = presentationSchema.parse(await signed(jwt, trust, asked.now, 'the presentation'));
    requirePresented(claims, asked);
    const { verifiableCredential } = claims.vp;
    const [credential] = verifiableCredential;
    if (verifiableCredential.length !== 1 || typeof credential !== 'string') {
      throw new Fault('it does not hold one credential as JWT; proofs of linked data are not read here');
    }
    const {
      iss: issuer,
      sub,
      vc,
    } = credentialSchema.parse(await signed(credential, trust, asked.now, 'the credential'));
    if (!trust.issuers.has(issuer)) throw new Fault(`its issuer ${issuer} is not trusted here`);
    const { credentialSubject: subject } = vc;
    const types = [...vc.type, ...(subject.type ?? [])];
    if (!types.some((type) => CREDENTIALS.has(type))) throw new Fault('it is no credential of a trading partner');
    if ((sub ?? subject.id) !== claims.iss) throw new Fault('the credential is of somebody else than who presents it');
    const gln = subject.identifier?.value ?? null;
    if (gln !== asked.requester)
      throw new Fault(`the credential is of GLN ${gln ?? 'none'}, not of ${asked.requester}`);
    if (vc.credentialStatus !== undefined) requireInForce(vc.credentialStatus, trust);
    return { holder: claims.iss, issuer, name: subject.legalName ?? claims.iss, fault: null };
  } catch (error) {
    const reason = error instanceof Fault ? error.message : 'it is not of the form of a presentation of a credential';
    return { holder: null, fault: reason };
  }
}

class Fault extends Error {}

function requirePresented(
  { nonce, aud = [], iat }: z.output<typeof presentationSchema>,
  { corrUUID, audiences, now }: PresentationAsked,
): void {
  if (nonce?.toLowerCase() !== corrUUID.toLowerCase()) throw new Fault('it was made for another request (nonce)');
  // OCI leaves the audience out, or empty: who receives it is not known when it is made.
  const named = aud.filter((one) => one !== '');
  if (named.length > 0 && !named.some((one) => audiences.includes(one)))
    throw new Fault('it is for somebody else (aud)');
  if (iat === undefined) throw new Fault('it does not say when it was made (iat)');
  if (iat < now / 1_000 - FRESH_S) throw new Fault(`it was made more than ${FRESH_S} s ago`);
  if (iat > now / 1_000 + SKEW_S) throw new Fault('it was made in the future: one of the two clocks is wrong');
}

function requireInForce(
  { statusListCredential, statusListIndex }: { statusListCredential: string; statusListIndex: string | number },
  { statusLists }: CredentialTrust,
): void {
  const kept = statusLists.get(statusListCredential);
  if (kept === undefined) throw new Fault(`its status list ${statusListCredential} is not kept here`);
  const status = statusAt(kept, Number(statusListIndex));
  if (status === null) throw new Fault('its place in the status list does not exist');
  if (status) throw new Fault('it was revoked');
}

/** The claims of a JWT whose signature holds, by the key of who says it is his, at a time it is good for. */
async function signed(jwt: string, trust: CredentialTrust, now: number, what: string): Promise<unknown> {
  const { alg = 'none', kid } = headerOf(jwt);
  const claims = claimsOf(jwt);
  const { iss } = z.object({ iss: z.string() }).parse(claims);
  const keys = keysOf(iss, kid, trust);
  if (keys.length === 0) throw new Fault(`no key of ${iss} is known here`);
  if (!ALGORITHMS.includes(alg) && !SECP256K1.has(alg))
    throw new Fault(`${what} is signed by ${alg}, which is not taken`);
  requireTimes(claims, now, what);
  for (const key of keys) if (await holds(jwt, alg, key)) return claims;
  throw new Fault(`the signature of ${what} does not hold`);
}

async function holds(jwt: string, alg: string, jwk: JWK): Promise<boolean> {
  try {
    if (SECP256K1.has(alg)) return holdsSecp256k1(jwt, createPublicKey({ key: jwk as never, format: 'jwk' }));
    await compactVerify(jwt, await importJWK(jwk, alg), { algorithms: ALGORITHMS });
    return true;
  } catch {
    return false;
  }
}

function holdsSecp256k1(jwt: string, key: KeyObject): boolean {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const bytes = Buffer.from(signature, 'base64url').subarray(0, 64);
  return verify('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, bytes);
}

function requireTimes(claims: unknown, now: number, what: string): void {
  const { exp, nbf } = z.object({ exp: z.number().optional(), nbf: z.number().optional() }).parse(claims);
  if (exp !== undefined && exp + SKEW_S < now / 1_000) throw new Fault(`${what} has expired`);
  if (nbf !== undefined && nbf - SKEW_S > now / 1_000) throw new Fault(`${what} does not hold yet`);
}

function headerOf(jwt: string): { alg?: string | undefined; kid?: string | undefined } {
  try {
    return decodeProtectedHeader(jwt);
  } catch {
    throw new Fault('it is no JWT');
  }
}

function claimsOf(jwt: string): unknown {
  try {
    return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    throw new Fault('it is no JWT');
  }
}

/** Of a DID as it is known here; did:jwk is its own key (did:jwk method, 0.1). */
function keysOf(did: string, kid: string | undefined, { keys }: CredentialTrust): readonly JWK[] {
  const known = keys.get(did) ?? [];
  const named = known.filter((key) => kid === undefined || key.kid === undefined || key.kid === kid);
  if (named.length > 0) return named;
  const own = /^did:jwk:([A-Za-z0-9_-]{1,2000})$/.exec(did)?.[1];
  if (own === undefined) return [];
  const jwk: unknown = JSON.parse(Buffer.from(own, 'base64url').toString('utf8'));
  return [z.looseObject({ kty: z.string() }).parse(jwk) as JWK];
}
