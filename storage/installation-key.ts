import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { DefectError, UnavailableError } from '../domain/index.ts';

const KEY_BYTES = 32;
/** What NIST SP 800-38D, 8.2.2 asks of a random nonce, with the default tag of 16 bytes. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORM = /^1:([0-9a-f]{8}):([\w-]+)$/;

/**
 * The key of an installation, under which it keeps secrets in its database that it has to read again: AES-256-GCM with
 * a random nonce each. What is sealed for one row opens for that row alone (its place is the associated data), and says
 * by which key it was sealed. The key itself never stands in the database.
 */
export class InstallationKey {
  /** The first 32 bits of the key's SHA-256, to tell keys apart by. */
  readonly id: string;
  readonly #key: Buffer;

  /** @param key 32 random bytes */
  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new DefectError('INSTALLATION_KEY_SIZE', 'an installation key has 32 bytes');
    this.#key = key;
    this.id = createHash('sha256').update(key).digest('hex').slice(0, 8);
  }

  /** A new one. */
  static random(): InstallationKey {
    return new InstallationKey(randomBytes(KEY_BYTES));
  }

  /**
   * @param place whose secret it is: table, column and a row that never changes, such as `user_factors.secret/7`
   * @returns `1:KEY:TEXT`, for a text column
   */
  seal(place: string, secret: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `1:${this.id}:${sealed.toString('base64url')}`;
  }

  /** @throws {UnavailableError} SECRET_SEALED: sealed by another key, for another place, or changed since */
  open(place: string, sealed: string): string {
    const [, id, text = ''] = FORM.exec(sealed) ?? [];
    if (id !== this.id) throw this.#closed(place, `it was sealed with the key ${id ?? '(none)'}`);
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw this.#closed(place, 'it was cut short');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const opened = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      return opened.toString('utf8');
    } catch (cause) {
      throw this.#closed(place, 'it was changed, or belongs elsewhere', cause);
    }
  }

  /**
   * A key for another use, the same at each call and wherever this key is (HKDF with SHA-256, RFC 5869). It says nothing
   * of this key, nor of those for other uses.
   * @param use what it is for, and nothing else
   */
  derived(use: string, bytes: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key, '', `isotherm ${use}`, bytes));
  }

  #closed(place: string, why: string, cause?: unknown): UnavailableError {
    return new UnavailableError(
      'SECRET_SEALED',
      `the secret ${place} cannot be opened with the installation key ${this.id}: ${why}; bring back the key it was sealed with (docs/keeping.md), or set the secret anew`,
      { place, key: this.id },
      cause,
    );
  }
}
