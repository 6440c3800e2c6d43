import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, type Logger } from '../domain/index.ts';
import type { ArchiveHead } from '../storage/index.ts';
import { type Config, dataDir } from './config/index.ts';
import { keepFile } from './kept-file.ts';

/*
 * How far the archive has come, in a file of the data directory, where SQL does not reach: segments cut off its end are
 * missed by it.
 */

const head = z.object({ segments: z.number().int().positive(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

function fileOf(config: Config): string {
  return join(dataDir(config, process.cwd(), process.getuid?.() === 0), 'archive-head.json');
}

/** Keeps each head in turn. A directory that cannot be written to costs this check, never the archive. */
export function archiveHeadKeeper(config: Config, logger: Logger): (head: ArchiveHead) => void {
  const file = fileOf(config);
  let last = Promise.resolve();
  return (latest) => {
    last = last.then(async () => {
      try {
        await keepFile(file, `${JSON.stringify(latest)}\n`);
      } catch (error) {
        logger.warn({ error, file }, 'how far the archive has come could not be kept outside the database');
      }
    });
  };
}

/** The head as it was last kept; null where none was. @throws {InputError} ARCHIVE_HEAD_BAD */
export async function keptArchiveHead(config: Config): Promise<ArchiveHead | null> {
  const file = fileOf(config);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new InputError('ARCHIVE_HEAD_BAD', `${file}: cannot be read`, { file }, cause);
  }
  try {
    return head.parse(JSON.parse(text));
  } catch (cause) {
    throw new InputError(
      'ARCHIVE_HEAD_BAD',
      `${file}: expected {"segments", "sha256"} as Isotherm wrote it`,
      { file },
      cause,
    );
  }
}
