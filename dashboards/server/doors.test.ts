import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { API_BASE, OPERATIONS, type Operation } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

let house: Installation;
let token: string;

beforeAll(async () => {
  // To watch a reader for five seconds at each try shows nothing more.
  house = await Installation.start({ readerWatchMs: 10 });
  token = await house.token('admin');
  await house.ask('admin', 'PUT', '/places/site:lyon', { zone: 'Europe/Paris' });
  await house.ask('admin', 'POST', '/devices', { id: 'logger-7', kind: 'logger' });
});
afterAll(() => house.stop());

/** Names of things there are, and values that a field of some kind takes. */
const PLAUSIBLE: readonly unknown[] = [
  ...['site:lyon', 'logger-7', 'urn:epc:id:sgtin:0614141.812345.6789', 'urn:epc:id:sscc:0614141.1234567890'],
  ...['2026-11-22T10:00:00Z', '9999-12-31T23:59:59.999Z', '0001-01-01T00:00:00Z', '1', '50', 'true', 'open', '2-8C'],
  ...[0, 1, -1, 0.5, true, null, 1_763_805_600_000],
];

/** What no sender means, and some send. */
const NASTY: readonly unknown[] = [
  ...[
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff\ud800',
    '\u202e',
    '\ufeff',
    '\u001b[2J',
    "'; DROP TABLE alerts; --",
    '%00',
    '../..',
  ],
  ...[
    '',
    ' ',
    'x'.repeat(100_001),
    'é'.repeat(3_000),
    '-1',
    '1e999',
    'NaN',
    '9223372036854775808',
    '-8640000000000000',
  ],
  ...[1e308, -1e308, 2 ** 53, 2 ** 31, 8_640_000_000_000_000, -8_640_000_000_000_000],
  ...[
    [],
    {},
    [[[[]]]],
    { __proto__: null },
    { toString: 1 },
    Buffer.from('[8000000000000000,8000000000000000]').toString('base64url'),
  ],
];

const value = fc.oneof(
  fc.constantFrom(...PLAUSIBLE),
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 }),
);

function namesIn(schema: z.ZodType | undefined): string[] {
  if (schema === undefined) return [];
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.keys(properties);
}

function requestTo({ method, base = API_BASE, path, query, body }: Operation) {
  const member = (names: readonly string[]) =>
    fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  const inPath = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
  return fc
    .record({
      parameters: member(inPath),
      query: member(namesIn(query)),
      body: fc.oneof({ weight: 4, arbitrary: member(namesIn(body)) }, { weight: 1, arbitrary: value }),
    })
    .map((given) => {
      const filled = path.replace(/:(\w+)/g, (_, name: string) =>
        encoded(textOf(given.parameters[name] ?? 'logger-7')),
      );
      const search = new URLSearchParams(
        Object.entries(given.query).map(([name, one]): [string, string] => [name, textOf(one).slice(0, 4_000)]),
      );
      const isSent = body !== undefined && method !== 'get';
      return { method, url: `${base}${filled}?${search}`, body: isSent ? JSON.stringify(given.body) : null };
    });
}

function textOf(given: unknown): string {
  return typeof given === 'string' ? given : JSON.stringify(given);
}

/** As any client can write it; half a surrogate pair has no such form. */
function encoded(text: string): string {
  return encodeURIComponent(text.slice(0, 4_000).toWellFormed()) || '%20';
}

// A NUL in a parameter, a year 275760, a made-up cursor were errors of ours: whatever comes in gets a clear answer.
describe('whatever is sent to a door, the answer is never an error of ours', () => {
  test.each(
    OPERATIONS.map((operation) => [`${operation.method} ${operation.base ?? ''}${operation.path}`, operation] as const),
  )('%s', { timeout: 120_000 }, async (_, operation) => {
    await fc.assert(
      fc.asyncProperty(requestTo(operation), async ({ method, url, body }) => {
        const response = await fetch(`${house.url}${url}`, {
          method: method.toUpperCase(),
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === null ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === null ? {} : { body }),
        });
        const text = await response.text();
        expect(response.status, `${method} ${url} ${body?.slice(0, 300)}: ${text}`).toBeLessThan(500);
      }),
      { numRuns: 15 },
    );
  });
});
