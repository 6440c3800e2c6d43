import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConflictError, InputError } from '../domain/index.ts';
import { withAccounts } from './administration.ts';
import type { Config } from './config/index.ts';

export interface Credentials {
  passwordOf(id: string): string;
  /** Ends those that were made for the simulation. */
  end(): Promise<void>;
}

const line = z.object({ id: z.string(), password: z.string() });

/**
 * Passwords of simulated devices and gateways: from a file of lines as `isotherm device create` prints them, the same
 * one for all, or made for the occasion on the installation that the configuration names.
 *
 * @throws {InputError} CREDENTIALS_BAD
 * @throws {ConflictError} CREDENTIAL_EXISTS a device of that name has credentials, which are not taken from it
 */
export async function simulationCredentials(
  config: Config,
  ids: readonly string[],
  given: { readonly file?: string | undefined; readonly password?: string | undefined },
): Promise<Credentials> {
  const { file, password } = given;
  if (password !== undefined) return { passwordOf: () => password, end: async () => {} };
  if (file !== undefined) {
    const known = fromFile(file);
    const missing = ids.find((id) => !known.has(id));
    if (missing !== undefined) throw new InputError('CREDENTIALS_BAD', `${file}: no credentials of ${missing}`);
    return { passwordOf: (id) => known.get(id) ?? '', end: async () => {} };
  }
  const made = new Map<string, string>();
  const end = () =>
    withAccounts(config, async (accounts) => {
      for (const id of made.keys()) await accounts.credentials.revoke(id);
    });
  try {
    await withAccounts(config, async (accounts) => {
      for (const id of ids) made.set(id, await accounts.credentials.create(id));
    });
  } catch (error) {
    if (made.size > 0) await end();
    if (!(error instanceof ConflictError) || error.code !== 'CREDENTIAL_EXISTS') throw error;
    throw new ConflictError(error.code, `${error.message}; give its password with --credentials FILE`, error.details);
  }
  return { passwordOf: (id) => made.get(id) ?? '', end };
}

function fromFile(file: string): Map<string, string> {
  const known = new Map<string, string>();
  try {
    for (const text of readFileSync(file, 'utf8').split('\n')) {
      if (text.trim() === '') continue;
      const { id, password } = line.parse(JSON.parse(text));
      known.set(id, password);
    }
  } catch (cause) {
    const allowed = 'lines as "isotherm device create" prints them';
    throw new InputError('CREDENTIALS_BAD', `${file}: cannot be read; allowed: ${allowed}`, { file }, cause);
  }
  return known;
}
