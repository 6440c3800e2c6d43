import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
});
afterAll(() => house.stop());

const JSON_TYPE = { 'content-type': 'application/json' };
const LARGE = 'x'.repeat(100_001);

/** One request over a connection of `agent`, which keeps it as long as the server does; half of its body waits for the answer. */
async function ask(agent: Agent, path: string, body = '') {
  const sent = request(`${house.url}${path}`, {
    agent,
    method: body === '' ? 'GET' : 'POST',
    headers: { ...JSON_TYPE, 'content-length': body.length },
  });
  const half = Math.floor(body.length / 2);
  sent.write(body.slice(0, half));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  sent.end(body.slice(half));
  await text(answer);
  return { status: answer.statusCode, connection: answer.headers.connection };
}

test('the request behind a refused large body was reset: its connection was ended and nobody had said so', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (let n = 0; n < 5; n += 1) {
      expect(await ask(agent, '/api/v1/shipments', LARGE)).toEqual({ status: 401, connection: 'close' });
      expect(await ask(agent, '/healthz')).toEqual({ status: 200, connection: 'keep-alive' });
    }
  } finally {
    agent.destroy();
  }
});

test('a small body that is refused leaves its connection to the next request', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    expect(await ask(agent, '/api/v1/shipments', '{}')).toEqual({ status: 401, connection: 'keep-alive' });
    expect(await ask(agent, '/healthz')).toEqual({ status: 200, connection: 'keep-alive' });
  } finally {
    agent.destroy();
  }
});

test('whoever goes on sending has the whole answer first, and is cut', async () => {
  const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
  socket.on('error', () => {});
  const length = 50_000_000;
  socket.write(
    `POST /api/v1/shipments HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
  );
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let sent = 0;
  const more = () => {
    while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
  };
  socket.on('drain', more);
  more();
  let answer = '';
  socket.on('data', (bytes: Buffer) => {
    answer += bytes.toString();
  });
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1\.1 401 [\s\S]*Connection: close[\s\S]*"status":401.*}$/);
  expect(sent).toBeLessThan(length / 2);
});
