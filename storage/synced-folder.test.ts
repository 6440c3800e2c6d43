import { existsSync } from 'node:fs';
import files, { mkdtemp, realpath, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { makeFolder } from './synced-folder.ts';

const synced: string[] = [];

// Whoever has loaded the module before, as test files of one worker may have, opens through this too.
const { open } = files;
files.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  const sync = handle.sync.bind(handle);
  handle.sync = async () => {
    await sync();
    synced.push(String(path));
  };
  return handle;
};
syncBuiltinESMExports();

const root = await realpath(await mkdtemp(join(tmpdir(), 'isotherm-synced-')));
afterAll(async () => {
  files.open = open;
  syncBuiltinESMExports();
  await rm(root, { recursive: true });
});
beforeEach(() => void synced.splice(0));

// A key that was synced in a new folder was gone with the folder's name.
test('of folders that are made each has its name on the disk, in the one above it', async () => {
  await makeFolder(join(root, 'a/b/c'));
  expect(existsSync(join(root, 'a/b/c'))).toBe(true);
  expect(synced).toEqual([join(root, 'a/b'), join(root, 'a'), root]);
});

test('of a path whose upper part is there, only what was made is synced, and nothing where all is there', async () => {
  await makeFolder(join(root, 'a/d'));
  await makeFolder(join(root, 'a/d'));
  expect(synced).toEqual([join(root, 'a')]);
});
