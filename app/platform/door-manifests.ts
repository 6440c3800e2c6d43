import { ALERT_CHANNEL } from '../../alerts/index.ts';
import type { Consumer, Downlink } from '../../domain/index.ts';
import { compileAppliesTo } from '../../rules/index.ts';
import { passRulesAt, SHIPMENT_CHANNEL } from '../../trace/index.ts';
import { durationMs } from '../config/index.ts';
import { DoorManifests } from '../door-manifests.ts';
import { manifestKey } from '../manifest-key.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** What was taken in is worked in within this, or the manifest waits. */
const SETTLED_WITHIN_MS = 10_000;

/** Tells gateways what their doors expect, in the process that has the way down to them. */
export function doorManifests(surroundings: Surroundings, storage: Storage, tracer: Consumer): DoorManifests {
  const { config, time } = surroundings;
  const { maxThings, maxBytes, ahead, manifestKey: number } = config.doors;
  return new DoorManifests({
    ...tools(surroundings, 'app'),
    database: storage.database,
    rules: (client, at) => passRulesAt(client, storage.facts, compileAppliesTo, at),
    key: manifestKey(storage.key, number),
    bounds: { things: maxThings, bytes: maxBytes, aheadMs: durationMs(ahead) },
    settled: async () => {
      const moment = time.now();
      const heads = await storage.log.heads();
      const late = new AbortController();
      const timer = time.after('door manifests: settled', SETTLED_WITHIN_MS, () => late.abort());
      try {
        await tracer.passed(heads, late.signal);
        return moment;
      } catch (error) {
        // Too late, or stopping.
        if (late.signal.aborted || surroundings.lifetime.ending.aborted) return null;
        throw error;
      } finally {
        timer.cancel();
      }
    },
  });
}

/** Once there is a way down. */
export async function tellDoors(
  { lifetime }: Surroundings,
  { database }: Storage,
  manifests: DoorManifests,
  down: Downlink,
): Promise<void> {
  const changed = () => manifests.changed();
  const listening = await Promise.all(
    [SHIPMENT_CHANNEL, ALERT_CHANNEL].map((channel) => database.listen(channel, changed, changed)),
  );
  manifests.start(down);
  lifetime.started(async () => {
    await Promise.all(listening.map((one) => one.stop()));
    await manifests.stop();
  });
}
