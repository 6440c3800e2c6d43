import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../domain/index.ts';

export const MANIFEST = 'backup.json';
const FORMAT = 1;

const table = z.object({
  name: z.string(),
  file: z.string().regex(/^[a-z0-9_]+\.copy\.zst$/),
  columns: z.array(z.string()),
  rows: z.number().int(),
  bytes: z.number().int(),
  sha256: z.string(),
});

/** What a backup holds: written last, so that one cut short has none. */
export const manifestSchema = z.object({
  format: z.literal(FORMAT),
  /** Of the snapshot, RFC 3339. */
  at: z.string(),
  postgres: z.string(),
  /** Those applied, in order: what the schema of the tables was. */
  migrations: z.array(z.object({ id: z.string(), name: z.string(), sha256: z.string() })),
  tables: z.array(table),
  /** Native partitions: how they have to be made before rows fit. */
  partitions: z.array(z.object({ table: z.string(), of: z.string(), bound: z.string(), options: z.array(z.string()) })),
  sequences: z.array(z.object({ name: z.string(), last: z.number() })),
});

export type BackupTable = z.output<typeof table>;
export type BackupManifest = z.output<typeof manifestSchema>;

/** @throws {InputError} BACKUP_UNREADABLE there is none, or none that this version can read */
export async function readManifest(directory: string): Promise<BackupManifest> {
  const path = join(directory, MANIFEST);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw unreadable(directory, `${MANIFEST} cannot be read (${code}); a backup that was cut short has none`, cause);
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(directory, `${MANIFEST} is not one of format ${FORMAT}`, cause);
  }
}

function unreadable(directory: string, reason: string, cause: unknown): InputError {
  return new InputError('BACKUP_UNREADABLE', `${directory} holds no backup: ${reason}`, { directory }, cause);
}
