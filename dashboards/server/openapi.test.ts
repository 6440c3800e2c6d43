import type { Router } from 'express';
import { expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import { openApiDocument } from '../api/index.ts';
import { apiRoutes } from './routes/all.ts';
import { epcisRoutes } from './routes/epcis.ts';
import type { Services } from './services.ts';
import { SignInThrottle } from './throttle.ts';

/** Nothing is asked of them until a request comes. */
const NONE = {} as Services;

function routesOf(base: string, router: Router): string[] {
  return router.stack.flatMap(({ route }) =>
    [...new Set(route?.stack.map(({ method }) => method))].map(
      (method) => `${method} ${base}${route?.path.replace(/:(\w+)/g, '{$1}')}`,
    ),
  );
}

test('what the server answers is what the OpenAPI document says', () => {
  const api = apiRoutes(NONE, new SignInThrottle({ time: systemTime }));
  const mounted = [
    ...api.flatMap((router) => routesOf('/api/v1', router)),
    ...routesOf('/epcis/v2', epcisRoutes(NONE)),
  ];
  const { paths } = openApiDocument('0.0.0') as { paths: Record<string, Record<string, unknown>> };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(documented.toSorted()).toEqual(mounted.toSorted());
});
