import type { RoleRecord } from '../../../access/index.ts';
import { type RoleView, roleOperations } from '../../api/index.ts';
import { DONE, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import { requireReach } from '../reach.ts';
import type { Services } from '../services.ts';

/** Roles: what there is, and those that the installation makes for itself. */
export function roleRoutes({ accounts }: Services) {
  return [
    mount(roleOperations.list, async () =>
      ok({ items: (await accounts.roles.list()).map(roleView), nextCursor: null }),
    ),

    mount(roleOperations.put, async ({ parameters: { name }, body, identity, origination }) => {
      requireReach(identity, body.permissions ?? []);
      const before = (await accounts.roles.list()).find((role) => role.name === name);
      if (before !== undefined) requireReach(identity, before.permissions);
      const { about, permissions, requiresSecondFactor: requiresFactor } = body;
      return ok(roleView(await accounts.roles.put(name, { about, permissions, requiresFactor }, origination)));
    }),

    mount(roleOperations.remove, async ({ parameters: { name }, identity, origination }) => {
      const before = (await accounts.roles.list()).find((role) => role.name === name);
      if (before === undefined) throw notFound('ROLE_UNKNOWN', `there is no role ${name}`);
      requireReach(identity, before.permissions);
      await accounts.roles.delete(name, origination);
      return DONE;
    }),
  ];
}

function roleView({ isBuiltIn: builtIn, requiresFactor: requiresSecondFactor, ...role }: RoleRecord): RoleView {
  return { ...role, permissions: [...role.permissions], builtIn, requiresSecondFactor };
}
