import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { ManualTime, Outgoing, silentLogger, silentMeter, systemTime, Troubles } from '../domain/index.ts';
import { addLeaf, effectsOf } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { sequencerOf } from '../storage/testing/ledger.ts';
import { loadConfig } from './config/index.ts';
import { isLesserPart } from './health-watch.ts';
import { ledgerKeys } from './ledger-key.ts';
import { watchLedger } from './platform/ledger-check.ts';
import { Lifetime } from './platform/lifetime.ts';

const HOUR = 3_600_000;
const folder = await mkdtemp(join(tmpdir(), 'isotherm-nightly-'));
const lifetime = new Lifetime();
afterAll(async () => {
  await lifetime.end();
  await rm(folder, { recursive: true });
});

test('what was changed under the ledger is a trouble of the gravest kind after the next night, and none any more once it fits', async () => {
  const database = await testDatabase();
  const config = loadConfig({ env: { ISOTHERM_DATA_DIR: folder }, cwd: folder });
  const [time, troubles] = [new ManualTime(systemTime.now()), new Troubles()];
  await database.transaction((client) =>
    addLeaf(effectsOf(client), { kind: 'decision', subject: 'case:1', content: { disposition: 'quarantine' } }),
  );
  await sequencerOf(database, (await ledgerKeys(config)).signing).placeAll();
  const bySql = (from: string, to: string) =>
    database.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query('UPDATE ledger_leaves SET content = replace(content, $1, $2)', [from, to]);
    });
  watchLedger(
    {
      ...{ config, parts: new Set(['storage'] as const), lifetime, time, meter: silentMeter, logger: silentLogger },
      ...{ troubles, outgoing: new Outgoing({ allow: [], lookup: async () => [] }), onProgress: () => {} },
    },
    { database },
  );
  await bySql('quarantine', 'release');
  await time.advance(24 * HOUR);
  const said = await vi.waitFor(() => {
    const [found] = troubles.list();
    return found ?? expect.fail('the night has not been looked at yet');
  });
  expect(said).toMatchObject({ part: 'ledger-check', code: 'LEDGER_CHANGED' });
  expect(said.text).toMatch(
    /leaf \d+ \(decision of case:1, leaf_[^)]+\): changed: what it states is not what was hashed/,
  );
  expect(isLesserPart(said.part)).toBe(false);
  await bySql('release', 'quarantine');
  await time.advance(24 * HOUR);
  await vi.waitFor(() => expect(troubles.list()).toEqual([]), 30_000);
});
