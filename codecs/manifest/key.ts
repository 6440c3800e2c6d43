import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** What stands before the 32 bytes of a key in PKCS #8 and SPKI (RFC 8410). */
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex');

/** Bytes of an Ed25519 public key and of a signature (RFC 8032). */
export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** The Ed25519 key that an installation signs the manifests of its doors with. */
export class ManifestKey {
  readonly publicKey: Buffer;
  readonly #key: KeyObject;

  /** @param seed 32 secret bytes */
  constructor(seed: Uint8Array) {
    this.#key = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: 'der', type: 'pkcs8' });
    this.publicKey = createPublicKey(this.#key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length);
  }

  sign(bytes: Uint8Array): Buffer {
    return sign(null, bytes, this.#key);
  }
}

/** @param publicKey 32 bytes */
export function isSignedWith(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_DER, publicKey]), format: 'der', type: 'spki' });
  return verify(null, bytes, key, signature);
}

/** A public key as a person gives and compares it: base64url. */
export function keyText(publicKey: Uint8Array): string {
  return Buffer.from(publicKey).toString('base64url');
}
