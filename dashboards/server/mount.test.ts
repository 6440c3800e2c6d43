import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Accounts } from '../../access/index.ts';
import { permissionsOf, silentLogger } from '../../domain/index.ts';
import type { Operation } from '../api/index.ts';
import { type Answer, accepted, ok } from './answer.ts';
import type { AnsweredRequests } from './answered-requests.ts';
import { BodyBudget } from './body.ts';
import { type Asked, mount, routerOf } from './mount.ts';
import { problemHandler } from './problems.ts';

const COUNT = {
  method: 'post',
  path: '/count/:what',
  summary: 'Count something',
  permission: 'unit.count',
  body: z.object({ text: z.string() }),
  bodyLimit: 10_000,
  alsoTakes: ['text/csv'],
  answers: { 200: z.object({ length: z.number(), what: z.string() }), 202: null },
} as const satisfies Operation;

/** One token for somebody of the dock; nothing is asked of a database. */
const accounts = {
  tokens: {
    verify: async (token: string) =>
      token === 'right'
        ? {
            id: 1,
            name: 'dock',
            role: 'dock',
            permissions: permissionsOf('dock'),
            sites: 'all',
            door: null,
            partner: null,
            expiresAt: null,
          }
        : null,
  },
  sessions: { find: async () => null },
  revocations: { hold: () => () => {} },
} as unknown as Accounts;

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serving(
  handler: (asked: Asked<typeof COUNT>) => Promise<Answer<typeof COUNT>>,
  budget = new BodyBudget(1_000_000),
): Promise<string> {
  const app = express();
  // No operation here takes a key.
  const answered = {} as AnsweredRequests;
  const options = {
    accounts,
    answered,
    budget,
    doorOf: async () => null,
    placesOf: async () => null,
    isAnswerChecked: true,
  };
  app.use(routerOf([mount(COUNT, handler)], options));
  app.use(problemHandler(silentLogger, () => {}));
  server = createServer(app).on('checkContinue', app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const length = async ({ body, parameters }: Asked<typeof COUNT>) =>
  ok({ length: typeof body === 'string' ? body.length : body.text.length, what: parameters.what });

async function post(url: string, body: RequestInit['body'], headers: Record<string, string> = {}, token = 'right') {
  const response = await fetch(`${url}/count/things`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body }),
    duplex: 'half',
  } as RequestInit);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Sends only a head and says what comes back before any body is sent. */
async function headOnly(url: string, lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(['POST /count/things HTTP/1.1', 'Host: here', ...lines, '', ''].join('\r\n'));
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return data.toString().split('\r\n')[0] ?? '';
}

