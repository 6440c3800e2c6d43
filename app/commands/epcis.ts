import { readFile } from 'node:fs/promises';
import { readEpcis } from '../../codecs/epcis/index.ts';
import { InputError } from '../../domain/index.ts';
import { readOptions, usageError } from './options.ts';

/**
 * `isotherm epcis check FILE...`: one JSON line a file: valid, with what it holds, or where and why not.
 * @returns 1 where a file is not valid
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { positionals } = readOptions(argv, {});
  const [action, ...files] = positionals;
  if (action !== 'check' || files.length === 0) throw usageError('epcis check FILE...');
  let isGood = true;
  for (const file of files) {
    const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
      throw new InputError('FILE_UNREADABLE', `${file}: cannot be read (${cause.code})`, { file }, cause);
    });
    const verdict = check(bytes);
    if (!verdict.valid) isGood = false;
    process.stdout.write(`${JSON.stringify({ file, ...verdict })}\n`);
  }
  return isGood ? 0 : 1;
}

function check(bytes: Uint8Array): { readonly valid: boolean } & Readonly<Record<string, unknown>> {
  try {
    const { kind, schemaVersion, events } = readEpcis(textOf(bytes));
    return { valid: true, kind, ...(schemaVersion !== null && { schemaVersion }), events: events.length };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { refusals } = error.details;
    return { valid: false, error: error.message, ...(refusals !== undefined && { refusals }) };
  }
}

/** @throws {InputError} EPCIS_ENCODING */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError('EPCIS_ENCODING', 'not UTF-8', {}, cause);
  }
}
