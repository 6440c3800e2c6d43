import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** First byte of a signed batch: the version behind it, with the top bit set. */
export const SIGNED = 0x81;
const MAC_BYTES = 32;
/** Keeps a signature of ours from meaning anything elsewhere. */
const PURPOSE = 'isotherm batch 1';

/** What a gateway's credentials give it to sign with, and what the platform keeps of them: SHA-256 of the password. */
export function signingKey(password: string): Buffer {
  return createHash('sha256').update(password, 'utf8').digest();
}

/**
 * A batch in its signed form (docs/batch.md, "Signed"): for a broker of which the platform cannot ask who publishes.
 * HMAC-SHA-256 (RFC 2104) over purpose, gateway and batch, so that it stands for one gateway alone.
 */
export function signBatch(batch: Uint8Array, gateway: string, key: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(SIGNED), macOf(batch, gateway, key), batch]);
}

/** The batch in a message, signed or not; what it says of itself is not looked at. */
export function batchIn(payload: Uint8Array): Uint8Array {
  return payload[0] === SIGNED ? payload.subarray(1 + MAC_BYTES) : payload;
}

export function isSigned(payload: Uint8Array): boolean {
  return payload[0] === SIGNED && payload.length > 1 + MAC_BYTES;
}

/** Whether a signed batch is signed by this gateway's key. */
export function isSignedBy(payload: Uint8Array, gateway: string, key: Uint8Array): boolean {
  if (!isSigned(payload)) return false;
  return timingSafeEqual(payload.subarray(1, 1 + MAC_BYTES), macOf(batchIn(payload), gateway, key));
}

function macOf(batch: Uint8Array, gateway: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${PURPOSE}\0${gateway}\0`).update(batch).digest();
}
