import { isDeepStrictEqual } from 'node:util';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { z } from 'zod';
import type { Accounts } from '../../access/index.ts';
import {
  DefectError,
  type KeyedAct,
  type Origination,
  type SeenFrom,
  type Sites,
  UNKEYED,
} from '../../domain/index.ts';
import { ANONYMOUS_BODY_LIMIT, API_BASE, BODY_LIMIT, type Operation } from '../api/index.ts';
import { type Answer, SENT } from './answer.ts';
import type { AnsweredRequests } from './answered-requests.ts';
import { type BodyBudget, jsonOf, readBody, textOf } from './body.ts';
import {
  admit,
  endWithAccess,
  type Identity,
  ofAnotherDoor,
  ofAnotherPartner,
  originationOf,
  requireSameOrigin,
} from './identity.ts';
import { parsed, Refusal } from './problems.ts';
import type { Received } from './received.ts';
import { requireReadable } from './text-door.ts';

/** What a handler is asked: everything that came in, checked against its operation. */
export interface Asked<O extends Operation> {
  /** Who asks; null only where anyone may. */
  readonly identity: O['permission'] extends 'anyone' | 'sender' ? Identity | null : Identity;
  /** The same for the audit trail, with from where. */
  readonly origination: O['permission'] extends 'anyone' | 'sender' ? Origination | null : Origination;
  /** The places whose goods who asks sees, for what answers by site; null = everywhere. */
  readonly seenFrom: SeenFrom;
  /** What stands in the path. */
  readonly parameters: Readonly<Record<NamesIn<O['path']>, string>>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
  /** Where the operation marks its keys: what an earlier attempt made, and how to mark it. */
  readonly act: KeyedAct;
  /** The request as it came, for the archive. */
  readonly received: Received;
  readonly request: Request;
  readonly response: Response;
}

type NamesIn<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

type QueryOf<O extends Operation> = O extends { readonly queryAs: 'read' }
  ? undefined
  : O extends { readonly query: infer Schema extends z.ZodType }
    ? z.output<Schema>
    : undefined;

type BodyOf<O extends Operation> = O extends { readonly body: infer Schema extends z.ZodType }
  ? O extends { readonly bodyAs: 'bytes' }
    ? Buffer
    : O extends { readonly bodyAs: 'read' }
      ? unknown
      : z.output<Schema> | (O extends { readonly alsoTakes: readonly string[] } ? string : never)
  : undefined;

/** An operation with what answers it. */
export interface Mounted {
  readonly operation: Operation;
  readonly handler: (asked: AskedOfAny) => Promise<Reply>;
  readonly guard: Guard | null;
}

/** Asked by the head of a request, before its body is read; throws where it may not be. */
export type Guard = (request: Request) => Promise<void>;

interface AskedOfAny
  extends Pick<Asked<Operation>, 'act' | 'seenFrom' | 'parameters' | 'received' | 'request' | 'response'> {
  readonly identity: Identity | null;
  readonly origination: Origination | null;
  readonly query: unknown;
  readonly body: unknown;
}

type Reply = typeof SENT | { readonly status: number; readonly body: unknown; readonly location?: string };

/**
 * Ties a handler to the operation it answers. What the operation declares is checked before the handler sees it; what
 * the handler may answer is what the operation declares.
 */
export function mount<const O extends Operation>(
  operation: O,
  handler: (asked: Asked<O>) => Promise<Answer<O>>,
  guard: Guard | null = null,
): Mounted {
  // The types of one operation are gone here; `serve` makes what it hands over by the very same declaration.
  return { operation, handler: handler as unknown as Mounted['handler'], guard };
}

export interface ServeOptions {
  readonly accounts: Accounts;
  readonly budget: BodyBudget;
  readonly answered: AnsweredRequests;
  /** The portal of a pass; null: there is no such pass. */
  readonly doorOf: (pass: string) => Promise<string | null>;
  /** Before a request of a partner is read; what it gives is called when the request is over. Default: partners ask as they like. */
  readonly partnerTurn?: (partner: string) => Promise<() => void>;
  /** The places that belong to sites. */
  readonly placesOf: (sites: Sites) => Promise<SeenFrom>;
  /** Something may have been changed: before the answer is sent. */
  readonly onChanged?: () => void;
  /** In tests: every answer is held to its schema, down to members that are not declared. */
  readonly isAnswerChecked?: boolean;
}

/** A router of these operations, all under one base. */
export function routerOf(mounted: readonly Mounted[], options: ServeOptions): Router {
  const router = Router();
  for (const one of mounted) router[one.operation.method](one.operation.path, serve(one, options));
  return router;
}

