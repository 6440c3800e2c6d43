import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ConflictError, InputError, type Sites } from '../../domain/index.ts';
import { atCommandLine, withAccounts } from '../administration.ts';
import type { Config } from '../config/index.ts';
import { requireRole } from '../role-name.ts';
import { configFor, readOptions, usageError } from './options.ts';
import { sitesFrom } from './sites.ts';

const USAGE =
  'user list | create NAME --role ROLE [--sites SITE,SITE] [--password-stdin] [--if-absent] | role NAME ROLE | sites NAME all|SITE,SITE | password NAME [--password-stdin] | rename NAME NEW | disable|enable|reset-factor|readmit|delete NAME';

/**
 * `isotherm user ...`: people who may sign in. A password is asked for, or read from stdin. With `--if-absent` a user of
 * that name is left as it is, so that a first start can be written down and repeated. `list` prints a JSON line each.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    role: { type: 'string' },
    sites: { type: 'string' },
    'password-stdin': { type: 'boolean', default: false },
    'if-absent': { type: 'boolean', default: false },
  });
  const [action, name, ...more] = positionals;
  const config = configFor(values.config);
  if (action === 'list') {
    if (name !== undefined) throw usageError(USAGE);
    return list(config);
  }
  const [second] = more;
  const isTwo =
    action === 'rename' ||
    (action === 'role' && values.role === undefined) ||
    (action === 'sites' && values.sites === undefined);
  if (name === undefined || more.length !== (isTwo ? 1 : 0)) throw usageError(USAGE);
  const password = () => (values['password-stdin'] ? passwordFromStdin() : askPassword());
  switch (action) {
    case 'create':
      return create(config, {
        name,
        role: values.role,
        sites: sitesFrom(values.sites),
        password,
        isAbsent: values['if-absent'],
      });
    case 'role': {
      const role = await requireRole(config, values.role ?? second);
      await withAccounts(config, ({ users }) => users.change(name, { role }, atCommandLine()));
      return said(`user ${name} has the role ${role}`);
    }
    case 'sites': {
      const sites = sitesFrom(values.sites ?? second);
      const { sites: now } = await withAccounts(config, ({ users }) => users.change(name, { sites }, atCommandLine()));
      return said(`user ${name} sees ${now === 'all' ? 'every site' : now.join(', ')}`);
    }
    case 'password': {
      const given = await password();
      await withAccounts(config, ({ users }) => users.change(name, { password: given }, atCommandLine()));
      return said(`user ${name} has a new password, and is signed out everywhere`);
    }
    case 'rename': {
      await withAccounts(config, ({ users }) => users.change(name, { name: second }, atCommandLine()));
      return said(`user ${name} is called ${second}`);
    }
    case 'disable':
    case 'enable': {
      const isDisabled = action === 'disable';
      await withAccounts(config, ({ users }) => users.change(name, { isDisabled }, atCommandLine()));
      return said(isDisabled ? `user ${name} may not sign in any more` : `user ${name} may sign in again`);
    }
    case 'reset-factor': {
      await withAccounts(config, ({ factors }) => factors.reset(name, atCommandLine()));
      return said(`user ${name} has no second factor any more, and is signed out everywhere`);
    }
    case 'readmit': {
      await withAccounts(config, ({ providers }) => providers.readmit(name, atCommandLine()));
      return said(`the provider may let ${name} in again, as a new user`);
    }
    case 'delete': {
      await withAccounts(config, ({ users }) => users.delete(name, atCommandLine()));
      return said(`user ${name} deleted`);
    }
    default:
      throw usageError(USAGE);
  }
}

async function list(config: Config): Promise<number> {
  const users = await withAccounts(config, (accounts) => accounts.users.list());
  for (const { name, role, sites, isDisabled, createdAt } of users) {
    const shown = { name, role, sites, disabled: isDisabled, createdAt: new Date(createdAt).toISOString() };
    process.stdout.write(`${JSON.stringify(shown)}\n`);
  }
  return 0;
}

interface Creation {
  readonly name: string;
  readonly role: string | undefined;
  readonly sites: Sites;
  readonly password: () => Promise<string>;
  readonly isAbsent: boolean;
}

async function create(config: Config, { name, role: given, sites, password, isAbsent }: Creation): Promise<number> {
  const role = await requireRole(config, given);
  const user = { name, role, sites, password: await password() };
  try {
    await withAccounts(config, (accounts) => accounts.users.create(user, atCommandLine()));
  } catch (error) {
    if (!isAbsent || !(error instanceof ConflictError) || error.code !== 'USER_EXISTS') throw error;
    return said(`there is a user ${name} already`);
  }
  return said(`user ${name} created with role ${role}`);
}

function said(text: string): number {
  process.stderr.write(`${text}\n`);
  return 0;
}

async function passwordFromStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  return text.replace(/\r?\n$/, '');
}

/** Asks on the terminal without showing what is typed. */
async function askPassword(): Promise<string> {
  process.stderr.write('Password: ');
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: hidden, terminal: process.stdin.isTTY });
  // A question to a stdin that has ended is never answered.
  const ended = new Promise<never>((_resolve, reject) => {
    terminal.once('close', () =>
      reject(new InputError('PASSWORD_NOT_GIVEN', 'no password was given; type it, or use --password-stdin')),
    );
  });
  try {
    return await Promise.race([terminal.question(''), ended]);
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
