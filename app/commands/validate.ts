import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError, systemTime } from '../../domain/index.ts';
import manifest from '../../package.json' with { type: 'json' };
import { VerifierKey } from '../../storage/index.ts';
import { atCommandLine } from '../administration.ts';
import { ledgerKeys } from '../ledger-key.ts';
import { qualifyInstallation } from '../validation/installation.ts';
import { qualifyOperation } from '../validation/operation.ts';
import { type Check, keepProtocol, type Protocol, protocolSigners } from '../validation/protocol.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'validate iq|oq [--out DIRECTORY] [--files-sha256 HEX] | check FILE.json [--key KEY] [--config FILE]';

/**
 * `isotherm validate iq`: what stands on this machine; `validate oq`: known readings in, the alert with its serials out, on an
 * instance of its own that is gone afterwards (docs/validation.md). Prints each check as a JSON line, and leaves a protocol as
 * JSON, as a signed note and as PDF. `validate check` says who signed a protocol, and whether it is still what was signed.
 *
 * @returns 1 where a check failed
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    ...{ out: { type: 'string' }, 'files-sha256': { type: 'string' }, key: { type: 'string' } },
  });
  const [kind, ...more] = positionals;
  const [file] = more;
  if (kind === 'check' && file !== undefined && more.length === 1) return check(file, values);
  const expectedFiles = values['files-sha256']?.toLowerCase() ?? null;
  if (
    (kind !== 'iq' && kind !== 'oq') ||
    more.length > 0 ||
    values.key !== undefined ||
    (kind === 'oq' && expectedFiles !== null)
  ) {
    throw usageError(USAGE);
  }
  if (expectedFiles !== null && !/^[0-9a-f]{64}$/.test(expectedFiles)) {
    throw new InputError(
      'COMMAND_USAGE',
      '--files-sha256: allowed are 64 hex digits, as an earlier protocol says them',
    );
  }
  const config = configFor(values.config);
  const at = new Date(systemTime.now()).toISOString();
  const directory = values.out ?? '.';
  const name = join(directory, `isotherm-${kind}-${at.replace(/[:.]/g, '')}`);
  // A protocol is a record: none is ever written over.
  if (existsSync(`${name}.json`)) throw new InputError('OUTPUT_EXISTS', `${name}.json: is there already`);
  await mkdir(directory, { recursive: true });
  const running =
    kind === 'iq'
      ? qualifyInstallation({ config, expectedFiles })
      : qualifyOperation((text) => process.stderr.write(`${text}\n`));
  const checks: Check[] = [];
  for await (const check of running) {
    checks.push(check);
    process.stdout.write(`${JSON.stringify(check)}\n`);
  }
  const isPassed = checks.every((check) => check.isPassed);
  const protocol: Protocol = {
    format: 'isotherm-validation-1',
    kind: kind === 'iq' ? 'installation qualification' : 'operational qualification',
    ...{ version: manifest.version, at, machine: hostname(), by: atCommandLine().actor.name, checks, isPassed },
  };
  const { json, note, pdf } = await keepProtocol(protocol, (await ledgerKeys(config)).signing);
  await writeFile(`${name}.json`, json, { flag: 'wx', flush: true });
  await writeFile(`${name}.note`, note, { flag: 'wx', flush: true });
  await writeFile(`${name}.pdf`, pdf, { flag: 'wx', flush: true });
  process.stderr.write(`${isPassed ? 'passed' : 'FAILED'}: ${name}.json, .note and .pdf\n`);
  return isPassed ? 0 : 1;
}

async function check(file: string, { key, config }: { key?: string | undefined; config?: string | undefined }) {
  const { signing, former } = await ledgerKeys(configFor(config));
  const keys = key === undefined ? [signing.verifier, ...former] : [VerifierKey.parse(key)];
  const [json, note] = await Promise.all([textOf(file), textOf(file.replace(/\.json$/, '.note'))]);
  const signers = protocolSigners(json, note, keys);
  process.stdout.write(`${JSON.stringify({ file, signedBy: signers.map(String) })}\n`);
  return 0;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new InputError('FILE_UNREADABLE', `${file}: cannot be read`, { file }, cause);
  }
}
