import { gunzipSync, inflateSync } from 'node:zlib';

/** The `uuid` of a payload whose `body` is another one, compressed. Eclipse Tahu, sparkplug-client and Ignition send it. */
export const COMPRESSED = 'SPBV1.0_COMPRESSED';
/** As of any message: what unpacks to more is refused. */
const MOST_BYTES = 1_048_576;

/**
 * @param algorithm of the metric `algorithm`: DEFLATE (also where there is none; with its zlib header, RFC 1950) or GZIP
 * @throws {Error} it is compressed otherwise, damaged, or more than a message may have
 */
export function unpacked(body: Uint8Array, algorithm: string | null): Uint8Array {
  const named = (algorithm ?? 'DEFLATE').toUpperCase();
  if (named === 'DEFLATE') return inflateSync(body, { maxOutputLength: MOST_BYTES });
  if (named === 'GZIP') return gunzipSync(body, { maxOutputLength: MOST_BYTES });
  throw new Error(`its body is compressed by ${named.slice(0, 40)}; allowed: DEFLATE, GZIP`);
}
