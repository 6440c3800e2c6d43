import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, UnavailableError } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { holdReadings } from '../readings/hold.ts';
import { makeFolder, syncFolder } from '../synced-folder.ts';
import { migrations, partitions, sequences, tables } from './catalogue.ts';
import { type BackupManifest, type BackupTable, MANIFEST, manifestHash, type ReadManifest } from './manifest.ts';
import { copyToFile, progressOf } from './table-file.ts';

export interface BackupOptions {
  readonly database: Database;
  /** Made; must be empty where it is there. */
  readonly directory: string;
  /** One short line a step, for a person who waits. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Everything the installation knows, at one moment, while it runs: each table as COPY text, compressed and hashed, out of
 * one snapshot. Positions, checkpoints and what was made of the records are of the same moment, so whatever was
 * acknowledged before it is in the backup, once. Text is understood by every later PostgreSQL.
 *
 * @throws {ConflictError} DIRECTORY_NOT_EMPTY
 * @throws {UnavailableError} DIRECTORY_UNUSABLE
 */
export async function backUp({ database, directory, onProgress = () => {} }: BackupOptions): Promise<ReadManifest> {
  await emptyDirectory(directory);
  const manifest = await database.transaction(async (client): Promise<BackupManifest> => {
    // Before the first query: all that follow see the database as it is at that one.
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await holdReadings(client);
    const { rows } = await client.query<{ at: number; postgres: string }>(
      `SELECT now() AS at, current_setting('server_version') AS postgres`,
    );
    const { at = 0, postgres = '' } = rows[0] ?? {};
    const written: BackupTable[] = [];
    const all = await tables(client);
    for (const [index, { name, columns }] of all.entries()) {
      onProgress(`${name} (${index + 1} of ${all.length})`);
      const file = `${name}.copy.zst`;
      const statement = `COPY (SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(name)}) TO STDOUT`;
      written.push({
        ...{ name, file, columns: [...columns] },
        ...(await copyToFile(client, {
          ...{ statement, path: join(directory, file), isPacked: true },
          onBytes: progressOf(name, onProgress),
        })),
      });
    }
    return {
      ...{ format: 1, at: new Date(at).toISOString(), postgres },
      migrations: await migrations(client),
      tables: written,
      partitions: await partitions(client),
      // Not of the snapshot but later, which leaves a hole and never gives a number twice.
      sequences: await sequences(client),
    };
  });
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  await writeFile(join(directory, MANIFEST), text, { mode: 0o600, flush: true });
  await syncFolder(directory);
  return { manifest, sha256: manifestHash(text) };
}

/** Makes it, closed to others: a backup holds everything. */
export async function emptyDirectory(directory: string): Promise<void> {
  let found: string[];
  try {
    await makeFolder(directory, 0o700);
    found = await readdir(directory);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UnavailableError('DIRECTORY_UNUSABLE', `${directory} cannot be used (${code})`, { directory }, cause);
  }
  if (found.length === 0) return;
  throw new ConflictError('DIRECTORY_NOT_EMPTY', `${directory} is not empty; give one that is, or a new one`, {
    directory,
  });
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
