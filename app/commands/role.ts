import { InputError, ROLES, type Role } from '../../domain/index.ts';

/** @throws {InputError} ROLE_UNKNOWN */
export function requireRole(given: string | undefined): Role {
  const role = ROLES.find((candidate) => candidate === given);
  if (role !== undefined) return role;
  throw new InputError('ROLE_UNKNOWN', `--role: given "${given ?? ''}", allowed: ${ROLES.join(', ')}`);
}
