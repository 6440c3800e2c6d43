import { readFile } from 'node:fs/promises';
import { InputError } from '../domain/index.ts';
import type { Config } from './config/index.ts';

/**
 * The certificate MQTT over TLS is served with, or nothing where none is configured.
 * @throws {InputError} TLS_CERTIFICATE names the setting whose file cannot be read or is missing
 */
export async function mqttTls(config: Config): Promise<{ tls?: { port: number; cert: Buffer; key: Buffer } }> {
  const { cert, key, port } = config.mqtt.tls;
  if (cert === null && key === null) return {};
  return { tls: { port, cert: await pem('mqtt.tls.cert', cert), key: await pem('mqtt.tls.key', key) } };
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
