import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

type Fields = readonly (readonly [string, string])[];

/**
 * Whether Twilio signed a request: HMAC-SHA1, in base64, of the address and the fields in the order of their names, under
 * the account's auth token (twilio.com/docs/usage/security, "Validating Signatures from Twilio").
 *
 * @param given what stands in `X-Twilio-Signature`
 * @param address as it was given to Twilio; its port may or may not have been written there
 */
export function isSignedByTwilio(given: string, token: string, address: string, fields: Fields): boolean {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of fields) values.set(name, (values.get(name) ?? new Set()).add(value));
  const names = [...values.keys()].sort();
  const text = names
    .map((name) =>
      [...(values.get(name) ?? [])]
        .sort()
        .map((value) => name + value)
        .join(''),
    )
    .join('');
  return addressesOf(address).some((one) => {
    return isEqual(given, createHmac('sha1', token).update(`${one}${text}`).digest('base64'));
  });
}

/** With and without the port that goes without saying: which of them Twilio signs is the proxies' affair. */
function addressesOf(address: string): readonly string[] {
  const [, scheme = '', host = '', port = '', rest = ''] = /^(https?:)\/\/([^/:?]+)(:\d+)?(.*)$/.exec(address) ?? [];
  const own = scheme === 'https:' ? ':443' : ':80';
  return [...new Set([address, `${scheme}//${host}${rest}`, `${scheme}//${host}${port === '' ? own : port}${rest}`])];
}

/** Clocks differ, and a message may wait on its way. */
const LATEST_MS = 15 * 60_000;
const METHODS = ['sha256', 'sha512'] as const;

/**
 * Whether Vonage signed a message that came in: HMAC of `&name=value` in the order of the names, under the signature secret,
 * with `&` and `=` in values as `_`; in hexadecimal (developer.vonage.com, "Signing Messages"). The hashes by MD5 and SHA-1 are
 * not taken.
 *
 * @param now epoch ms UTC
 */
export function isSignedByVonage(secret: string, fields: Fields, now: number): boolean {
  const known = new Map(fields);
  const given = known.get('sig');
  const at = Number(known.get('timestamp')) * 1_000;
  if (given === undefined || !(Math.abs(now - at) <= LATEST_MS)) return false;
  const text = [...known]
    .filter(([name]) => name !== 'sig')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `&${name}=${value.replaceAll(/[&=]/g, '_')}`)
    .join('');
  return METHODS.some((method) => isEqual(given.toLowerCase(), createHmac(method, secret).update(text).digest('hex')));
}

/** In the same time whatever is given. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