/** Who asks comes first, then what he asks; a body is read of nobody who may not send it. */
function serve({ operation, handler, guard }: Mounted, options: ServeOptions): RequestHandler {
  const { accounts, answered, budget, doorOf, partnerTurn, placesOf } = options;
  const { isAnswerChecked = false, onChanged = () => {} } = options;
  return async (request, response) => {
    requireSameOrigin(request);
    requireMedia(operation, request);
    const identity = await admit(accounts, operation, request);
    if (identity?.door != null) await requireOwnDoor(identity, operation, request, doorOf);
    if (identity?.partner != null && operation.permission !== 'anyone' && request.params.id !== identity.partner)
      throw ofAnotherPartner(identity);
    if (identity?.partner != null && partnerTurn !== undefined) {
      const leave = await partnerTurn(identity.partner);
      if (response.closed) leave();
      else response.once('close', leave);
    }
    if (identity !== null) endWithAccess(accounts, identity, request, response);
    await guard?.(request);
    const query = queryOf(operation, request);
    const limits = { limit: operation.bodyLimit ?? defaultLimit(operation), budget };
    const payload = hasBody(request) ? await readBody(request, response, limits) : Buffer.alloc(0);
    const origination = identity === null ? null : originationOf(identity, request);
    const door = `${request.method} ${request.originalUrl}`;
    const asked = {
      ...{ identity, origination },
      seenFrom: identity === null ? [] : await placesOf(identity.sites),
      parameters: request.params as Readonly<Record<string, string>>,
      query,
      body: bodyOf(operation, payload, request),
      act: UNKEYED,
      received: { source: identity?.name ?? '', origination, door, payload },
      ...{ request, response },
    };
    const key = operation.takesKey === true ? request.get('Idempotency-Key') : undefined;
    const reply =
      key === undefined || identity === null
        ? await handler(asked)
        : await answered.once({ who: identity.actor.id, key, door, payload }, async (act) =>
            kept(await handler({ ...asked, act })),
          );
    if (request.method !== 'GET' && request.method !== 'HEAD' && operation.onlyReads !== true) onChanged();
    if (reply === SENT) return;
    if (isAnswerChecked) checkAnswer(operation, reply);
    if (reply.location !== undefined) response.location(reply.location);
    response.status(reply.status);
    if (reply.body === null) response.end();
    else response.json(reply.body);
  };
}

/** @throws {Refusal} 403 DOOR_ONLY */
async function requireOwnDoor(
  identity: Identity,
  { byDoor, permission }: Operation,
  request: Request,
  doorOf: ServeOptions['doorOf'],
): Promise<void> {
  if (permission === 'anyone') return;
  const id = String(request.params.id ?? '');
  const door = byDoor === 'pass' ? await doorOf(id) : id;
  if (door !== identity.door) throw ofAnotherDoor(identity);
}

/** @throws {DefectError} OPERATION_UNKNOWN an answer that is written piece by piece cannot be kept */
function kept(reply: Reply): Exclude<Reply, symbol> {
  if (reply !== SENT) return reply;
  throw new DefectError('OPERATION_UNKNOWN', 'an operation that takes a key writes its answer itself');
}

function queryOf({ query: schema, queryAs = 'checked' }: Operation, { query }: Request): unknown {
  if (schema === undefined || queryAs === 'read') return undefined;
  return parsed(schema, query, 'QUERY_INVALID');
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function defaultLimit({ permission }: Operation): number {
  return permission === 'anyone' ? ANONYMOUS_BODY_LIMIT : BODY_LIMIT;
}

/** A form of another site cannot send JSON, nor any of the others, without asking this server first. */
function requireMedia({ alsoTakes = [], anyMedia = false }: Operation, request: Request): void {
  if (anyMedia) return;
  const allowed = ['application/json', ...alsoTakes];
  if (!hasBody(request) || request.is(allowed)) return;
  throw new Refusal(415, 'BODY_NOT_JSON', `Content-Type: expected ${allowed.join(', ')}`);
}

function bodyOf({ body: schema, bodyAs = 'checked' }: Operation, payload: Buffer, request: Request): unknown {
  if (schema === undefined) return undefined;
  if (bodyAs === 'bytes') return payload;
  const text = textOf(payload, request.headers['content-type']);
  const isJson = payload.length === 0 || request.is('application/json') !== false;
  if (!isJson) {
    requireReadable(text);
    return text;
  }
  const given = payload.length === 0 ? {} : jsonOf(text);
  requireReadable(given);
  return bodyAs === 'read' ? given : parsed(schema, given, 'BODY_INVALID');
}

/** @throws {DefectError} ANSWER_OFF_CONTRACT */
function checkAnswer({ method, path, base = API_BASE, answers }: Operation, { status, body }: Exclude<Reply, symbol>) {
  const name = `${method.toUpperCase()} ${base}${path}`;
  const schema = answers[status];
  if (schema === undefined) throw new DefectError('ANSWER_OFF_CONTRACT', `${name} does not declare ${status}`);
  if (schema === null || body === null) return;
  const sent: unknown = JSON.parse(JSON.stringify(body));
  const checked = schema.safeParse(sent);
  if (!checked.success) throw new DefectError('ANSWER_OFF_CONTRACT', `${name} ${status}: ${checked.error.message}`);
  if (!isDeepStrictEqual(checked.data, sent)) {
    throw new DefectError('ANSWER_OFF_CONTRACT', `${name} ${status} holds members that are not declared`, {
      sent: JSON.stringify(sent),
      declared: JSON.stringify(checked.data),
    });
  }
}
