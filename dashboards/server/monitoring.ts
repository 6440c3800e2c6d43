import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Accounts } from '../../access/index.ts';
import { identify } from './identity.ts';
import { Refusal } from './problems.ts';

/** Who may see how the installation is doing: everybody, or, once a token is set, who shows it or is signed in. */
export class Monitoring {
  readonly #accounts: Accounts;
  readonly #token: string | null;

  constructor(accounts: Accounts, token: string | null) {
    this.#accounts = accounts;
    this.#token = token;
  }

  async mayAsk({ headers }: Request): Promise<boolean> {
    if (this.#token === null) return true;
    const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(sha256(given), sha256(this.#token))) return true;
    // While the database is away nobody can be known, and readiness is asked for all the more.
    return identify(headers, this.#accounts).then(
      // A partner is no one of ours: what is said of the whole installation is not its business.
      (identity) => identity !== null && identity.partner === null,
      () => false,
    );
  }

  /** @throws {Refusal} 401 MONITOR_TOKEN_NEEDED */
  readonly required: RequestHandler = async (request, _response, next) => {
    if (await this.mayAsk(request)) next();
    else throw new Refusal(401, 'MONITOR_TOKEN_NEEDED', 'send the http.monitorToken as a bearer token, or sign in');
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
