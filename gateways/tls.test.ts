import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { expect, test, vi } from 'vitest';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { SimulatedReader } from '../simulators/reader/index.ts';
import { systemPart } from '../tests/parts.ts';
import { Gateway } from './gateway.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';
import { temporaryDirectory } from './testing/directory.ts';
import { TestPlatform } from './testing/platform.ts';

test.skipIf(systemPart('openssl') === null)(
  'a reader over TLS is read if its certificate is trusted, and not if it is not',
  async () => {
    const directory = temporaryDirectory();
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const subject = ['-subj', '/CN=dock-1.example', '-addext', 'subjectAltName=DNS:dock-1.example'];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      ...subject,
    ];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const platform = new TestPlatform();
    await platform.start();
    const reader = new SimulatedReader({ time: systemTime });
    await reader.start();
    const { port, server } = await tlsBefore(reader.port, key, cert);
    const gateway = async (id: string, tls: object) => {
      const config = gatewayConfig({ id, mqtt: { url: platform.url }, readers: [dockReader(port, { tls })] });
      const made = new Gateway({ config, time: systemTime, logger: silentLogger, meter: silentMeter, random: () => 0 });
      await made.start();
      return made;
    };

    const stranger = await gateway('gw-stranger', { servername: 'dock-1.example' });
    await vi.waitFor(() => expect(stranger.status.readers[0]?.reason).toMatch(/self-signed certificate/), {
      timeout: 30_000,
    });
    await stranger.stop();
    const friend = await gateway('gw-friend', { ca: cert, servername: 'dock-1.example' });
    await vi.waitFor(() => expect(friend.status.readers[0]?.state).toBe('reading'), { timeout: 30_000 });
    reader.see({ antenna: 1, epcHex: epcHex(1) });
    await platform.until(({ sightings }) => sightings.length === 1);
    await friend.stop();
    await reader.stop();
    await platform.stop();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  },
);

/** A TLS front before a reader that speaks plain LLRP. */
async function tlsBefore(readerPort: number, key: string, cert: string): Promise<{ port: number; server: Server }> {
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (secure) => {
    const plain = connect(readerPort, '127.0.0.1');
    secure.pipe(plain).pipe(secure);
    for (const socket of [secure, plain]) socket.on('error', () => socket.destroy());
    secure.on('close', () => plain.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}
