import { readFile } from 'node:fs/promises';
import { InputError } from '../domain/index.ts';
import { type Mapping, parseMappings } from '../ingest/index.ts';

/**
 * The mappings that are configured, read before anything is started.
 * @throws {InputError} MAPPING_FILE_BAD
 */
export async function configuredMappings(file: string | null): Promise<readonly Mapping[]> {
  if (file === null) return [];
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new InputError('MAPPING_FILE_BAD', `${file}: cannot be read (${cause.code})`, { file }, cause);
  });
  return parseMappings(text, file);
}
