import { expect, test } from 'vitest';
import { API_BASE, OPERATIONS, openApiDocument } from '../api/index.ts';
import { apiRoutes } from './routes/all.ts';
import { assistantRoutes, mcpRoutes } from './routes/assistants.ts';
import { epcisRoutes } from './routes/epcis.ts';
import { xmlQueryRoutes } from './routes/epcis-xml-queries.ts';
import { writeRoutes } from './routes/reception.ts';
import type { Services } from './services.ts';

/** Nothing is asked of them until a request comes. */
const NONE = { mode: { isDemo: false }, webhookSecrets: new Map() } as unknown as Services;
const ASSISTANTS = {} as Parameters<typeof mcpRoutes>[0];
const every = () => [
  ...[...apiRoutes(NONE), ...assistantRoutes(ASSISTANTS)],
  ...[...epcisRoutes(NONE), ...xmlQueryRoutes(NONE, '0'), ...writeRoutes(NONE), ...mcpRoutes(ASSISTANTS)],
];

test('every operation that is declared is mounted, once, and no other is', () => {
  const mounted = every().map(({ operation }) => operation);
  expect(mounted.filter((operation) => !OPERATIONS.includes(operation))).toEqual([]);
  expect(OPERATIONS.filter((operation) => !mounted.includes(operation))).toEqual([]);
  expect(new Set(mounted).size).toBe(mounted.length);
});

test('routes stand under the base that their operation names', () => {
  expect(apiRoutes(NONE).filter(({ operation: { base = API_BASE } }) => base !== API_BASE)).toEqual([]);
  expect(epcisRoutes(NONE).filter(({ operation: { base } }) => base !== '/epcis/v2')).toEqual([]);
  expect(writeRoutes(NONE).filter(({ operation: { base } }) => base !== '/api/v2')).toEqual([]);
});

test('what the server answers is what the OpenAPI document says', () => {
  const mounted = every().map(
    ({ operation: { method, base = API_BASE, path } }) => `${method} ${base}${path.replace(/:(\w+)/g, '{$1}')}`,
  );
  const { paths } = openApiDocument('0.0.0') as { paths: Record<string, Record<string, unknown>> };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(documented.toSorted()).toEqual(mounted.toSorted());
});
