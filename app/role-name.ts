import { InputError, ROLES } from '../domain/index.ts';
import { withAccounts } from './administration.ts';
import type { Config } from './config/index.ts';

/**
 * A role that there is. The built-in ones are known without the database, so that a slip is told before a password is
 * asked for.
 * @throws {InputError} ROLE_UNKNOWN
 */
export async function requireRole(config: Config, given: string | undefined): Promise<string> {
  if (given !== undefined && ROLES.some((role) => role === given)) return given;
  const own = given === undefined || !/^[\w.@-]+$/.test(given) ? null : await withAccounts(config, namesOfRoles);
  if (given !== undefined && own?.includes(given)) return given;
  const allowed = (own ?? ROLES).join(', ');
  throw new InputError('ROLE_UNKNOWN', `--role: given "${given ?? ''}", allowed: ${allowed}`);
}

async function namesOfRoles({ roles }: Parameters<Parameters<typeof withAccounts>[1]>[0]): Promise<string[]> {
  return (await roles.list()).map(({ name }) => name);
}
