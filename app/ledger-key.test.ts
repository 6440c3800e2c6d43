import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from './config/index.ts';
import { LEDGER_KEY_FILE, ledgerKeys, rotateLedgerKey } from './ledger-key.ts';

const directories: string[] = [];
afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

/** A process with a data directory of its own. */
async function fresh(env: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-ledger-key-'));
  directories.push(directory);
  return { directory, config: loadConfig({ env: { ISOTHERM_DATA_DIR: directory, ...env }, cwd: directory }) };
}

const secret = (byte: number) => ({ ISOTHERM_SECRETS_KEY: Buffer.alloc(32, byte).toString('base64') });
const verifierOf = async (env: Record<string, string>) =>
  `${(await ledgerKeys((await fresh(env)).config)).signing.verifier}`;

// In deploy/compose and the chart the data directory is gone with its container: each start began another ledger, whose key no other
// process had.
test('processes that are given one secrets.key have one key of the ledger, though their data directories are empty', async () => {
  const [one, other] = [await fresh(secret(7)), await fresh(secret(7))];
  const { signing, former } = await ledgerKeys(one.config);
  expect(`${(await ledgerKeys(other.config)).signing.verifier}`).toBe(`${signing.verifier}`);
  expect(former).toEqual([]);
  expect(signing.name).toMatch(/^isotherm-[0-9a-f]{16}\/ledger$/);
  expect(await readdir(one.directory)).toEqual([]);
  expect(await verifierOf(secret(8))).not.toBe(`${signing.verifier}`);
});

test('a key in the data directory goes before one that follows from secrets.key, and alone can be changed', async () => {
  const { config, directory } = await fresh();
  const { signing } = await ledgerKeys(config);
  const given = loadConfig({ env: { ISOTHERM_DATA_DIR: directory, ...secret(7) }, cwd: directory });
  expect(`${(await ledgerKeys(given)).signing.verifier}`).toBe(`${signing.verifier}`);
  expect((await rotateLedgerKey(given, false)).former.map(String)).toEqual([`${signing.verifier}`]);

  const without = await fresh(secret(7));
  await expect(rotateLedgerKey(without.config, false)).rejects.toMatchObject({ code: 'LEDGER_KEY_GIVEN' });
  await expect(rotateLedgerKey(without.config, true)).rejects.toThrow(`put a file ${LEDGER_KEY_FILE} (mode 600)`);
  expect(await readdir(without.directory)).toEqual([]);
});
