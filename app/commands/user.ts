import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ConflictError, InputError } from '../../domain/index.ts';
import { withAccounts } from '../administration.ts';
import { configFor, readOptions, usageError } from './options.ts';
import { requireRole } from './role.ts';

const USAGE = 'user create NAME --role ROLE [--password-stdin] [--if-absent]';

/**
 * `isotherm user create NAME --role ROLE`: a person who may sign in. The password is asked for, or read from stdin. With
 * `--if-absent` a user of that name is left as it is, so that a first start can be written down and repeated.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    role: { type: 'string' },
    'password-stdin': { type: 'boolean', default: false },
    'if-absent': { type: 'boolean', default: false },
  });
  const [action, name, ...more] = positionals;
  if (action !== 'create' || name === undefined || more.length > 0) throw usageError(USAGE);
  const role = requireRole(values.role);
  const password = values['password-stdin'] ? await passwordFromStdin() : await askPassword();
  try {
    await withAccounts(configFor(values.config), (accounts) => accounts.createUser({ name, role, password }));
    process.stderr.write(`user ${name} created with role ${role}\n`);
  } catch (error) {
    if (!values['if-absent'] || !(error instanceof ConflictError) || error.code !== 'USER_EXISTS') throw error;
    process.stderr.write(`there is a user ${name} already\n`);
  }
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
