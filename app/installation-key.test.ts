import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from './config/index.ts';
import { installationKey, KEY_FILE, keyFileOf } from './installation-key.ts';

const directories: string[] = [];
afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

async function fresh(env: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-key-'));
  directories.push(directory);
  const config = loadConfig({ env: { ISOTHERM_DATA_DIR: join(directory, 'data'), ...env }, cwd: directory });
  return { config, file: join(directory, 'data', KEY_FILE), directory: join(directory, 'data') };
}

test('the first start makes a key that this account alone can read; every later one finds it', async () => {
  const { config, file, directory } = await fresh();
  const { id } = await installationKey(config);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await installationKey(config)).id).toBe(id);
  expect(await readdir(directory)).toEqual([KEY_FILE]);
});

test('processes that start at once agree on one key', async () => {
  const { config } = await fresh();
  const keys = await Promise.all(Array.from({ length: 8 }, () => installationKey(config)));
  expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
});

test('a key that others may read, or that is none, is refused with the file and what to do, and is not shown', async () => {
  const { config, file } = await fresh();
  await installationKey(config);
  await chmod(file, 0o644);
  await expect(installationKey(config)).rejects.toThrow(`${file}: others on this machine may read it (mode 644)`);
  await chmod(file, 0o600);
  await writeFile(file, 'too short to be a key');
  await expect(installationKey(config)).rejects.toThrow(
    `${file}: given what is no key (not shown), allowed: 32 bytes in base64, such as openssl rand -base64 32 prints`,
  );
});

test('several machines are given one key by the configuration, and then no file is made', async () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  const { config, directory } = await fresh({ ISOTHERM_SECRETS_KEY: key });
  expect(keyFileOf(config)).toBeNull();
  expect((await installationKey(config)).id).toBe((await installationKey(config)).id);
  await expect(readdir(directory)).rejects.toThrow('ENOENT');
  expect(() => loadConfig({ env: { ISOTHERM_SECRETS_KEY: 'guessable' }, cwd: '/' })).toThrow(
    /^ISOTHERM_SECRETS_KEY: secrets\.key: given a value \(not shown\), allowed: 32 random bytes/,
  );
});
