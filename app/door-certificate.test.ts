import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { AUTHORITY, LOGGER, PAST, SECOND } from '../broker/testing/authority.ts';
import { TEST_CERT, TEST_KEY } from '../broker/testing/certificate.ts';
import { type Logger, silentMeter, systemTime, Troubles } from '../domain/index.ts';
import { DoorCertificate } from './door-certificate.ts';
import type { TlsFiles } from './tls.ts';

const dir = mkdtempSync(join(tmpdir(), 'isotherm-certificates-'));
const [cert, key, clientCa] = ['cert.pem', 'key.pem', 'ca.pem'].map((name) => join(dir, name)) as [
  string,
  string,
  string,
];
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let troubles: Troubles;
let lines: string[];
let now: number;
beforeEach(() => {
  [troubles, lines, now] = [new Troubles(), [], Date.now()];
  writeFileSync(cert, TEST_CERT);
  writeFileSync(key, TEST_KEY);
});

const log = (_fields: unknown, text: string) => void lines.push(text);
const logger = { info: log, warn: log } as unknown as Logger;
const given = () => ({ time: { ...systemTime, now: () => now }, logger, meter: silentMeter, troubles });

async function opened(paths = {}): Promise<{ certificate: DoorCertificate; taken: TlsFiles[] }> {
  const certificate = await DoorCertificate.open('http.tls', { cert, key, ...paths });
  if (certificate === null) throw new Error('no certificate');
  const taken: TlsFiles[] = [];
  certificate.onChange((files) => taken.push(files));
  certificate.watch(given())();
  return { certificate, taken };
}

describe('the certificate of a door', () => {
  test('is taken anew when its files have changed, and said to have been', async () => {
    const { certificate, taken } = await opened();
    await certificate.look(given());
    expect(taken).toEqual([]);
    writeFileSync(cert, SECOND.cert);
    writeFileSync(key, SECOND.key);
    await certificate.look(given());
    expect(taken.map((files) => files.cert.toString())).toEqual([SECOND.cert]);
    expect(lines).toEqual(['a new certificate was taken']);
    expect(troubles.list()).toEqual([]);
  });

  // certbot, Vault and acme.sh write the certificate first and the key a moment later.
  test('whose two files are written one after the other is taken when both are there, without a word in between', async () => {
    const { certificate, taken } = await opened();
    writeFileSync(cert, SECOND.cert);
    await certificate.look(given());
    expect([troubles.list(), lines, taken]).toEqual([[], [], []]);
    writeFileSync(key, SECOND.key);
    await certificate.look(given());
    expect(taken).toHaveLength(1);
  });

  test.each([
    ['cut off', () => writeFileSync(cert, SECOND.cert.slice(0, 200)), /no certificate and its key/],
    ['empty', () => writeFileSync(cert, ''), /no certificate and its key/],
    ['of another key', () => writeFileSync(cert, SECOND.cert), /no certificate and its key/],
    ['gone', () => unlinkSync(key), /http.tls.key: given ".*key.pem", which cannot be read/],
    [
      'of the past',
      () => {
        writeFileSync(cert, PAST.cert);
        writeFileSync(key, PAST.key);
      },
      /holds from 2020-01-01T00:00:00.000Z to 2020-04-01T00:00:00.000Z, not now; the old one is kept/,
    ],
  ])('that is %s is not taken: the door keeps the old one and says so, once', async (_what, spoil, reason) => {
    const { certificate, taken } = await opened();
    spoil();
    for (let look = 0; look < 4; look++) await certificate.look(given());
    expect(taken).toEqual([]);
    expect(certificate.present.cert.toString()).toBe(TEST_CERT);
    expect(troubles.list()).toMatchObject([{ part: 'certificate http.tls', code: 'TLS_CERTIFICATE' }]);
    expect(troubles.list()[0]?.text).toMatch(reason);
    expect(lines).toEqual(['a new certificate was not taken']);
    writeFileSync(cert, TEST_CERT);
    writeFileSync(key, TEST_KEY);
    await certificate.look(given());
    expect(troubles.list()).toEqual([]);
  });

  test('that ends in two weeks says so, and one that has ended says that nobody connects', async () => {
    const end = Date.UTC(2126, 9, 30, 3, 41, 40);
    const { certificate } = await opened();
    now = end - 15 * 86_400_000;
    await certificate.look(given());
    expect(troubles.list()).toEqual([]);
    now = end - 13 * 86_400_000;
    await certificate.look(given());
    expect(troubles.list()).toMatchObject([{ part: 'certificate http.tls', code: 'CERTIFICATE_ENDING' }]);
    now = end;
    await certificate.look(given());
    const found = troubles.list().map(({ part, code }) => ({ part, code }));
    expect(found).toEqual([{ part: 'ended certificate http.tls', code: 'CERTIFICATE_ENDED' }]);
  });

  test('asks clients for theirs by an authority that can sign, and by nothing else', async () => {
    writeFileSync(clientCa, AUTHORITY);
    expect((await opened({ clientCa })).certificate.present.clientCa?.toString()).toBe(AUTHORITY);
    writeFileSync(clientCa, LOGGER.cert);
    await expect(opened({ clientCa })).rejects.toThrow(/"CN=logger-7" is no authority; allowed/);
    writeFileSync(clientCa, 'nothing');
    await expect(opened({ clientCa })).rejects.toThrow(/has no certificate in it/);
    writeFileSync(clientCa, AUTHORITY);
    await expect(opened({ clientCrl: clientCa })).rejects.toThrow(/http.tls.clientCa: not given/);
    await expect(opened({ clientCa, clientCrl: key })).rejects.toThrow(/no revocation list/);
  });
});
