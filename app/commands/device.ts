import { DEVICE_ID, InputError } from '../../domain/index.ts';
import { withAccounts } from '../administration.ts';
import { configFor, readOptions, usageError } from './options.ts';

/**
 * `isotherm device create ID`: MQTT credentials of a device or gateway, printed as JSON; the password is shown this
 * once. `device rotate ID` prints a new one and ends the old; `device revoke ID` ends it.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {});
  const [action, id, ...more] = positionals;
  if ((action !== 'create' && action !== 'rotate' && action !== 'revoke') || id === undefined || more.length > 0) {
    throw usageError('device create|rotate|revoke ID');
  }
  if (!DEVICE_ID.test(id)) {
    throw new InputError('DEVICE_ID_BAD', `device id: given "${id}", allowed: 1 to 128 of A-Z a-z 0-9 . _ : -`);
  }
  const config = configFor(values.config);
  if (action === 'revoke') {
    await withAccounts(config, (accounts) => accounts.revokeCredential(id));
    process.stderr.write(`credentials of ${id} revoked\n`);
    return 0;
  }
  const password = await withAccounts(config, (accounts) =>
    action === 'create' ? accounts.createCredential(id) : accounts.rotateCredential(id),
  );
  process.stdout.write(`${JSON.stringify({ id, username: id, password })}\n`);
  return 0;
}
