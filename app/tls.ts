import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { InputError } from '../domain/index.ts';
import type { Config } from './config/index.ts';

/** A certificate and its key, PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * The certificate MQTT over TLS is served with; null where none is configured.
 * @throws {InputError} TLS_CERTIFICATE names the setting whose file cannot be read, is missing or is no such thing
 */
export async function mqttTls(config: Config): Promise<TlsFiles | null> {
  const { cert, key } = config.mqtt.tls;
  if (cert === null && key === null) return null;
  const pair = { cert: await pem('mqtt.tls.cert', cert), key: await pem('mqtt.tls.key', key) };
  try {
    createSecureContext(pair);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(
      'TLS_CERTIFICATE',
      `mqtt.tls: given "${cert}" and "${key}", which are no certificate and its key (${reason}); allowed: PEM files`,
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
