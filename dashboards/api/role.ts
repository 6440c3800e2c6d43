import { z } from 'zod';
import { PERMISSIONS } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named } from './schema.ts';

/** The name of a role, built in or the installation's own. */
export const roleName = line(64).min(1);
export const permissionName = z.enum(
  PERMISSIONS as readonly [(typeof PERMISSIONS)[number], ...(typeof PERMISSIONS)[number][]],
);

export const roleView = z
  .object({
    name: z.string(),
    about: z.string().nullable(),
    builtIn: z.boolean().describe('Only whether it asks for a second factor can be changed'),
    permissions: z.array(z.string()),
    requiresSecondFactor: z.boolean(),
    users: z.number().int(),
    tokens: z.number().int(),
  })
  .register(named, { id: 'Role' });
export type RoleView = z.output<typeof roleView>;
export const roleList = listOf(roleView).register(named, { id: 'RoleList' });

export const roleInput = z
  .strictObject({
    about: line(200).nullable().optional(),
    permissions: z.array(permissionName).max(200).optional().describe('All of them; of a new role at least one'),
    requiresSecondFactor: z.boolean().optional().describe('Whether who has it must sign in with a second factor'),
  })
  .describe('What is to be; the rest stays');

/** What somebody is here for: the built-in roles, and sets of permissions with a name. */
export const roleOperations = {
  list: {
    method: 'get',
    path: '/roles',
    summary: 'Roles, what each may, and how many have it',
    permission: 'access.manage',
    answers: { 200: roleList },
  },
  put: {
    method: 'put',
    path: '/roles/:name',
    summary: 'Make a role of permissions that one has, or change it; who has it is held to it within five seconds',
    permission: 'access.manage',
    body: roleInput,
    answers: { 200: roleView },
  },
  remove: {
    method: 'delete',
    path: '/roles/:name',
    summary: 'Delete a role that nobody has',
    permission: 'access.manage',
    answers: { 204: null },
  },
} as const satisfies Operations;
