import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, type Logger } from '../domain/index.ts';
import type { AuditHead } from '../storage/index.ts';
import { type Config, dataDir } from './config/index.ts';
import { keepFile } from './kept-file.ts';

/*
 * The head of the audit trail in a file of the data directory, where SQL does not reach: rows cut off the end of the
 * trail are missed by it.
 */

const head = z.object({ place: z.number().int().positive(), chain: z.string().regex(/^[0-9a-f]{64}$/) });

function fileOf(config: Config): string {
  return join(dataDir(config, process.cwd(), process.getuid?.() === 0), 'audit-head.json');
}

/** Keeps each head in turn. A directory that cannot be written to costs this check, never the placing. */
export function auditHeadKeeper(config: Config, logger: Logger): (head: AuditHead) => Promise<void> {
  const file = fileOf(config);
  return async (latest) => {
    try {
      await keepFile(file, `${JSON.stringify(latest)}\n`);
    } catch (error) {
      logger.warn({ error, file }, 'the head of the audit trail could not be kept outside the database');
    }
  };
}

/** The head as it was last kept; null where none was. @throws {InputError} AUDIT_HEAD_BAD */
export async function keptAuditHead(config: Config): Promise<AuditHead | null> {
  const file = fileOf(config);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new InputError('AUDIT_HEAD_BAD', `${file}: cannot be read`, { file }, cause);
  }
  try {
    return head.parse(JSON.parse(text));
  } catch (cause) {
    throw new InputError(
      'AUDIT_HEAD_BAD',
      `${file}: expected {"place", "chain"} as Isotherm wrote it`,
      { file },
      cause,
    );
  }
}
