import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response } from 'express';
import type { Accounts, Grant } from '../../access/index.ts';
import {
  type Actor,
  can,
  needsAllSites,
  type Origination,
  type Permission,
  type Principal,
  permissionsAt,
  rolesWith,
} from '../../domain/index.ts';
import type { Operation } from '../api/index.ts';
import { Refusal } from './problems.ts';

export const SESSION_COOKIE = 'isotherm_session';
/** Holds the token of a screen that hangs at a door. */
export const SCREEN_COOKIE = 'isotherm_screen';

/** Who asks. */
export interface Identity extends Principal {
  readonly name: string;
  /** A token that may less than its role. */
  readonly isNarrowed: boolean;
  /** The role asks for a second factor that was not shown: a person may set one up, and nothing else. */
  readonly lacksFactor: boolean;
  /** The portal whose screen asks: it sees and does what belongs to that door alone. null: no screen. */
  readonly door: string | null;
  /** The partner whose token it is: it asks what concerns that partner alone. null: of none. */
  readonly partner: string | null;
  /** As the audit trail names who asks. */
  readonly actor: Actor;
  /** The person; null for a token. */
  readonly userId: number | null;
  /** By which session; null for a token. */
  readonly session: number | null;
  /** Epoch ms UTC; null for a token that never ends. */
  readonly expiresAt: number | null;
  /** What this rests on: when any of it is taken away, what is open ends. */
  readonly grants: readonly Grant[];
}

/** By the session cookie or a bearer token; null where there is neither or it holds no more. */
export async function identify(headers: IncomingHttpHeaders, accounts: Accounts): Promise<Identity | null> {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return tokenIdentity(bearer, accounts);
  const secret = cookieIn(headers, SESSION_COOKIE);
  const person = secret === null ? null : await personIdentity(secret, accounts);
  if (person !== null) return person;
  const screen = cookieIn(headers, SCREEN_COOKIE);
  return screen === null ? null : tokenIdentity(screen, accounts);
}

async function tokenIdentity(token: string, accounts: Accounts): Promise<Identity | null> {
  const holder = await accounts.tokens.verify(token);
  if (holder === null) return null;
  const { id, name, role, scope, sites, door, partner, expiresAt } = holder;
  const actor: Actor = { id: `token:${id}`, name, kind: 'token' };
  const permissions = permissionsAt(holder.permissions, sites);
  const grants = [`token:${id}`, `role:${role}`] as const;
  const isNarrowed = scope !== null;
  const lacksFactor = false;
  return {
    name,
    role,
    permissions,
    isNarrowed,
    lacksFactor,
    sites,
    door,
    partner,
    actor,
    userId: null,
    session: null,
    expiresAt,
    grants,
  };
}

async function personIdentity(secret: string, accounts: Accounts): Promise<Identity | null> {
  const session = await accounts.sessions.find(secret);
  if (session === null) return null;
  const { id, user, sites, expiresAt } = session;
  const { name, role } = user;
  const actor: Actor = { id: `user:${user.id}`, name, kind: 'user' };
  const grants = [`user:${user.id}`, `session:${id}`, `role:${role}`] as const;
  const { lacksFactor } = session;
  const permissions = lacksFactor ? new Set<never>() : permissionsAt(session.permissions, sites);
  return {
    name,
    role,
    permissions,
    isNarrowed: false,
    lacksFactor,
    sites,
    door: null,
    partner: null,
    actor,
    userId: user.id,
    session: id,
    expiresAt,
    grants,
  };
}

function cookieIn(headers: IncomingHttpHeaders, cookie: string): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === cookie && value !== undefined && value !== '') return value;
  }
  return null;
}

/**
 * Lets in who may; null only where anyone may and nobody is signed in. What does not say that it answers by site is for
 * who sees every site, so that an operation nobody thought of shows nothing.
 * @throws {Refusal} 401 SIGNED_OUT, 403 DOOR_ONLY, PARTNER_ONLY, ROLE_NOT_ALLOWED, NEEDS_ALL_SITES, SECOND_FACTOR_REQUIRED
 */
