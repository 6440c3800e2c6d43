import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { InputError } from '../../domain/index.ts';

/** Beyond this a ZIP file is better unpacked first: its content is held in memory. */
const MOST_UNPACKED = 1024 ** 3;

/** The files of an export: of a folder, or of a ZIP file with one inside. */
export interface ExportFolder {
  /** Ascending. */
  readonly names: readonly string[];
  /** @throws {InputError} LEDGER_FILE_UNREADABLE */
  chunks(name: string): AsyncIterable<Uint8Array>;
}

/** @throws {InputError} LEDGER_FILE_UNREADABLE */
export async function folderAt(path: string): Promise<ExportFolder> {
  const names = (await readdir(path)).sort();
  return {
    names,
    chunks: async function* (name) {
      // What a manifest names beyond the folder is not looked at.
      if (basename(name) !== name || !names.includes(name)) throw missing(name);
      try {
        const file = await open(join(path, name));
        yield* createReadStream('', { fd: file });
      } catch (cause) {
        throw new InputError('LEDGER_FILE_UNREADABLE', `${name} cannot be read`, { name }, cause);
      }
    },
  };
}

/** @throws {InputError} LEDGER_FILE_UNREADABLE */
export function folderInZip(bytes: Buffer): ExportFolder {
  let unpacked = 0;
  let all: Readonly<Record<string, Uint8Array>>;
  try {
    all = unzipSync(bytes, {
      filter: ({ originalSize }) => {
        unpacked += originalSize;
        if (unpacked > MOST_UNPACKED)
          throw new InputError('LEDGER_FILE_UNREADABLE', 'too large as ZIP: unpack it first');
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError('LEDGER_FILE_UNREADABLE', 'it cannot be read as ZIP', {}, cause);
  }
  const manifest = Object.keys(all).find((name) => basename(name) === 'export.json') ?? 'export.json';
  const inside = new Map(
    Object.entries(all)
      .filter(([name]) => dirname(name) === dirname(manifest) && !name.endsWith('/'))
      .map(([name, content]) => [basename(name), content] as const),
  );
  return {
    names: [...inside.keys()].sort(),
    chunks: async function* (name) {
      const content = inside.get(name);
      if (content === undefined) throw missing(name);
      yield content;
    },
  };
}

function missing(name: string): InputError {
  return new InputError('LEDGER_FILE_UNREADABLE', `missing: ${name}`, { name });
}
