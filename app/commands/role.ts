import { ConflictError, InputError, PERMISSIONS, type Permission } from '../../domain/index.ts';
import { atCommandLine, withAccounts } from '../administration.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE =
  'role list | create NAME --permissions PERMISSION,... [--about TEXT] [--second-factor] | change NAME [--permissions PERMISSION,...] [--about TEXT] [--second-factor|--no-second-factor] | delete NAME';

/**
 * `isotherm role ...`: what somebody is here for. The built-in roles stay as they are, but for whether they ask for a
 * second factor. `list` prints a JSON line each.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    permissions: { type: 'string' },
    about: { type: 'string' },
    'second-factor': { type: 'boolean' },
    'no-second-factor': { type: 'boolean' },
  });
  const [action, name, ...more] = positionals;
  const config = configFor(values.config);
  if (action === 'list' && name === undefined) {
    const roles = await withAccounts(config, (accounts) => accounts.roles.list());
    for (const { isBuiltIn: builtIn, requiresFactor: requiresSecondFactor, ...role } of roles) {
      process.stdout.write(`${JSON.stringify({ ...role, builtIn, requiresSecondFactor })}\n`);
    }
    return 0;
  }
  if (name === undefined || more.length > 0) throw usageError(USAGE);
  const permissions = values.permissions === undefined ? undefined : permissionsIn(values.permissions, '--permissions');
  const requiresFactor = values['no-second-factor'] ? false : values['second-factor'];
  const change = { about: values.about, permissions, requiresFactor };
  switch (action) {
    case 'create':
    case 'change':
      await withAccounts(config, async ({ roles }) => {
        const isThere = (await roles.list()).some((role) => role.name === name);
        if (isThere && action === 'create') {
          throw new ConflictError('ROLE_EXISTS', `there is a role ${name} already; role change changes it`, { name });
        }
        if (!isThere && action === 'change') await roles.get(name);
        await roles.put(name, change, atCommandLine());
      });
      process.stderr.write(`role ${name} ${action}d\n`);
      return 0;
    case 'delete':
      await withAccounts(config, ({ roles }) => roles.delete(name, atCommandLine()));
      process.stderr.write(`role ${name} deleted\n`);
      return 0;
    default:
      throw usageError(USAGE);
  }
}

/**
 * `a,b` as permissions.
 * @throws {InputError} PERMISSION_UNKNOWN
 */
export function permissionsIn(text: string, option: string): Permission[] {
  return text.split(',').map((given) => {
    const permission = PERMISSIONS.find((one) => one === given.trim());
    if (permission !== undefined) return permission;
    const message = `${option}: given "${given.trim()}", allowed: ${PERMISSIONS.join(', ')}`;
    throw new InputError('PERMISSION_UNKNOWN', message);
  });
}
