import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { InputError } from '../../domain/index.ts';

/*
 * Signed notes with Ed25519 keys, after C2SP signed-note and, for a witness, tlog-cosignature.
 */

/** What a key signs, by its type in a note. */
const ED25519 = 1;
const COSIGNATURE = 4;
export type KeyType = typeof ED25519 | typeof COSIGNATURE;
const ID_BYTES = 4;
const TIME_BYTES = 8;
const SEED_BYTES = 32;
/** What stands before the 32 bytes of a key in PKCS #8 and SPKI (RFC 8410). */
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex');
const PRIVATE = 'PRIVATE+KEY';
const DASH = '\u2014';
/** More than the 16 that have to be taken. */
const MOST_SIGNATURES = 64;

/** Who signed, as a note names it. */
interface Identity {
  readonly name: string;
  readonly id: Buffer;
}

export class VerifierKey implements Identity {
  readonly name: string;
  readonly type: KeyType;
  readonly id: Buffer;
  readonly raw: Buffer;
  readonly #key: KeyObject;

  constructor(name: string, type: KeyType, raw: Buffer) {
    this.name = name;
    this.type = type;
    this.raw = raw;
    this.id = keyId(name, type, raw);
    this.#key = createPublicKey({ key: Buffer.concat([PUBLIC_DER, raw]), format: 'der', type: 'spki' });
  }

