import { DEVICE_ID, InputError } from '../../domain/index.ts';
import { withAccounts } from '../administration.ts';
import { configFor, readOptions, usageError } from './options.ts';

/** `isotherm device create ID`: MQTT credentials of a device or gateway, printed as JSON; shown this once. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { gateway: { type: 'boolean', default: false } });
  const [action, id, ...more] = positionals;
  if (action !== 'create' || id === undefined || more.length > 0) throw usageError('device create ID [--gateway]');
  if (!DEVICE_ID.test(id)) {
    throw new InputError('DEVICE_ID_BAD', `device id: given "${id}", allowed: 1 to 128 of A-Z a-z 0-9 . _ : -`);
  }
  const kind = values.gateway ? 'gateway' : 'device';
  const password = await withAccounts(configFor(values.config), (accounts) => accounts.createCredential({ id, kind }));
  process.stdout.write(`${JSON.stringify({ id, username: id, password })}\n`);
  return 0;
}
