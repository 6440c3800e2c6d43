import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request } from 'express';
import type { Accounts } from '../../access/index.ts';
import { type Actor, can, type Origination, type Principal, type Role, rolesWith } from '../../domain/index.ts';
import type { Operation } from '../api/index.ts';
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

/**
 * Lets in who may; null only where anyone may and nobody is signed in.
 * @throws {Refusal} 401 SIGNED_OUT, 403 ROLE_NOT_ALLOWED
 */
export async function admit(
  accounts: Accounts,
  permission: Operation['permission'],
  request: Request,
): Promise<Identity | null> {
  const identity = await identify(request.headers, accounts);
  if (permission === 'anyone') return identity;
  if (identity === null) throw new Refusal(401, 'SIGNED_OUT', 'sign in, or send a bearer token');
  if (permission !== 'signed in' && !can(identity, permission)) {
    const allowed = rolesWith(permission).join(', ');
    throw new Refusal(403, 'ROLE_NOT_ALLOWED', `the role ${identity.role} may not do this; allowed: ${allowed}`);
  }
  return identity;
}

/** Who decided, and from where, for the audit trail. */
export function originationOf({ actor }: Identity, request: Request): Origination {
  return { actor, origin: { via: 'http', address: request.ip ?? null } };
}

/**
 * Keeps other sites from acting with a browser's cookie: a request that changes something comes from this very origin
 * or from no page at all. SameSite=Lax stands before this, and a form cannot send the media types that are taken.
 * @throws {Refusal} 403 ORIGIN_NOT_ALLOWED
 */
export function requireSameOrigin({ method, headers }: Request): void {
  if (method === 'GET' || method === 'HEAD' || isSameOrigin(headers)) return;
  throw new Refusal(403, 'ORIGIN_NOT_ALLOWED', `requests from ${headers.origin} are not taken`);
}

/** Whether a socket's handshake comes from a page of this server, or from no page. */
export function isSameOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return origin === undefined || hostOf(origin) === host;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
