import { withAccounts } from '../administration.ts';
import { configFor, readOptions, usageError } from './options.ts';
import { requireRole } from './role.ts';

/** `isotherm token create NAME --role ROLE`: prints the token alone; it is shown this once. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { role: { type: 'string' } });
  const [action, name, ...more] = positionals;
  if (action !== 'create' || name === undefined || more.length > 0) throw usageError('token create NAME --role ROLE');
  const role = requireRole(values.role);
  const token = await withAccounts(configFor(values.config), (accounts) => accounts.createToken({ name, role }));
  process.stdout.write(`${token}\n`);
  return 0;
}
