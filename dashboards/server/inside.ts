import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Accounts } from '../../access/index.ts';
import { DefectError, type SeenFrom, type Sites, UNKEYED } from '../../domain/index.ts';
import type { Operation } from '../api/index.ts';
import { SENT } from './answer.ts';
import { admit, originationOf } from './identity.ts';
import type { Mounted } from './mount.ts';
import { parsed } from './problems.ts';

/** Asks another operation for who sent the request, as that operation's own door would answer them. */
export type AskInside = <O extends Operation>(
  operation: O,
  given?: {
    readonly parameters?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, unknown>>;
  },
) => Promise<z.output<Extract<O['answers'][200], z.ZodType>>>;

interface InsideOptions {
  readonly accounts: Accounts;
  readonly placesOf: (sites: Sites) => Promise<SeenFrom>;
}

/** For whoever sent the request. */
export type InsideFor = (request: Request, response: Response) => AskInside;

/**
 * The operations that read, for whoever answers a question out of several of them. Each is under the right of who asks:
 * what their role or sites do not show is refused here as it is outside.
 */
export function insideOf({ accounts, placesOf }: InsideOptions, mounted: readonly Mounted[]): InsideFor {
  const byOperation = new Map(mounted.map((one) => [one.operation, one.handler]));
  return (request, response) =>
    async (operation, { parameters = {}, query = {} } = {}) => {
      const handler = operation.method === 'get' ? byOperation.get(operation) : undefined;
      if (handler === undefined) throw new DefectError('OPERATION_UNKNOWN', `${operation.path} is not read inside`);
      const identity = await admit(accounts, operation, request);
      const origination = identity === null ? null : originationOf(identity, request);
      const reply = await handler({
        ...{ identity, origination, parameters, request, response },
        seenFrom: identity === null ? [] : await placesOf(identity.sites),
        query: operation.query === undefined ? undefined : parsed(operation.query, query, 'QUERY_INVALID'),
        body: undefined,
        act: UNKEYED,
        received: { source: identity?.name ?? '', origination, door: operation.path, payload: Buffer.alloc(0) },
      });
      if (reply === SENT) throw new DefectError('OPERATION_UNKNOWN', `${operation.path} writes its answer itself`);
      // The types of one operation are gone in Mounted; `mount` held the handler to them.
      return reply.body as never;
    };
}
