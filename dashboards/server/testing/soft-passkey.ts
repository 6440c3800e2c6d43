import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { Database } from '../../../storage/index.ts';

/** A passkey in software, registered straight into the table: what an authenticator signs (WebAuthn Level 3, 6.3.3). */
export class SoftPasskey {
  readonly id = randomBytes(16).toString('base64url');
  readonly #key: KeyObject;
  readonly #cose: Buffer;
  readonly #counts: boolean;
  #counter = 0;

  /** @param counts as keys do; one that is kept in a vendor's account says 0 each time */
  constructor({ counts = true } = {}) {
    this.#counts = counts;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#key = privateKey;
    // COSE_Key (RFC 9053, 7.1): EC2, ES256, P-256.
    this.#cose = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ]);
  }

  async register(database: Database, user: string): Promise<void> {
    await database.query(
      `INSERT INTO passkeys (id, user_id, name, public_key, counter, transports, is_backed_up, created_at)
       SELECT $1, id, 'test', $3, 0, '{}', false, now() FROM users WHERE name = $2`,
      [this.id, user, this.#cose],
    );
  }

  /** @param challenge base64url @param origin `http://localhost:8080` */
  answer(challenge: string, origin: string): Record<string, unknown> {
    const host = Buffer.from(createHash('sha256').update('localhost').digest());
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counts ? ++this.#counter : 0);
    const authenticatorData = Buffer.concat([host, Buffer.from([0x05]), counter]);
    const clientData = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge, origin, crossOrigin: false }));
    const signedBytes = Buffer.concat([authenticatorData, createHash('sha256').update(clientData).digest()]);
    return {
      ...{ id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {} },
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: createSign('sha256').update(signedBytes).sign(this.#key).toString('base64url'),
        userHandle: null,
      },
    };
  }
}
