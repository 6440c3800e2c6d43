import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

let house: Installation;
const sockets: Socket[] = [];

beforeAll(async () => {
  house = await Installation.start();
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  await house.stop();
});

function open(token: string, extraHeaders: Record<string, string> = {}): Socket {
  const socket = io(`${house.url}/live`, {
    ...{
      auth: token === '' ? {} : { token },
      extraHeaders,
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 300,
      randomizationFactor: 0,
    },
  });
  sockets.push(socket);
  return socket;
}

const first = (socket: Socket, event: string) => once(socket as unknown as NodeJS.EventEmitter, event);

/** As a network does it: the socket tries again by itself. */
function cutOff(socket: Socket): void {
  socket.io.engine.close();
}

/** Away until it is told to `connect`: what is changed meanwhile is changed before it is back, however long that takes. */
function goAway(socket: Socket): void {
  socket.io.reconnection(false);
  cutOff(socket);
}

// A token that may only send readings got every alert and reading by the socket, and 403 by HTTP.
test('a socket is for who may see records', async () => {
  const token = await house.accounts.tokens.create({ name: 'sender', role: 'admin', scope: ['readings.send'] });
  const socket = open(token);
  const [error] = (await first(socket, 'connect_error')) as [Error];
  expect(error.message).toBe('ROLE_NOT_ALLOWED');
});

// Socket.IO brings back rooms and missed packets before it asks who comes back.
test('a socket that comes back is given what it missed only while it may see it', async () => {
  const token = await house.accounts.tokens.create({ name: 'watcher', role: 'quality' });
  const kept = open(token);
  await first(kept, 'connect');
  await kept.emitWithAck('subscribe', { room: 'fleet' });
  const next = first(kept, 'device');
  await house.ask('admin', 'POST', '/devices', { id: 'logger-1', kind: 'logger' });
  await next;
  cutOff(kept);
  await first(kept, 'connect');
  expect(kept.recovered).toBe(true);

  goAway(kept);
  // As it comes over the wire: the client itself holds back what comes before it is let in.
  const wire: string[] = [];
  kept.io.on('open', () => kept.io.engine.on('packet', ({ data }) => wire.push(String(data))));
  await house.ask('admin', 'POST', '/devices', { id: 'logger-2', kind: 'logger' });
  await house.accounts.tokens.revoke('watcher');
  const refused = first(kept, 'connect_error');
  kept.connect();
  const [error] = (await refused) as [Error];
  expect(error.message).toBe('SIGNED_OUT');
  expect(wire.join()).not.toContain('logger-2');
});

test('a socket whose person sees other sites when it comes back has none of its rooms', async () => {
  await house.accounts.users.create({ name: 'uma', role: 'quality', password: 'a few odd words' });
  const signedIn = await fetch(`${house.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'uma', password: 'a few odd words' }),
  });
  const socket = open('', { cookie: signedIn.headers.get('set-cookie')?.split(';')[0] ?? '' });
  await first(socket, 'connect');
  await socket.emitWithAck('subscribe', { room: 'fleet' });
  const told = first(socket, 'device');
  await house.ask('admin', 'POST', '/devices', { id: 'logger-3', kind: 'logger' });
  await told;
  goAway(socket);
  await house.accounts.users.change('uma', { sites: ['site:lyon'] });
  const reloading = first(socket, 'reload');
  const back = first(socket, 'connect');
  socket.connect();
  await back;
  expect(socket.recovered).toBe(false);
  await reloading;
});
