import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, as text that fits a header, a URL and an MQTT password. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a secret. It is random enough that no slow hash is needed, and a lookup by it leaks nothing. */
export function sha256(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
