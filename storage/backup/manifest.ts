import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../domain/index.ts';
import { boundOf } from './partition-bound.ts';

export const MANIFEST = 'backup.json';
const FORMAT = 1;

/** Names as our migrations give them: nothing that would have to be quoted. */
const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a name is lower-case letters, digits and underscores');
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 hexadecimal digits');
const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const table = z
  .strictObject({
    name,
    file: z.string(),
    columns: z.array(name).min(1),
    rows: whole,
    bytes: whole,
    sha256: hash,
  })
  .refine((given) => given.file === `${given.name}.copy.zst`, {
    path: ['file'],
    error: 'the file has its table’s name',
  });

const partition = z
  .strictObject({
    table: name,
    of: name,
    /** As pg_get_expr words it; only the numbers or times in it are used. */
    bound: z.string().refine((text) => boundOf(text) !== null, 'a bound is two numbers, two times, or DEFAULT'),
    options: z.array(z.string().regex(/^(toast\.)?(autovacuum_enabled|fillfactor)=(on|off|true|false|\d{2,3})$/)),
  })
  .refine((given) => given.table.startsWith(`${given.of}_`), {
    path: ['table'],
    error: 'a partition has its table’s name',
  });

/** What a backup holds: written last, so that one cut short has none. Nothing in it ever becomes SQL. */
export const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Of the snapshot, RFC 3339. */
  at: z.iso.datetime(),
  postgres: z.string().max(100),
  /** Those applied, in order: what the schema of the tables was. */
  migrations: z.array(
    z.strictObject({
      id: z.string().regex(/^\d{4}$/),
      name: z.string().regex(/^\d{4}-[a-z0-9-]+\.sql$/),
      sha256: hash,
    }),
  ),
  tables: z.array(table),
  /** Native partitions: how they have to be made before rows fit. */
  partitions: z.array(partition),
  sequences: z.array(z.strictObject({ name, last: z.number().int() })),
});

export type BackupTable = z.output<typeof table>;
export type BackupPartition = z.output<typeof partition>;
export type BackupManifest = z.output<typeof manifestSchema>;

export interface ReadManifest {
  readonly manifest: BackupManifest;
  /** Of the file's bytes, hex: printed when it was written, and asked for by the restore. */
  readonly sha256: string;
}

/**
 * The hash is compared before a word of the manifest is understood.
 * @param expected SHA-256 of the file, hex; null: any
 * @throws {InputError} BACKUP_UNREADABLE there is none, or none that this version can read
 * @throws {InputError} BACKUP_NOT_THE_ONE its hash is another
 */
export async function readManifest(directory: string, expected: string | null): Promise<ReadManifest> {
  const path = join(directory, MANIFEST);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw unreadable(directory, `${MANIFEST} cannot be read (${code}); a backup that was cut short has none`, cause);
  }
  const sha256 = manifestHash(bytes);
  if (expected !== null && expected !== sha256) {
    throw new InputError(
      'BACKUP_NOT_THE_ONE',
      `${path}: its SHA-256 is ${sha256}, not ${expected}: it is another backup, or it was changed`,
      { directory },
    );
  }
  let content: unknown;
  try {
    content = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw unreadable(directory, `${MANIFEST} is no JSON`, cause);
  }
  const parsed = manifestSchema.safeParse(content);
  if (parsed.success) return { manifest: parsed.data, sha256 };
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `, ${issue.path.join('.')}: ${issue.message}`;
  throw unreadable(directory, `${MANIFEST} is not one of format ${FORMAT}${where}`, parsed.error);
}

export function manifestHash(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function unreadable(directory: string, reason: string, cause: unknown): InputError {
  return new InputError('BACKUP_UNREADABLE', `${directory} holds no backup: ${reason}`, { directory }, cause);
}
