import { readFile } from 'node:fs/promises';
import { documentText, eventHashId, readEpcis } from '../../codecs/epcis/index.ts';
import { InputError } from '../../domain/index.ts';
import { readOptions, usageError } from './options.ts';

type Verdict = { readonly valid: boolean } & Readonly<Record<string, unknown>>;

const ACTIONS: Readonly<Record<string, (text: string) => Readonly<Record<string, unknown>>>> = {
  check: (text) => {
    const { kind, schemaVersion, events } = readEpcis(text);
    return { kind, ...(schemaVersion !== null && { schemaVersion }), events: events.length };
  },
  hash: (text) => {
    const document = readEpcis(text);
    return { hashes: document.events.map((event) => eventHashId(event, document)) };
  },
};

/**
 * `isotherm epcis check FILE...`: one JSON line a file: valid, with what it holds, or where and why not.
 * `isotherm epcis hash FILE...`: the same with the event hash ID of each event.
 * @returns 1 where a file is not valid
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { positionals } = readOptions(argv, {});
  const [name = '', ...files] = positionals;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined || files.length === 0) throw usageError('epcis check|hash FILE...');
  let isGood = true;
  for (const file of files) {
    const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
      throw new InputError('FILE_UNREADABLE', `${file}: cannot be read (${cause.code})`, { file }, cause);
    });
    const verdict = verdictOn(bytes, action);
    if (!verdict.valid) isGood = false;
    process.stdout.write(`${JSON.stringify({ file, ...verdict })}\n`);
  }
  return isGood ? 0 : 1;
}

function verdictOn(bytes: Uint8Array, action: (text: string) => Readonly<Record<string, unknown>>): Verdict {
  try {
    return { valid: true, ...action(documentText(bytes)) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { refusals } = error.details;
    return { valid: false, error: error.message, ...(refusals !== undefined && { refusals }) };
  }
}
