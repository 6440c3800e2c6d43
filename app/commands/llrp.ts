import { readFile } from 'node:fs/promises';
import { decodeFile, isBadFrame, roundtripFile } from '../../codecs/llrp/index.ts';
import { InputError } from '../../domain/index.ts';
import { readOptions, usageError } from './options.ts';

/** `isotherm llrp decode|roundtrip FILE...`: one JSON line a frame, or the result of re-encoding each. */
export async function run(argv: readonly string[]): Promise<number> {
  const { positionals } = readOptions(argv, {});
  const [action, ...files] = positionals;
  if ((action !== 'decode' && action !== 'roundtrip') || files.length === 0)
    throw usageError('llrp decode|roundtrip FILE...');
  let isGood = true;
  for (const file of files) {
    const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
      throw new InputError('FILE_UNREADABLE', `${file}: cannot be read (${cause.code})`, { file }, cause);
    });
    const result = action === 'decode' ? decodeFile(bytes) : roundtripFile(bytes);
    for (const frame of result) {
      process.stdout.write(`${JSON.stringify(frame)}\n`);
      if (isBadFrame(frame)) isGood = false;
    }
  }
  return isGood ? 0 : 1;
}
