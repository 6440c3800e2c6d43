import { afterAll, expect, test, vi } from 'vitest';
import { ManifestKey } from '../codecs/manifest/index.ts';
import { type Downlink, ManualTime, silentLogger, silentMeter } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { DoorManifests, type DoorManifestsOptions } from './door-manifests.ts';

const database = await testDatabase({ maxConnections: 6 });
const time = new ManualTime(Date.parse('2026-11-22T10:00:00Z'));
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

/** As in a web process of its own, to which the gateway is connected. */
function manifestsIn({ rules, warned }: { rules?: DoorManifestsOptions['rules']; warned: unknown[] }) {
  const sent: string[] = [];
  const manifests = new DoorManifests({
    ...{ database, time, meter: silentMeter, key: new ManifestKey(Buffer.alloc(32, 7)) },
    logger: { ...silentLogger, warn: (fields: object) => void warned.push(fields) },
    bounds: { things: 1_000, bytes: 1_000_000, aheadMs: 48 * 3_600_000 },
    settled: async () => time.now(),
    ...(rules !== undefined && { rules }),
  });
  const down: Pick<Downlink, 'publish'> = { publish: async (topic) => void sent.push(topic) };
  manifests.start(down as Downlink);
  manifests.heard('gw-1', { state: 'online', readers: ['dock-1'], manifest: null });
  stops.push(() => manifests.stop());
  return sent;
}

// Seen at the start of two web processes: "could not serialize access due to concurrent update" in the log, and the gateway told
// nothing for a while by one of them.
test('two processes that make the manifest of one gateway at the same moment both tell it, without a word in the log', async () => {
  const warned: unknown[] = [];
  let sentByOther: string[] | null = null;
  const rules = async () => {
    // The first has looked at what there is; now the other makes and keeps one.
    if (sentByOther === null) {
      sentByOther = manifestsIn({ warned });
      const advancing = time.advance(1_000);
      await vi.waitFor(() => expect(sentByOther).toHaveLength(1));
      await advancing;
    }
    return [];
  };
  const sent = manifestsIn({ rules, warned });
  await time.advance(1_000);
  await vi.waitFor(() => expect([sent, warned]).toEqual([['isotherm/v1/gateways/gw-1/manifest'], []]));
  const { rows } = await database.query<{ version: number }>('SELECT version FROM door_manifests');
  expect(rows).toEqual([{ version: 2 }]);
});
