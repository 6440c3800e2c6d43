import type { RequestHandler } from 'express';
import type { Accounts } from '../../access/index.ts';
import { Refusal } from './problems.ts';

/** What set-up itself asks for. */
const SET_UP = new Set(['GET /api/v1/sign-in', 'POST /api/v1/setup/admin']);
/** Places of machines: none of them is answered with the page. */
const MACHINES = /^\/(api|epcis|metrics|openapi\.json|ledger|mcp|mqtt|socket\.io)(\/|$)/;

/**
 * While no user exists, other machines are answered with nothing but the set-up page, which does nothing without the
 * one-time code.
 */
export class SetUpGate {
  readonly #accounts: Accounts;
  readonly #isReachable: boolean;

  /** @param isReachable whether other machines reach the web server */
  constructor(accounts: Accounts, isReachable: boolean) {
    this.#accounts = accounts;
    this.#isReachable = isReachable;
  }

  async isClosed(): Promise<boolean> {
    return this.#isReachable && (await this.#accounts.firstAdmin.isAwaited());
  }

  /** Everything that stands behind it is reached when it is open. @param page what answers with the page's files */
  guard(page: RequestHandler): RequestHandler {
    return async (request, response, next) => {
      if (!(await this.isClosed()) || SET_UP.has(`${request.method} ${request.path}`)) next();
      else if (MACHINES.test(request.path) || !['GET', 'HEAD'].includes(request.method)) throw setUpFirst();
      else await page(request, response, next);
    };
  }
}

function setUpFirst(): Refusal {
  const message =
    'there is no user yet: open this address in a browser, with the one-time code that the terminal shows';
  return new Refusal(403, 'SETUP_FIRST', message);
}
