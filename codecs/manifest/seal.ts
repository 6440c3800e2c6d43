import { gunzipSync, gzipSync } from 'node:zlib';
import { type DoorManifest, InputError, type ManifestConfirmation } from '../../domain/index.ts';
import { confirmationSchema, contentOf, manifestOf } from './content.ts';
import { isSignedWith, KEY_BYTES, keyText, type ManifestKey, SIGNATURE_BYTES } from './key.ts';

/** First byte: what follows. */
const FORMS = { manifest: 1, confirmation: 2 } as const;
type Form = keyof typeof FORMS;

/** form u8, body's length u32, public key, signature; then the body. */
const LENGTH_AT = 1;
const KEY_AT = LENGTH_AT + 4;
const SIGNATURE_AT = KEY_AT + KEY_BYTES;
const BODY_AT = SIGNATURE_AT + SIGNATURE_BYTES;

/** What a body may grow to when unpacked: a manifest of 300,000 things. */
const MOST_BYTES = 128 * 1024 * 1024;
/** A signature is for this use and no other. */
const CONTEXT = 'isotherm door manifest 1\0';

/** A manifest as it travels and is kept (docs/gateway.md, "The manifest as bytes"). */
export function sealManifest(manifest: DoorManifest, key: ManifestKey): Uint8Array {
  return seal('manifest', contentOf(manifest), key);
}

export function sealConfirmation(confirmation: ManifestConfirmation, key: ManifestKey): Uint8Array {
  return seal('confirmation', confirmation, key);
}

/** What was opened, and by whom it was signed. */
export type Opened = { readonly publicKey: Buffer } & (
  | { readonly manifest: DoorManifest; readonly confirmation: null }
  | { readonly manifest: null; readonly confirmation: ManifestConfirmation }
);

/**
 * Inverse of both; nothing of it is looked at before its signature holds.
 *
 * @param isKnown whether a public key is believed
 * @throws {InputError} MANIFEST_FORM_UNKNOWN, MANIFEST_TRUNCATED, MANIFEST_KEY_UNKNOWN, MANIFEST_SIGNATURE_BAD,
 *   MANIFEST_MALFORMED
 */
export function openManifest(bytes: Uint8Array, isKnown: (publicKey: Buffer) => boolean): Opened {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const form = formOf(all);
  const body = all.subarray(BODY_AT);
  const length = all.readUInt32LE(LENGTH_AT);
  if (body.length < length) throw truncated(all.length, BODY_AT + length);
  if (body.length > length) {
    throw new InputError('MANIFEST_MALFORMED', `${body.length - length} bytes follow the door manifest`);
  }
  const publicKey = Buffer.from(all.subarray(KEY_AT, SIGNATURE_AT));
  if (!isKnown(publicKey)) {
    const key = keyText(publicKey);
    const message = `the door manifest is signed with the key ${key}, which this gateway does not know; if the platform's key was changed, put it under manifest.keys`;
    throw new InputError('MANIFEST_KEY_UNKNOWN', message, { key });
  }
  if (!isSignedWith(publicKey, signedPart(form, body), all.subarray(SIGNATURE_AT, BODY_AT))) {
    throw new InputError('MANIFEST_SIGNATURE_BAD', 'the signature of the door manifest does not hold: it was changed');
  }
  const content = unpacked(body);
  if (form === 'manifest') return { publicKey, manifest: manifestOf(content), confirmation: null };
  const parsed = confirmationSchema.safeParse(content);
  if (!parsed.success) throw malformed(parsed.error.issues[0]?.message ?? '');
  return { publicKey, manifest: null, confirmation: parsed.data };
}

function formOf(all: Buffer): Form {
  const form = (Object.keys(FORMS) as Form[]).find((name) => FORMS[name] === all[0]);
  if (all.length > 0 && form === undefined) {
    const message = `door manifest of form ${all[0]}; known: ${Object.values(FORMS).join(', ')}`;
    throw new InputError('MANIFEST_FORM_UNKNOWN', message, { form: all[0] });
  }
  if (form === undefined || all.length < BODY_AT) throw truncated(all.length, BODY_AT);
  return form;
}

function seal(form: Form, content: unknown, key: ManifestKey): Uint8Array {
  const body = gzipSync(JSON.stringify(content));
  const head = Buffer.alloc(KEY_AT);
  head[0] = FORMS[form];
  head.writeUInt32LE(body.length, LENGTH_AT);
  return Buffer.concat([head, key.publicKey, key.sign(signedPart(form, body)), body]);
}

function signedPart(form: Form, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(CONTEXT), Buffer.of(FORMS[form]), body]);
}

function unpacked(body: Uint8Array): unknown {
  try {
    return JSON.parse(gunzipSync(body, { maxOutputLength: MOST_BYTES }).toString('utf8'));
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause));
  }
}

function truncated(given: number, wanted: number): InputError {
  return new InputError('MANIFEST_TRUNCATED', `the door manifest has ${given} bytes of ${wanted}: it was cut short`);
}

function malformed(why: string): InputError {
  return new InputError('MANIFEST_MALFORMED', `the door manifest cannot be read: ${why}`);
}