describe('a handler sees what its operation declares', () => {
  test('parameters, and a body that was checked', async () => {
    const url = await serving(length);
    expect(await post(url, '{"text":"abc"}')).toEqual({ status: 200, body: { length: 3, what: 'things' } });
    expect(await post(url, '{"text":3}')).toMatchObject({ status: 400, body: { errors: [{ path: 'text' }] } });
    expect(await post(url, undefined)).toMatchObject({ status: 400, body: { code: 'BODY_INVALID' } });
    expect(await post(url, '{"text"')).toMatchObject({ status: 400, body: { code: 'REQUEST_MALFORMED' } });
  });

  test('text of another media type that it takes, in its charset', async () => {
    const url = await serving(length);
    expect((await post(url, 'a,b', { 'content-type': 'text/csv' })).body.length).toBe(3);
    const latin = { 'content-type': 'text/csv; charset=iso-8859-1' };
    expect((await post(url, new Uint8Array([0x4b, 0xfc, 0x68, 0x6c]), latin)).body.length).toBe(4);
    const bytes = new Uint8Array([0x4b, 0xfc]);
    expect(await post(url, bytes, { 'content-type': 'text/csv' })).toMatchObject({
      status: 400,
      body: { detail: 'the body is not utf-8' },
    });
    expect((await post(url, '<a/>', { 'content-type': 'application/xml' })).status).toBe(415);
    expect((await post(url, '{}', { 'content-type': 'application/json; charset=klingon' })).status).toBe(415);
  });

  test('a packed body, and no more of it than is allowed', async () => {
    const url = await serving(length);
    const packed = (text: string) => gzipSync(JSON.stringify({ text }));
    expect((await post(url, packed('abc'), { 'content-encoding': 'gzip' })).body.length).toBe(3);
    expect((await post(url, packed('a'.repeat(5_000_000)), { 'content-encoding': 'gzip' })).status).toBe(413);
    expect((await post(url, '{}', { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await post(url, '{}', { 'content-encoding': 'zip' })).status).toBe(415);
  });

  test('a body without a declared length is held to the limit too', async () => {
    const url = await serving(length);
    const stream = () =>
      new ReadableStream({
        start(controller) {
          for (let i = 0; i < 100; i++) controller.enqueue(new TextEncoder().encode('a'.repeat(1_000)));
          controller.close();
        },
      });
    expect((await post(url, stream())).status).toBe(413);
  });
});

// Six anonymous posts of 15 MB, all 401, cost 13 s of CPU and 850 MB: their bodies were read and parsed first.
describe('who asks comes before what he sends', () => {
  test('nobody is answered before his body is read', async () => {
    const url = await serving(length);
    const head = ['Content-Type: application/json', 'Content-Length: 9000'];
    expect(await headOnly(url, head)).toBe('HTTP/1.1 401 Unauthorized');
    expect(await headOnly(url, [...head, 'Expect: 100-continue'])).toBe('HTTP/1.1 401 Unauthorized');
  });

  test('a body that is declared too large is refused before it is read', async () => {
    const url = await serving(length);
    const head = ['Content-Type: application/json', 'Content-Length: 10001', 'Authorization: Bearer right'];
    expect(await headOnly(url, head)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('who was let in and asks whether to send is told to', async () => {
    const url = await serving(length);
    const head = ['Content-Type: application/json', 'Content-Length: 9000', 'Authorization: Bearer right'];
    expect(await headOnly(url, [...head, 'Expect: 100-continue'])).toBe('HTTP/1.1 100 Continue');
  });

  test('a page of another site is refused', async () => {
    const url = await serving(length);
    expect((await post(url, '{}', { origin: 'http://elsewhere.example' })).body.code).toBe('ORIGIN_NOT_ALLOWED');
  });
});

test('bodies at work at once are bounded, and what they held comes back', async () => {
  const budget = new BodyBudget(10_000);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun: (() => void)[] = [];
  const working = new Promise<void>((resolve) => begun.push(resolve));
  const url = await serving(async (asked) => {
    begun[0]?.();
    await held;
    return length(asked);
  }, budget);
  const large = JSON.stringify({ text: 'a'.repeat(6_000) });
  const first = post(url, large);
  await working;
  expect(await post(url, large)).toMatchObject({
    status: 503,
    body: { code: 'BODIES_IN_FLIGHT', retryAfterSeconds: 5 },
  });
  release();
  expect((await first).status).toBe(200);
  await expect.poll(() => budget.taken).toBe(0);
  expect((await post(url, large)).status).toBe(200);
});

describe('in tests an answer is held to its contract', () => {
  test.each([
    ['a member is missing', { length: 1 }],
    ['a member is of another kind', { length: '1', what: 'things' }],
    ['a member is not declared', { length: 1, what: 'things', more: true }],
  ])('%s', async (_, body) => {
    const url = await serving(async () => ok(body as { length: number; what: string }));
    expect(await post(url, '{"text":""}')).toMatchObject({ status: 500, body: { code: 'DEFECT' } });
  });

  test('a status is not declared', async () => {
    const url = await serving(async () => ({ ...accepted('/x'), status: 203 }) as unknown as Answer<typeof COUNT>);
    expect((await post(url, '{"text":""}')).status).toBe(500);
  });
});

test('one address that sends much leaves room for the others', () => {
  const budget = new BodyBudget(1_000, 600);
  budget.take(600, '203.0.113.1');
  expect(() => budget.take(1, '203.0.113.1')).toThrow(expect.objectContaining({ code: 'BODIES_IN_FLIGHT' }));
  budget.take(400, '203.0.113.2');
  expect(() => budget.take(1, '203.0.113.3')).toThrow(expect.objectContaining({ code: 'BODIES_IN_FLIGHT' }));
  budget.giveBack(600, '203.0.113.1');
  budget.take(1, '203.0.113.1');
  expect(budget.taken).toBe(401);
});
