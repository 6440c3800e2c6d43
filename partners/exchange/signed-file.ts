import { createPublicKey } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import { keyStateAt, type Partner, type PartnerKey } from '../../domain/index.ts';
import { bad } from './file-format.ts';

/** A file as it is read, and the id of the key that it is signed with; null: it has no signature. */
export interface OpenedFile {
  readonly content: Buffer;
  readonly key: string | null;
}

/** Signatures that are made with a private key alone: what anybody can make who knows the public one proves nothing. */
const ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];
/** Compact serialization of JSON Web Signature (RFC 7515, 7.1); its first part is an object in base64url. */
const SIGNED = /^eyJ[\w-]*\.[\w-]+\.[\w-]*\s*$/;

/**
 * Opens a file that its sender signed: a compact JSON Web Signature whose payload is the file. It is verified with the public
 * keys of the partner that are good at the moment; the key that `kid` names where there is one of that name, any of them else.
 *
 * @param now epoch ms UTC
 * @throws {InputError} PARTNER_FILE_BAD where it is signed, and not by a key that is good
 */
export async function openSigned(
  content: Buffer,
  { id, publicKeys }: Pick<Partner, 'id' | 'publicKeys'>,
  now: number,
): Promise<OpenedFile> {
  const text = content.toString('latin1');
  if (!SIGNED.test(text)) return { content, key: null };
  const [head = ''] = text.split('.', 1);
  const named = publicKeys.filter((key) => key.id === kidOf(head));
  const asked = named.length > 0 ? named : publicKeys;
  if (asked.length === 0)
    throw bad(
      `it is signed, and no public key of ${id} is registered: enter it at the partner, or send the file unsigned`,
    );
  let because = '';
  for (const key of asked) {
    const state = keyStateAt(key, now);
    if (state !== 'good') {
      because ||= `key "${key.id}" is ${state === 'not yet' ? 'not good yet' : state}`;
      continue;
    }
    const opened = await verified(text.trim(), key);
    if (typeof opened !== 'string') return { content: opened, key: key.id };
    because = `with key "${key.id}": ${opened}`;
  }
  throw bad(
    `its signature is not of a key of ${id} that is good today (${because}); allowed: a signature by one of them`,
  );
}

/** @returns what was signed; a text: why it is not good */
async function verified(text: string, { pem }: PartnerKey): Promise<Buffer | string> {
  try {
    const { payload } = await compactVerify(text, createPublicKey(pem), { algorithms: ALGORITHMS });
    return Buffer.from(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError) return error.message;
    // What Web Crypto and jose say of a key that is of another kind than the signature.
    if (error instanceof TypeError || error instanceof DOMException) return 'the key is of another kind';
    throw error;
  }
}

function kidOf(head: string): unknown {
  try {
    return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid?: unknown }).kid;
  } catch (error) {
    if (error instanceof SyntaxError) throw bad('it looks like a JSON Web Signature, and its header is no JSON');
    throw error;
  }
}