  /** @throws {InputError} LEDGER_KEY_BAD */
  static parse(text: string): VerifierKey {
    // The key in base64 may hold a plus sign itself.
    const [, name = '', id = '', encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
    const material = base64(encoded);
    const type = material?.[0];
    const raw = material?.subarray(1);
    if ((type !== ED25519 && type !== COSIGNATURE) || raw?.length !== SEED_BYTES) throw badKey(text);
    const key = new VerifierKey(name, type, raw);
    if (key.id.toString('hex') !== id) throw badKey(text);
    return key;
  }

  toString(): string {
    return `${this.name}+${this.id.toString('hex')}+${Buffer.concat([Buffer.of(this.type), this.raw]).toString('base64')}`;
  }

  isBy({ name, id }: Identity): boolean {
    return name === this.name && id.equals(this.id);
  }

  /** @param signature without the key's id */
  verifies(text: string, signature: Buffer): boolean {
    if (this.type === ED25519) return verify(null, Buffer.from(text), this.#key, signature);
    if (signature.length <= TIME_BYTES) return false;
    const time = signature.readBigUInt64BE(0);
    return verify(null, cosigned(text, time), this.#key, signature.subarray(TIME_BYTES));
  }
}

export class SigningKey {
  readonly name: string;
  readonly #seed: Buffer;
  readonly #key: KeyObject;
  readonly #raw: Buffer;

  constructor(name: string, seed: Buffer) {
    this.name = name;
    this.#seed = seed;
    this.#key = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: 'der', type: 'pkcs8' });
    this.#raw = createPublicKey(this.#key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length);
  }

  /** A new one. @param name by its public key in hex: what the log is called where nobody names it */
  static random(name: (publicKey: string) => string): SigningKey {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PRIVATE_DER.length);
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length);
    return new SigningKey(name(raw.toString('hex')), seed);
  }

  /** The one that follows from a seed of 32 bytes. @param name as {@link SigningKey.random}'s */
  static ofSeed(name: (publicKey: string) => string, seed: Buffer): SigningKey {
    return new SigningKey(name(new SigningKey('', seed).#raw.toString('hex')), seed);
  }

  /** @throws {InputError} LEDGER_KEY_BAD; the message never holds the key */
  static parse(text: string): SigningKey {
    const [, name = '', id = '', encoded = ''] =
      /^PRIVATE\+KEY\+([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
    const material = base64(encoded);
    if (material?.[0] !== ED25519 || material.length !== SEED_BYTES + 1) throw badKey('(not shown)');
    const key = new SigningKey(name, material.subarray(1));
    if (key.verifier.id.toString('hex') !== id) throw badKey('(not shown)');
    return key;
  }

  /** As it is kept: as golang.org/x/mod/sumdb/note writes such keys. */
  secret(): string {
    const material = Buffer.concat([Buffer.of(ED25519), this.#seed]).toString('base64');
    return `${PRIVATE}+${this.name}+${this.verifier.id.toString('hex')}+${material}`;
  }

  get verifier(): VerifierKey {
    return new VerifierKey(this.name, ED25519, this.#raw);
  }

  /** What it cosigns as a witness. */
  get cosigner(): VerifierKey {
    return new VerifierKey(this.name, COSIGNATURE, this.#raw);
  }

  /** The key of the same holder as a witness of others: another one, since none is to have two uses (signed-note). */
  asWitness(): SigningKey {
    const seed = Buffer.from(hkdfSync('sha256', this.#seed, '', 'isotherm ledger witness', SEED_BYTES));
    return new SigningKey(this.name.replace(/\/ledger$/, '/witness'), seed);
  }

  /** The key of the same holder for documents that partners are given: another one, for the same reason. */
  forDocuments(): SigningKey {
    const seed = Buffer.from(hkdfSync('sha256', this.#seed, '', 'isotherm documents', SEED_BYTES));
    return new SigningKey(this.name.replace(/\/ledger$/, '/documents'), seed);
  }

  /** Its public half as a JSON Web Key (RFC 8037, 2), named by its thumbprint (RFC 7638). */
  jwk(): { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string; readonly kid: string } {
    const x = this.#raw.toString('base64url');
    const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
    return { kty: 'OKP', crv: 'Ed25519', x, kid };
  }

  /** What is said, as a compact JSON Web Signature (RFC 7515, 7.1; RFC 8037, 3.1). @param type its `typ` */
  jws(payload: string, type: string): string {
    const head = { alg: 'EdDSA', typ: type, kid: this.jwk().kid };
    const text = [JSON.stringify(head), payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
    return `${text}.${sign(null, Buffer.from(text), this.#key).toString('base64url')}`;
  }

  /** A signature line over a note's text, which ends in a newline. */
  signatureOf(text: string): string {
    return line(this.verifier, sign(null, Buffer.from(text), this.#key));
  }

  /** A cosignature line. @param at epoch ms UTC */
  cosignatureOf(text: string, at: number): string {
    const time = BigInt(Math.floor(at / 1_000));
    const head = Buffer.alloc(TIME_BYTES);
    head.writeBigUInt64BE(time);
    return line(this.cosigner, Buffer.concat([head, sign(null, cosigned(text, time), this.#key)]));
  }
}

interface NoteSignature extends Identity {
  /** Without the key's id. */
  readonly signature: Buffer;
  readonly line: string;
}

export interface Note {
  /** With its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** @throws {InputError} LEDGER_NOTE_BAD */
export function parseNote(note: string): Note {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw badNote('a text, an empty line and signatures are expected');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a note may not hold them
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) throw badNote('it holds a control character');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw badNote(`more than ${MOST_SIGNATURES} signatures`);
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/** @throws {InputError} LEDGER_NOTE_BAD */
export function parseSignature(text: string): NoteSignature {
  const [, name = '', encoded = ''] = /^\u2014 ([^\s+]+) (\S+)$/u.exec(text) ?? [];
  const bytes = base64(encoded);
  if (bytes === null || bytes.length <= ID_BYTES) throw badNote(`"${text.slice(0, 80)}" is no signature`);
  return { name, id: bytes.subarray(0, ID_BYTES), signature: bytes.subarray(ID_BYTES), line: text };
}

/**
 * Those of these keys that have signed. Signatures of others are ignored; one of a known key that does not verify spoils
 * the note.
 * @throws {InputError} LEDGER_SIGNATURE_BAD
 */
export function signersOf({ text, signatures }: Note, keys: readonly VerifierKey[]): VerifierKey[] {
  return keys.filter((key) => {
    const own = signatures.filter((signature) => key.isBy(signature));
    for (const { signature } of own) {
      if (key.verifies(text, signature)) continue;
      throw new InputError('LEDGER_SIGNATURE_BAD', `the signature of ${key.name} does not fit what it signs`);
    }
    return own.length > 0;
  });
}

/** Bytes of strict base64 (RFC 4648, 4): nothing else decodes to them. */
export function base64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

function line({ name, id }: Identity, signature: Buffer): string {
  return `${DASH} ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

function cosigned(text: string, time: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
}

function keyId(name: string, type: KeyType, raw: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(raw).digest().subarray(0, ID_BYTES);
}

function badKey(text: string): InputError {
  return new InputError(
    'LEDGER_KEY_BAD',
    `given "${text}", allowed: an Ed25519 key NAME+HASH+BASE64 as isotherm ledger key prints it (C2SP signed-note)`,
  );
}

function badNote(why: string): InputError {
  return new InputError('LEDGER_NOTE_BAD', `this is no signed note: ${why}`);
}
