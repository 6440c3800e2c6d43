import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

let house: Installation | null = null;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await house?.stop();
});

async function opened(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

test('connections of one address are bounded; one more is answered, and there is room again when one ends', async () => {
  house = await Installation.start({ maxConnectionsPerAddress: 3 });
  const { url } = house;
  const held = [await opened(url), await opened(url), await opened(url)];
  const refused = await opened(url);
  const [answer] = (await once(refused, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 5[\s\S]*CONNECTIONS_TOO_MANY/);
  await once(refused, 'close');
  held[0]?.destroy();
  const ask = async () =>
    (await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).catch(() => null))?.status;
  await expect.poll(ask).toBe(200);
});