export async function admit(
  accounts: Accounts,
  { permission, bySite, byDoor, byPartner }: Pick<Operation, 'permission' | 'bySite' | 'byDoor' | 'byPartner'>,
  request: Pick<Request, 'headers'>,
): Promise<Identity | null> {
  if (permission === 'sender') return null;
  const identity = await identify(request.headers, accounts);
  if (permission === 'anyone') return identity;
  if (identity === null) throw new Refusal(401, 'SIGNED_OUT', 'sign in, or send a bearer token');
  if (identity.door !== null && byDoor === undefined) throw ofAnotherDoor(identity);
  if (identity.partner !== null && byPartner !== true) throw ofAnotherPartner(identity);
  if (permission === 'signed in') return identity;
  if (identity.lacksFactor) throw new Refusal(403, 'SECOND_FACTOR_REQUIRED', lacksFactor(identity));
  if (identity.sites !== 'all' && (bySite !== true || needsAllSites(permission))) {
    throw new Refusal(
      403,
      'NEEDS_ALL_SITES',
      `this concerns every site, and you see ${identity.sites.join(', ')}; ask somebody who sees all`,
    );
  }
  if (!can(identity, permission)) throw notAllowed(identity, permission);
  return identity;
}

/** What the screen of a door may not ask. */
export function ofAnotherDoor({ name, door }: Identity): Refusal {
  return new Refusal(
    403,
    'DOOR_ONLY',
    `${name} is the screen of door ${door}: it sees and settles what goes through that door`,
  );
}

/** What the token of a partner may not ask. */
export function ofAnotherPartner({ name, partner }: Identity): Refusal {
  return new Refusal(403, 'PARTNER_ONLY', `${name} is the token of ${partner}: it asks what concerns ${partner} alone`);
}

function lacksFactor({ role }: Identity): string {
  return `the role ${role} asks for a second factor; set one up on your account page first`;
}

function notAllowed({ name, role, isNarrowed }: Identity, permission: Permission): Refusal {
  const allowed = rolesWith(permission).join(', ');
  const who = isNarrowed ? `the token ${name}, narrowed to some of the role ${role},` : `the role ${role}`;
  const message = `${who} may not do this; allowed: ${allowed}, and roles made with ${permission}`;
  return new Refusal(403, 'ROLE_NOT_ALLOWED', message);
}

/**
 * What an operation needs beside its own permission.
 * @throws {Refusal} 403 ROLE_NOT_ALLOWED
 */
export function requireAlso(identity: Identity, permission: Permission): void {
  if (!can(identity, permission)) throw notAllowed(identity, permission);
}

/** For the answer to whoever signs out, or sets an own password. */
const GRACE_MS = 1_500;

/** An answer that is long in coming does not outlive the right to it. */
export function endWithAccess(accounts: Accounts, { grants }: Identity, request: Request, response: Response): void {
  const letGo = accounts.revocations.hold(grants, () => request.socket.destroy(), GRACE_MS);
  response.once('close', letGo);
}

/** Who decided, and from where, for the audit trail. */
export function originationOf({ actor }: Identity, request: Request): Origination {
  return { actor, origin: { via: 'http', address: addressOf(request) } };
}

/** The network address that a request came from, behind the proxies that are trusted. */
export function addressOf(request: Request): string | null {
  return request.ip?.replace(/^::ffff:(?=[\d.]+$)/, '') ?? null;
}

/**
 * Keeps other sites from acting with a browser's cookie: a request that changes something comes from this very origin
 * or from no page at all. SameSite=Lax stands before this, and a form cannot send the media types that are taken.
 * @throws {Refusal} 403 ORIGIN_NOT_ALLOWED
 */
export function requireSameOrigin({ method, headers }: Request): void {
  if (method === 'GET' || method === 'HEAD' || isSameOrigin(headers)) return;
  const allowed = `pages of ${headers.host ?? 'this server'} itself`;
  const message = `a page of ${headers.origin ?? 'another site'} may not send requests here; allowed: ${allowed}`;
  throw new Refusal(403, 'ORIGIN_NOT_ALLOWED', message);
}

/**
 * Whether a request comes from a page of this server, or from no page. A browser says it itself (Fetch Metadata,
 * `Sec-Fetch-Site`), which also holds behind a proxy that writes another Host; where it does not, Origin says it.
 */
export function isSameOrigin({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return origin === undefined || hostOf(origin) === host;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
