import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { InputError } from '../domain/index.ts';
import type { Config } from './config/index.ts';

/** A certificate and its key, PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The certificate of MQTT over TLS; null where none is configured. @throws {InputError} TLS_CERTIFICATE */
export function mqttTls({ mqtt }: Config): Promise<TlsFiles | null> {
  return tlsFiles('mqtt.tls', mqtt.tls);
}

/** The certificate of HTTPS; null where none is configured. @throws {InputError} TLS_CERTIFICATE */
export function httpTls({ http }: Config): Promise<TlsFiles | null> {
  return tlsFiles('http.tls', http.tls);
}

/**
 * A certificate and its key; null where neither is configured.
 * @throws {InputError} TLS_CERTIFICATE names the setting whose file cannot be read, is missing or is no such thing
 */
async function tlsFiles(
  setting: 'mqtt.tls' | 'http.tls',
  { cert, key }: { readonly cert: string | null; readonly key: string | null },
): Promise<TlsFiles | null> {
  if (cert === null && key === null) return null;
  const pair = { cert: await pem(`${setting}.cert`, cert), key: await pem(`${setting}.key`, key) };
  try {
    createSecureContext(pair);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(
      'TLS_CERTIFICATE',
      `${setting}: given "${cert}" and "${key}", which are no certificate and its key (${reason}); allowed: PEM files`,
      {},
      cause,
    );
  }
  return pair;
}

async function pem(setting: string, path: string | null): Promise<Buffer> {
  if (path === null) {
    throw new InputError(
      'TLS_CERTIFICATE',
      `${setting}: not given, allowed: a PEM file; certificate and key go together`,
    );
  }
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
