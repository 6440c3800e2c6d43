import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { Accounts } from '../../access/index.ts';
import {
  type Actor,
  can,
  type Origination,
  type Permission,
  type Principal,
  type Role,
  rolesWith,
} from '../../domain/index.ts';
import { Refusal } from './problems.ts';

export const SESSION_COOKIE = 'isotherm_session';

/** Who asks. */
export interface Identity extends Principal {
  readonly name: string;
  readonly role: Role;
  /** As the audit trail names who asks. */
  readonly actor: Actor;
  /** By which session, as a hash; null for a token. */
  readonly session: string | null;
  /** Epoch ms UTC; null for a token. */
  readonly expiresAt: number | null;
}

/** By the session cookie or a bearer token; null where there is neither or it holds no more. */
export async function identify(headers: IncomingHttpHeaders, accounts: Accounts): Promise<Identity | null> {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) {
    const holder = await accounts.verifyToken(bearer);
    if (holder === null) return null;
    const { id, name, role } = holder;
    return {
      name,
      role,
      sites: 'all',
      actor: { id: `token:${id}`, name, kind: 'token' },
      session: null,
      expiresAt: null,
    };
  }
  const secret = sessionSecret(headers);
  if (secret === null) return null;
  const session = await accounts.session(secret);
  if (session === null) return null;
  const { user, expiresAt } = session;
  const { id, name, role } = user;
  const actor: Actor = { id: `user:${id}`, name, kind: 'user' };
  return { name, role, sites: 'all', actor, session: hashOf(secret), expiresAt };
}

export function sessionSecret(headers: IncomingHttpHeaders): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === SESSION_COOKIE && value !== undefined && value !== '') return value;
  }
  return null;
}

/** Names a session without being able to open it. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

const identities = new WeakMap<Request, Identity>();

/** Lets only these in; `identityOf` then says who. */
export function allow(accounts: Accounts, permission: Permission | 'signed in'): RequestHandler {
  return async (request, _response, next) => {
    const identity = await identify(request.headers, accounts);
    if (identity === null) throw new Refusal(401, 'SIGNED_OUT', 'sign in, or send a bearer token');
    if (permission !== 'signed in' && !can(identity, permission)) {
      const allowed = rolesWith(permission).join(', ');
      throw new Refusal(403, 'ROLE_NOT_ALLOWED', `the role ${identity.role} may not do this; allowed: ${allowed}`);
    }
    identities.set(request, identity);
    next();
  };
}

export function identityOf(request: Request): Identity {
  const identity = identities.get(request);
  if (identity === undefined) throw new Refusal(401, 'SIGNED_OUT', 'sign in, or send a bearer token');
  return identity;
}

/** Who decided, and from where, for the audit trail: of a request that was let in. */
export function originationOf(request: Request): Origination {
  return { actor: identityOf(request).actor, origin: { via: 'http', address: request.ip ?? null } };
}

/**
 * Keeps other sites from acting with a browser's cookie: a request that changes something comes from this very origin
 * (or from no page at all) and carries JSON, which a form cannot send. SameSite=Lax stands before this.
 */
export const sameOrigin: RequestHandler = (request, _response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') {
    next();
    return;
  }
  const { origin, host } = request.headers;
  if (origin !== undefined && hostOf(origin) !== host) {
    throw new Refusal(403, 'ORIGIN_NOT_ALLOWED', `requests from ${origin} are not taken`);
  }
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (hasBody && !request.is(['application/json', 'application/yaml', 'text/csv'])) {
    throw new Refusal(415, 'BODY_NOT_JSON', 'Content-Type: expected application/json');
  }
  next();
};

/** Whether a socket's handshake comes from a page of this server, or from no page. */
export function isSameOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return origin === undefined || hostOf(origin) === host;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
