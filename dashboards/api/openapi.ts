import { z } from 'zod';
import { ROLES, rolesWith } from '../../domain/index.ts';
import { API_BASE, type Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { PROBLEM_TYPE } from './problem.ts';
import { named } from './schema.ts';

type Json = Record<string, unknown>;

/**
 * The OpenAPI 3.1 document, made from the schemas that the server checks with: it cannot say something else than the
 * code does.
 */
export function openApiDocument(version: string): Json {
  const { schemas } = z.toJSONSchema(named, { uri: (id) => `#/components/schemas/${id}`, io: 'output' });
  const paths: Record<string, Json> = {};
  for (const operation of OPERATIONS) {
    const path = `${operation.base ?? API_BASE}${operation.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] ??= {};
    paths[path][operation.method] = describe(operation);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Isotherm', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ session: [] }, { token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutIds(schema)])),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'isotherm_session' },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function describe(operation: Operation): Json {
  const responses: Record<string, Json> = {
    default: {
      description: 'An error',
      content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  };
  for (const [status, schema] of Object.entries(operation.answers)) {
    responses[status] = {
      description: STATUS_TEXT[status] ?? 'Answer',
      ...(schema === null
        ? {}
        : { content: { ...contentOf(reference(schema, 'output'), operation.alsoGives), ...linesOf(operation) } }),
    };
  }
  const inPath = [...operation.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    summary: operation.summary,
    operationId: operationId(operation),
    ...securityOf(operation),
    ...descriptionOf(operation),
    parameters: [...inPath, ...queryParameters(operation.query), ...keyParameter(operation)],
    ...(operation.body === undefined
      ? {}
      : { requestBody: { content: contentOf(reference(operation.body, 'input'), operation.alsoTakes) } }),
    responses,
  };
}

/** draft-ietf-httpapi-idempotency-key-header-07 */
function keyParameter({ takesKey }: Operation): Json[] {
  if (takesKey !== true) return [];
  const description = 'Made by the client: the same request under the same key is applied once';
  return [{ name: 'Idempotency-Key', in: 'header', description, schema: { type: 'string', maxLength: 128 } }];
}

/** A machine shows a token, or signs as its maker does (docs/http-readings.md). */
function securityOf({ permission }: Operation): Json {
  if (permission === 'sender') return { security: [{ token: [] }, {}] };
  return permission === 'anyone' ? { security: [] } : {};
}

/** Who may, where not everybody may who is signed in. */
function descriptionOf({ permission }: Operation): Json {
  if (permission === 'anyone' || permission === 'signed in' || permission === 'sender') return {};
  const roles = rolesWith(permission);
  return roles.length === ROLES.length ? {} : { description: `Roles: ${roles.join(', ')}.` };
}

/** Text in other media types has no schema: docs/ says what stands in it. */
function contentOf(schema: unknown, others: readonly string[] = []): Json {
  const texts = others.map((media) => [media, { schema: { type: 'string' } }]);
  return { 'application/json': { schema }, ...Object.fromEntries(texts) };
}

/** The answer as lines, each with this schema. */
function linesOf({ lines }: Operation): Json {
  return lines === undefined ? {} : { 'application/x-ndjson': { schema: reference(lines, 'output') } };
}

const STATUS_TEXT: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created, and applied',
  202: 'Durable, not yet applied; Location says where to look',
  204: 'Done',
};

function operationId(operation: Operation): string {
  // Two versions of one interface have names of their own.
  const own = operation.base === undefined ? '' : operation.base.replace(/\/v2$/, '');
  const words = `${own}${operation.path}`.split('/').filter((part) => part !== '');
  return [operation.method, ...words.map((word) => word.replace(/^:/, 'by-'))]
    .join('-')
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function queryParameters(query: z.ZodType | undefined): Json[] {
  if (query === undefined) return [];
  const { properties = {} } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }));
}

function reference(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const id = named.get(schema)?.id;
  if (id !== undefined) return { $ref: `#/components/schemas/${id}` };
  const { $schema: _, ...inline } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return inline;
}

/** zod names each schema of a registry by `$id` and dialect; inside one document the place says it already. */
function withoutIds(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $id: _id, $schema: _schema, id: _name, ...rest } = schema as Json;
  return rest;
}
