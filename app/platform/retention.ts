import type { RetentionSource } from '../../dashboards/index.ts';
import { formatDuration } from '../../domain/index.ts';
import { FileRetention, longestRecords, MarketAssignments, Markets } from '../../partners/index.ts';
import { Deletions, type FileSweep, Holds, Retention, Sweeper } from '../../storage/index.ts';
import type { Config } from '../config/index.ts';
import { ageOf, keptCounts, recordPeriod, retentionScope } from '../retention-scope.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

export interface Keeping {
  readonly holds: Holds;
  readonly deletions: Deletions;
  readonly retention: RetentionSource;
}

/** What is past its retention goes, but for what has to be kept. */
export function startRetention(
  surroundings: Surroundings,
  { archive, audit, database, partitions, upkeep: owner }: Storage,
): Keeping {
  const { config, parts, lifetime, time, troubles } = surroundings;
  const { logger } = tools(surroundings, 'storage');
  const holds = new Holds({ audit, database, time });
  const deletions = new Deletions({ database, check: (effects) => owner.check(effects) });
  const markets = new Markets();
  const assignments = new MarketAssignments({ audit, database, markets, time });
  const asked = async () => longestRecords(await assignments.all(), markets);
  const scope = async () => {
    const period = recordPeriod(config, (await asked())?.ms ?? 0);
    return { database, holds, period, now: time.now() };
  };
  if (parts.has('storage')) {
    const retention = new Retention({
      ...{ deletions, archive, owner, time, logger, troubles },
      sweeper: new Sweeper({ database, partitions, deletions, time, logger }),
      readings: ageOf(config.retention.readings),
      originals: ageOf(config.retention.originals),
      files: filesOf(
        config,
        async () => (await asked())?.ms ?? 0,
        new FileRetention({ audit, database, deletions, time }),
      ),
      kept: async () => retentionScope(await scope()),
    });
    retention.start();
    lifetime.started(() => retention.stop());
  }
  const { readings, originals, files, log, records, afterExpiry } = config.retention;
  const retention = {
    view: async () => {
      const [market, kept] = await Promise.all([asked(), keptCounts(await scope())]);
      const ofMarket = market === null ? null : { market: market.market, records: formatDuration(market.ms) };
      return { readings, originals, files, log, records, afterExpiry, ofMarket, kept };
    },
  };
  return { holds, deletions, retention };
}

/** @param ofMarkets for how long the markets that are set ask, ms: what somebody sent is a record of the transaction too */
function filesOf({ retention }: Config, ofMarkets: () => Promise<number>, files: FileRetention) {
  const age = ageOf(retention.files);
  if (age === null) return null;
  const sweep: FileSweep = async (_, kept, stopping) =>
    files.sweep({ ...age, ms: Math.max(age.ms, await ofMarkets()) }, kept, stopping);
  return { age, sweep };
}
