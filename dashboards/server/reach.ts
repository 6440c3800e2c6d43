import type { Accounts } from '../../access/index.ts';
import { InputError } from '../../domain/index.ts';
import type { Identity } from './identity.ts';
import { Refusal } from './problems.ts';

/**
 * Whoever manages access gives and takes no more than he has himself: else a token that may only manage access would
 * make itself an administrator.
 * @throws {Refusal} 403 PERMISSION_NOT_YOURS
 */
export function requireReach({ permissions }: Identity, asked: Iterable<string>): void {
  const own: ReadonlySet<string> = permissions;
  const beyond = [...asked].filter((permission) => !own.has(permission));
  if (beyond.length === 0) return;
  const message = `you may not do ${beyond.join(', ')} yourself, so you can neither give it nor change who has it; ask an administrator`;
  throw new Refusal(403, 'PERMISSION_NOT_YOURS', message);
}

/**
 * Whether he may give this role, or as much of it as `scope` says.
 * @throws {Refusal} 400 ROLE_UNKNOWN, 403 PERMISSION_NOT_YOURS
 */
export async function requireRole(
  { roles }: Accounts,
  identity: Identity,
  name: string,
  scope?: readonly string[],
): Promise<void> {
  try {
    const { permissions } = await roles.get(name);
    requireReach(identity, scope ?? permissions);
  } catch (error) {
    if (error instanceof InputError && error.code === 'ROLE_UNKNOWN') {
      throw new Refusal(400, 'ROLE_UNKNOWN', error.message, error.details);
    }
    throw error;
  }
}

/** Whether he may touch this account at all. @throws {InputError} USER_UNKNOWN @throws {Refusal} 403 PERMISSION_NOT_YOURS */
export async function requireReachOf({ users, roles }: Accounts, identity: Identity, name: string): Promise<void> {
  const { role } = await users.get(name);
  requireReach(identity, (await roles.get(role)).permissions);
}
