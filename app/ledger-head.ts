import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, type Logger } from '../domain/index.ts';
import { type LedgerHead, parseCheckpoint } from '../storage/index.ts';
import { type Config, dataDir } from './config/index.ts';
import { keepFile } from './kept-file.ts';

/**
 * The newest checkpoint in a file of the data directory, where SQL does not reach: leaves cut off the end of the ledger
 * are missed by it. A directory that cannot be written to costs this check, never the placing.
 * {@link LedgerHead.read} throws {@link InputError} LEDGER_HEAD_BAD.
 */
export function ledgerHead(config: Config, logger: Logger): LedgerHead {
  const file = join(dataDir(config, process.cwd(), process.getuid?.() === 0), 'ledger-head.txt');
  return {
    read: async () => {
      const note = await contentOf(file);
      if (note === null) return null;
      try {
        return parseCheckpoint(note).checkpoint;
      } catch (cause) {
        throw new InputError(
          'LEDGER_HEAD_BAD',
          `${file}: expected a checkpoint as Isotherm wrote it; put it back from a copy, or take it away and say so in the record`,
          { file },
          cause,
        );
      }
    },
    keep: async (note) => {
      try {
        await keepFile(file, note);
      } catch (error) {
        logger.warn({ error, file }, 'the newest checkpoint of the ledger could not be kept outside the database');
      }
    },
  };
}

async function contentOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new InputError('LEDGER_HEAD_BAD', `${file}: cannot be read`, { file }, cause);
  }
}
