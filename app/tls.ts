import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { InputError } from '../domain/index.ts';

/** The setting under which a door's files stand. */
export type TlsSetting = 'mqtt.tls' | 'http.tls';

/** Where a door's files are; paths. */
export interface TlsPaths {
  readonly cert: string | null;
  readonly key: string | null;
  readonly clientCa?: string | null;
  readonly clientCrl?: string | null;
}

/** What a door shows and asks for, PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Authorities whose certificates clients may show. */
  readonly clientCa?: Buffer;
  /** Which of those are taken back. */
  readonly clientCrl?: Buffer;
}

/** When what a file holds begins and ceases to hold: from the latest beginning to the earliest end, epoch ms UTC. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

/**
 * A door's files as they stand now; null where it has none.
 * @throws {InputError} TLS_CERTIFICATE names the setting whose file cannot be read, is missing or is no such thing
 */
export async function readTlsFiles(setting: TlsSetting, paths: TlsPaths): Promise<TlsFiles | null> {
  const { cert, key, clientCa = null, clientCrl = null } = paths;
  if (cert === null && key === null) {
    const lone = clientCa !== null ? 'clientCa' : clientCrl !== null ? 'clientCrl' : null;
    if (lone !== null) throw missing(`${setting}.cert`, `${setting}.${lone} needs a certificate of this door`);
    return null;
  }
  if (clientCrl !== null && clientCa === null) throw missing(`${setting}.clientCa`, 'a list without its authority');
  const files: TlsFiles = {
    cert: await pem(`${setting}.cert`, cert),
    key: await pem(`${setting}.key`, key),
    ...(clientCa === null ? {} : { clientCa: await pem(`${setting}.clientCa`, clientCa) }),
    ...(clientCrl === null ? {} : { clientCrl: await pem(`${setting}.clientCrl`, clientCrl) }),
  };
  try {
    createSecureContext({ cert: files.cert, key: files.key });
  } catch (cause) {
    throw wrong(`${setting}: given "${cert}" and "${key}", which are no certificate and its key`, 'PEM files', cause);
  }
  if (files.clientCa !== undefined) authorities(`${setting}.clientCa: given "${clientCa}"`, files.clientCa);
  if (files.clientCrl !== undefined) {
    try {
      createSecureContext({ crl: files.clientCrl });
    } catch (cause) {
      throw wrong(`${setting}.clientCrl: given "${clientCrl}", which is no revocation list`, 'a PEM file', cause);
    }
  }
  return files;
}

/** @param bundle one PEM file with a certificate or a chain */
export function validityOf(bundle: Buffer): Validity {
  const certificates = certificatesIn(bundle);
  return {
    from: Math.max(...certificates.map(({ validFrom }) => Date.parse(validFrom))),
    to: Math.min(...certificates.map(({ validTo }) => Date.parse(validTo))),
  };
}

function authorities(what: string, bundle: Buffer): void {
  let found: X509Certificate[];
  try {
    found = certificatesIn(bundle);
  } catch (cause) {
    throw wrong(`${what}, which is no certificate of an authority`, 'a PEM file', cause);
  }
  if (found.length === 0) throw wrong(`${what}, which has no certificate in it`, 'a PEM file');
  const leaf = found.find(({ ca }) => !ca);
  // A certificate that may sign none would let in whoever holds its key, and nobody else.
  if (leaf !== undefined)
    throw wrong(`${what}, where "${nameOf(leaf)}" is no authority`, 'certificates that sign others');
}

function certificatesIn(bundle: Buffer): X509Certificate[] {
  const blocks = bundle.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function nameOf({ subject }: X509Certificate): string {
  return (subject ?? '').replaceAll('\n', ', ');
}

async function pem(setting: string, path: string | null): Promise<Buffer> {
  if (path === null) throw missing(setting, 'certificate and key go together');
  try {
    return await readFile(path);
  } catch (cause) {
    throw new InputError(
      'TLS_CERTIFICATE',
      `${setting}: given "${path}", which cannot be read; allowed: a PEM file`,
      {},
      cause,
    );
  }
}

function missing(setting: string, why: string): InputError {
  return new InputError('TLS_CERTIFICATE', `${setting}: not given, allowed: a PEM file; ${why}`);
}

function wrong(what: string, allowed: string, cause?: unknown): InputError {
  const reason = cause === undefined ? '' : ` (${cause instanceof Error ? cause.message : String(cause)})`;
  return new InputError('TLS_CERTIFICATE', `${what}${reason}; allowed: ${allowed}`, {}, cause);
}
