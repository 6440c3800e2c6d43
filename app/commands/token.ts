import { DURATION_FORM, InputError, parseDuration } from '../../domain/index.ts';
import { atCommandLine, withAccounts } from '../administration.ts';
import { requireRole } from '../role-name.ts';
import { configFor, readOptions, usageError } from './options.ts';
import { permissionsIn } from './role.ts';
import { sitesFrom } from './sites.ts';

const USAGE =
  'token list | create NAME --role ROLE [--scope PERMISSION,...] [--sites SITE,SITE] [--expires 90d] | revoke NAME';

/**
 * `isotherm token create NAME --role ROLE` prints the token alone; it is shown this once. With `--scope` it may only those
 * things of its role. `token list` prints a JSON line
 * each, without it; `token revoke NAME` ends it.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    role: { type: 'string' },
    scope: { type: 'string' },
    sites: { type: 'string' },
    expires: { type: 'string' },
  });
  const [action, name, ...more] = positionals;
  const config = configFor(values.config);
  if (action === 'list' && name === undefined) {
    const tokens = await withAccounts(config, (accounts) => accounts.tokens.list());
    for (const { createdAt, expiresAt, lastUsedAt, ...token } of tokens) {
      const times = { createdAt: iso(createdAt), expiresAt: iso(expiresAt), lastUsedAt: iso(lastUsedAt) };
      process.stdout.write(`${JSON.stringify({ ...token, ...times })}\n`);
    }
    return 0;
  }
  if (name === undefined || more.length > 0) throw usageError(USAGE);
  switch (action) {
    case 'create': {
      const lifetimeMs = lifetimeOf(values.expires);
      const scope = values.scope === undefined ? undefined : permissionsIn(values.scope, '--scope');
      const sites = sitesFrom(values.sites);
      const wanted = { name, role: await requireRole(config, values.role), scope, sites, lifetimeMs };
      const token = await withAccounts(config, ({ tokens }) => tokens.create(wanted, atCommandLine()));
      process.stdout.write(`${token}\n`);
      return 0;
    }
    case 'revoke':
      await withAccounts(config, ({ tokens }) => tokens.revoke(name, atCommandLine()));
      process.stderr.write(`token ${name} revoked\n`);
      return 0;
    default:
      throw usageError(USAGE);
  }
}

/** @throws {InputError} EXPIRES_BAD */
function lifetimeOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const ms = parseDuration(given);
  if (ms !== null && ms >= 1_000) return ms;
  throw new InputError('EXPIRES_BAD', `--expires: given "${given}", allowed: ${DURATION_FORM}, at least 1s`);
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
