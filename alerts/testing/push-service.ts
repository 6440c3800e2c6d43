import { createDecipheriv, createECDH, createPublicKey, type ECDH, hkdfSync, randomBytes, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PushAddress } from '../push/push-subscriptions.ts';

/** A message as the browser reads it, and by what the push service knew its sender. */
export interface PushedMessage {
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  /** Claims of the signed token; null: the signature is wrong, or there is none. */
  readonly claims: { readonly aud: string; readonly sub: string; readonly exp: number } | null;
  readonly key: string;
}

/** A browser at a push service on a real socket: it opens what it gets as RFC 8291 has it, by no library that sends. */
export class PushService {
  /** How to answer: a status. Default 201. */
  status = 201;
  readonly #server: Server;
  readonly #browsers = new Map<
    string,
    { readonly curve: ECDH; readonly auth: Buffer; readonly got: PushedMessage[] }
  >();
  #url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const browser = this.#browsers.get(request.url ?? '');
        if (browser === undefined) {
          response.writeHead(404).end();
          return;
        }
        if (this.status === 201) {
          const text = opened(Buffer.concat(chunks), browser.curve, browser.auth);
          browser.got.push({ text, headers: request.headers, ...senderIn(request.headers.authorization ?? '') });
        }
        response.writeHead(this.status).end();
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  get origin(): string {
    return this.#url;
  }

  /** A browser that wants to be told. */
  browser(name: string): { readonly address: PushAddress; readonly got: readonly PushedMessage[] } {
    const [curve, auth, got] = [createECDH('prime256v1'), randomBytes(16), [] as PushedMessage[]];
    curve.generateKeys();
    this.#browsers.set(`/push/${name}`, { curve, auth, got });
    const keys = { p256dh: curve.getPublicKey('base64url'), auth: auth.toString('base64url') };
    return { address: { endpoint: `${this.#url}/push/${name}`, keys }, got };
  }

  /** The browser is no more: its address answers 404. */
  forget(name: string): void {
    this.#browsers.delete(`/push/${name}`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** RFC 8188, 2 (one record of aes128gcm) with the keys of RFC 8291, 3.4. */
function opened(body: Buffer, curve: ECDH, auth: Buffer): string {
  const [salt, length] = [body.subarray(0, 16), body.readUInt8(20)];
  const [senderKey, record] = [body.subarray(21, 21 + length), body.subarray(21 + length)];
  const about = Buffer.concat([Buffer.from('WebPush: info\0'), curve.getPublicKey(), senderKey]);
  const secret = Buffer.from(hkdfSync('sha256', curve.computeSecret(senderKey), auth, about, 32));
  const part = (name: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${name}\0`, bytes));
  const decipher = createDecipheriv('aes-128-gcm', part('aes128gcm', 16), part('nonce', 12));
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  // The last record ends in 2 and padding.
  return padded.subarray(0, padded.lastIndexOf(2)).toString('utf8');
}

function senderIn(authorization: string): Pick<PushedMessage, 'claims' | 'key'> {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(authorization) ?? [];
  const [head = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const isRight =
    point.length === 65 &&
    verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key: createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
  return { key, claims: isRight ? JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) : null };
}
