import type { CredentialChange } from '../../access/index.ts';
import { CREDENTIAL_KINDS, DEVICE_ID, InputError } from '../../domain/index.ts';
import { atCommandLine, withAccounts } from '../administration.ts';
import type { Config } from '../config/index.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE =
  'device list | create ID [--kind device|gateway|service] [--speaks-for ID,...] | change ID [--kind KIND] [--speaks-for ID,...] | rotate|revoke ID';
const AT_ONCE = 1_000;

/**
 * `isotherm device create ID`: MQTT credentials of a device, gateway or service, printed as JSON; the password is shown
 * this once. `device rotate ID` prints a new one and ends the old; `device revoke ID` ends it. `device list` prints a JSON
 * line each, without passwords; `device change` says what it is and whom it speaks for.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { kind: { type: 'string' }, 'speaks-for': { type: 'string' } });
  const [action, id, ...more] = positionals;
  const config = configFor(values.config);
  if (action === 'list' && id === undefined) return list(config);
  if (id === undefined || more.length > 0) throw usageError(USAGE);
  if (!DEVICE_ID.test(id)) {
    throw new InputError('DEVICE_ID_BAD', `device id: given "${id}", allowed: 1 to 128 of A-Z a-z 0-9 . _ : -`);
  }
  const change = changeOf(values.kind, values['speaks-for']);
  switch (action) {
    case 'create':
      return shown(
        id,
        await withAccounts(config, ({ credentials }) => credentials.create(id, change, atCommandLine())),
      );
    case 'rotate':
      return shown(id, await withAccounts(config, ({ credentials }) => credentials.rotate(id, atCommandLine())));
    case 'change':
      await withAccounts(config, ({ credentials }) => credentials.change(id, change, atCommandLine()));
      process.stderr.write(`credentials of ${id} changed\n`);
      return 0;
    case 'revoke':
      await withAccounts(config, ({ credentials }) => credentials.revoke(id, atCommandLine()));
      process.stderr.write(`credentials of ${id} revoked\n`);
      return 0;
    default:
      throw usageError(USAGE);
  }
}

async function list(config: Config): Promise<number> {
  await withAccounts(config, async ({ credentials }) => {
    for (let after = ''; ; ) {
      const page = await credentials.list({ after, limit: AT_ONCE });
      for (const { createdAt, rotatedAt, lastSeenAt, ...credential } of page) {
        const times = { createdAt: iso(createdAt), rotatedAt: iso(rotatedAt), lastSeenAt: iso(lastSeenAt) };
        process.stdout.write(`${JSON.stringify({ ...credential, ...times })}\n`);
      }
      after = page.at(-1)?.id ?? after;
      if (page.length < AT_ONCE) return;
    }
  });
  return 0;
}

function shown(id: string, password: string): number {
  process.stdout.write(`${JSON.stringify({ id, username: id, password })}\n`);
  return 0;
}

/** @throws {InputError} CREDENTIAL_KIND_UNKNOWN */
function changeOf(kind: string | undefined, speaksFor: string | undefined): CredentialChange {
  const known = CREDENTIAL_KINDS.find((one) => one === kind);
  if (kind !== undefined && known === undefined) {
    throw new InputError('CREDENTIAL_KIND_UNKNOWN', `--kind: given "${kind}", allowed: ${CREDENTIAL_KINDS.join(', ')}`);
  }
  const sources = speaksFor?.split(',').filter((source) => source !== '');
  return {
    ...(known === undefined ? {} : { kind: known }),
    ...(sources === undefined ? {} : { speaksFor: sources }),
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
