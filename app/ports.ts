import { createServer } from 'node:net';
import { UnavailableError } from '../domain/index.ts';

/**
 * Fails early, before anything is started, where a port is taken.
 * @throws {UnavailableError} PORT_TAKEN names the port and the setting that changes it
 */
export async function requireFreePort(host: string, port: number, setting: string): Promise<void> {
  if (port === 0) return;
  const env = `ISOTHERM_${setting.replaceAll('.', '_').toUpperCase()}`;
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'is taken' : `cannot be opened (${cause.code})`;
      const message = `port ${port} on ${host} ${reason}; set ${setting} (${env}) to another, 0 for any free one`;
      reject(new UnavailableError('PORT_TAKEN', message, { host, port, setting }, cause));
    });
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}
