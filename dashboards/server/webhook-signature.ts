import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

/** What the head of a request proves; the rest is seen when its body is here. */
export interface Signed {
  /** Whether the signature is of this body. */
  readonly isOf: (body: Uint8Array) => boolean;
}

const ANY_BODY: Signed = { isOf: () => true };
/** Clocks of two clouds differ. */
const LEEWAY_MS = 60_000;
/** Where senders that cannot sign put a secret, besides Authorization. */
const HEADERS = ['x-api-token', 'x-api-key', 'x-webhook-secret'];

/**
 * Whether a request is signed as the maker of a dialect signs, with the secret that was agreed upon. Disruptive
 * Technologies (developer.disruptive-technologies.com, *Data Connectors*): a JSON Web Token in `X-Dt-Signature` (HS256, RFC
 * 7515) with a checksum of the body. Tive: the secret in `X-Tive-Client-Secret`. The others send headers of one's
 * choice: the secret as bearer token or Basic password, or in `X-Api-Token`, `X-Api-Key` or `X-Webhook-Secret`.
 *
 * @param now epoch ms UTC
 * @returns null where it is not
 */
export function signatureOf(dialect: string, secret: string, headers: IncomingHttpHeaders, now: number): Signed | null {
  if (dialect === 'disruptive') return tokenOf(headers['x-dt-signature'], secret, now);
  const given = dialect === 'tive' ? [headers['x-tive-client-secret']] : secretsIn(headers);
  return given.some((one) => typeof one === 'string' && isEqual(one, secret)) ? ANY_BODY : null;
}

function secretsIn(headers: IncomingHttpHeaders): (string | string[] | undefined)[] {
  const { authorization = '' } = headers;
  const bearer = /^(?:Bearer|Token) +(\S+)$/i.exec(authorization)?.[1];
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  const password =
    basic === undefined ? undefined : Buffer.from(basic, 'base64').toString('utf8').split(':').slice(1).join(':');
  return [bearer, password, ...HEADERS.map((name) => headers[name])];
}

const joseHeader = z.object({ alg: z.literal('HS256') });
const claims = z
  .object({
    checksum: z.string().optional(),
    checksum_sha256: z.string().optional(),
    exp: z.number().optional(),
    iat: z.number().optional(),
  })
  // A token that is of no body would be of any.
  .refine(({ checksum, checksum_sha256 }) => checksum !== undefined || checksum_sha256 !== undefined);

function tokenOf(given: string | string[] | undefined, secret: string, now: number): Signed | null {
  if (typeof given !== 'string' || given.length > 4096) return null;
  const [head = '', body = '', signature = '', ...more] = given.split('.');
  if (more.length > 0) return null;
  const expected = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
  if (!isEqual(signature, expected)) return null;
  const [header, payload] = [joseHeader.safeParse(jsonIn(head)), claims.safeParse(jsonIn(body))];
  if (!header.success || !payload.success) return null;
  const { checksum, checksum_sha256, exp } = payload.data;
  if (exp !== undefined && exp * 1000 + LEEWAY_MS < now) return null;
  return {
    isOf: (bytes) =>
      (checksum === undefined || isEqual(checksum.toLowerCase(), digest('sha1', bytes))) &&
      (checksum_sha256 === undefined || isEqual(checksum_sha256.toLowerCase(), digest('sha256', bytes))),
  };
}

function digest(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

function jsonIn(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8'));
  } catch {
    // No JSON is no token.
    return null;
  }
}

/** In the same time whatever is given. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
