import { createHash, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DefectError, type NewAuditEntry, Personal, storableText } from '../../domain/index.ts';

/** Format of the leaf, its first member. */
const LEAF_VERSION = 1;
const SALT_BYTES = 16;
const ERASED = '(erased)';

/** A personal value on its way beside the leaf. */
export interface KeptPersonal {
  readonly sha256: Buffer;
  readonly salt: Buffer;
  readonly value: string;
}

export interface Leaf {
  /** Canonical JSON (RFC 8785). */
  readonly text: string;
  readonly sha256: Buffer;
  readonly personal: readonly KeptPersonal[];
}

/** An entry in the form in which it is hashed and kept for good. */
export function leafOf(id: string, entry: NewAuditEntry): Leaf {
  const personal: KeptPersonal[] = [];
  const { actor, origin } = entry;
  const content = {
    v: LEAF_VERSION,
    id,
    at: new Date(entry.at).toISOString(),
    actor: { id: actor.id, name: actor.name, kind: actor.kind },
    action: entry.action,
    subject: entry.subject,
    old: entry.old ?? null,
    new: entry.new ?? null,
    reason: entry.reason ?? null,
    origin: { via: origin.via, address: origin.address === null ? null : new Personal(origin.address) },
  };
  const text = canonicalize(outlined(content, personal));
  if (text === undefined) throw new DefectError('AUDIT_ENTRY_BAD', `the audit entry ${entry.action} is no JSON`);
  return { text, sha256: sha256(text), personal };
}

/** Personal values replaced by their salted hashes, text made whole: what RFC 8785 takes. */
export function outlined(value: unknown, personal: KeptPersonal[]): unknown {
  if (value instanceof Personal) {
    // As PostgreSQL can keep it, so that the hash stays true of it.
    const text = storableText(value.text);
    const salt = randomBytes(SALT_BYTES);
    const hash = personalHash(salt, text);
    personal.push({ sha256: hash, salt, value: text });
    return { personal: hash.toString('hex') };
  }
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map((item) => outlined(item, personal));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key.toWellFormed(), outlined(item, personal)]),
    );
  }
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

export function personalHash(salt: Buffer, value: string): Buffer {
  return createHash('sha256').update(salt).update(value).digest();
}

/** The hashes of personal values in a leaf's content. */
export function personalIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(personalIn);
  if (typeof value !== 'object' || value === null) return [];
  const hash = hashIn(value);
  return hash === null ? Object.values(value).flatMap(personalIn) : [hash];
}

/** Personal values put back where they stood; what is not known any more reads `(erased)`. */
export function restored(value: unknown, known: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => restored(item, known));
  if (typeof value !== 'object' || value === null) return value;
  const hash = hashIn(value);
  if (hash !== null) return known.get(hash) ?? ERASED;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restored(item, known)]));
}

function hashIn(value: object): string | null {
  if (!('personal' in value) || Object.keys(value).length !== 1) return null;
  return typeof value.personal === 'string' && /^[0-9a-f]{64}$/.test(value.personal) ? value.personal : null;
}

export function sha256(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
