import type { ApiToken, Credential, UserRecord } from '../../../access/index.ts';
import { InputError, type Sites } from '../../../domain/index.ts';
import { afterOf, pageOf } from '../../../storage/index.ts';
import {
  type CredentialView,
  credentialOperations,
  formatTime,
  type TokenView,
  tokenOperations,
  type UserView,
  userOperations,
} from '../../api/index.ts';
import { created, DONE, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { pageById } from '../paging.ts';
import { notFound } from '../problems.ts';
import { requireReachOf, requireRole } from '../reach.ts';
import type { Services } from '../services.ts';

/** Users, API tokens and credentials, for whoever manages access. A secret is shown once, to whoever made it. */
export function accessRoutes({ mode, accounts }: Services) {
  return [
    mount(userOperations.list, async ({ query }) => {
      const { items, nextCursor } = pageById(await accounts.users.list(), (user) => user.name, query);
      return ok({ items: items.map(userView), nextCursor });
    }),

    mount(userOperations.create, async ({ body, identity, origination }) => {
      await requireRole(accounts, identity, body.role);
      await accounts.users.create(body, origination);
      return created(userView(await accounts.users.get(body.name)), `/api/v1/users/${body.name}`);
    }),

    mount(userOperations.change, async ({ parameters: { name }, body, identity, origination }) => {
      const { disabled, ...change } = body;
      await known(requireReachOf(accounts, identity, name));
      if (change.role !== undefined) await requireRole(accounts, identity, change.role);
      const changed = accounts.users.change(name, { ...change, isDisabled: disabled }, origination);
      return ok(userView(await known(changed)));
    }),

    mount(userOperations.resetFactor, async ({ parameters: { name }, identity, origination }) => {
      await known(requireReachOf(accounts, identity, name));
      await accounts.factors.reset(name, origination);
      return DONE;
    }),

    mount(userOperations.remove, async ({ parameters: { name }, identity, origination }) => {
      await known(requireReachOf(accounts, identity, name));
      await known(accounts.users.delete(name, origination));
      return DONE;
    }),

    mount(tokenOperations.list, async ({ query }) => {
      const { items, nextCursor } = pageById(await accounts.tokens.list(), (token) => token.name, query);
      return ok({ items: items.map(tokenView), nextCursor });
    }),

    mount(tokenOperations.create, async ({ body, identity, origination }) => {
      const { name, role, scope, sites, expires: lifetimeMs } = body;
      await requireRole(accounts, identity, role, scope);
      const token = await accounts.tokens.create({ name, role, scope, sites, lifetimeMs }, origination);
      return created({ ...tokenView(await accounts.tokens.get(name)), token });
    }),

    mount(tokenOperations.revoke, async ({ identity, parameters: { name }, origination }) => {
      const { role, scope } = await known(accounts.tokens.get(name));
      await requireRole(accounts, identity, role, scope ?? undefined);
      await known(accounts.tokens.revoke(name, origination));
      return DONE;
    }),

    mount(credentialOperations.door, async () => {
      const ports = mode.mqttPorts?.();
      return ok({ port: ports?.mqtt ?? null, tlsPort: ports?.tls ?? null });
    }),

    mount(credentialOperations.list, async ({ query }) => {
      const [after = ''] = afterOf(query, ['text']) ?? [];
      const rows = await accounts.credentials.list({ after, limit: query.limit + 1 });
      const { items, nextCursor } = pageOf(rows, query.limit, ({ id }) => [id]);
      return ok({ items: items.map(credentialView), nextCursor });
    }),

    mount(credentialOperations.create, async ({ body: { id, ...what }, origination }) => {
      const password = await accounts.credentials.create(id, what, origination);
      return created({ id, username: id, password });
    }),

    mount(credentialOperations.change, async ({ parameters: { id }, body, origination }) => {
      return ok(credentialView(await known(accounts.credentials.change(id, body, origination))));
    }),

    mount(credentialOperations.rotate, async ({ parameters: { id }, origination }) => {
      const password = await known(accounts.credentials.rotate(id, origination));
      return ok({ id, username: id, password });
    }),

    mount(credentialOperations.confirm, async ({ parameters: { id }, body: { sources }, origination }) => {
      return ok(credentialView(await known(accounts.credentials.decide(id, sources, 'confirm', origination))));
    }),

    mount(credentialOperations.refuse, async ({ parameters: { id }, body: { sources }, origination }) => {
      return ok(credentialView(await known(accounts.credentials.decide(id, sources, 'refuse', origination))));
    }),

    mount(credentialOperations.revoke, async ({ parameters: { id }, origination }) => {
      await known(accounts.credentials.revoke(id, origination));
      return DONE;
    }),
  ];
}

const UNKNOWN: ReadonlySet<string> = new Set(['USER_UNKNOWN', 'TOKEN_UNKNOWN', 'CREDENTIAL_UNKNOWN']);

/** What the path names and is not there is 404. */
async function known<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof InputError && UNKNOWN.has(error.code)) throw notFound(error.code, error.message);
    throw error;
  }
}

function userView({ name, role, sites, isDisabled, hasFactor, createdAt }: UserRecord): UserView {
  const state = { disabled: isDisabled, secondFactor: hasFactor };
  return { name, role, sites: sitesView(sites), ...state, createdAt: formatTime(createdAt) };
}

/** As lists show one. */
export function tokenView({ createdAt, expiresAt, lastUsedAt, scope, ...token }: ApiToken): TokenView {
  return {
    ...token,
    scope: scope === null ? null : [...scope],
    sites: sitesView(token.sites),
    createdAt: formatTime(createdAt),
    expiresAt: formatTime(expiresAt),
    lastUsedAt: formatTime(lastUsedAt),
  };
}

function sitesView(sites: Sites): 'all' | string[] {
  return sites === 'all' ? sites : [...sites];
}

function credentialView({ createdAt, rotatedAt, lastSeenAt, ...credential }: Credential): CredentialView {
  return {
    ...{ ...credential, speaksFor: [...credential.speaksFor], waiting: [...credential.waiting] },
    createdAt: formatTime(createdAt),
    rotatedAt: formatTime(rotatedAt),
    lastSeenAt: formatTime(lastSeenAt),
  };
}
