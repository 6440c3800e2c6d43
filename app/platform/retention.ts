import type { RetentionSource } from '../../dashboards/index.ts';
import { formatDuration } from '../../domain/index.ts';
import { longestRecords, MarketAssignments, Markets } from '../../partners/index.ts';
import { Deletions, Holds, Retention, Sweeper } from '../../storage/index.ts';
import { ageOf, keptCounts, recordPeriod, retentionScope } from '../retention-scope.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

export interface Keeping {
  readonly holds: Holds;
  readonly deletions: Deletions;
  readonly retention: RetentionSource;
}

/** What is past its retention goes, but for what has to be kept. */
export function startRetention(surroundings: Surroundings, { archive, audit, database, partitions }: Storage): Keeping {
  const { config, parts, lifetime, time, troubles } = surroundings;
  const { logger } = tools(surroundings, 'storage');
  const holds = new Holds({ audit, database, time });
  const deletions = new Deletions({ database });
  const markets = new Markets();
  const assignments = new MarketAssignments({ audit, database, markets, time });
  const asked = async () => longestRecords(await assignments.all(), markets);
  const scope = async () => {
    const period = recordPeriod(config, (await asked())?.ms ?? 0);
    return { database, holds, period, now: time.now() };
  };
  if (parts.has('storage')) {
    const retention = new Retention({
      ...{ deletions, archive, time, logger, troubles },
      sweeper: new Sweeper({ database, partitions, deletions, time, logger }),
      readings: ageOf(config.retention.readings),
      originals: ageOf(config.retention.originals),
      kept: async () => retentionScope(await scope()),
    });
    retention.start();
    lifetime.started(() => retention.stop());
  }
  const { readings, originals, log, records, afterExpiry } = config.retention;
  const retention = {
    view: async () => {
      const [market, kept] = await Promise.all([asked(), keptCounts(await scope())]);
      const ofMarket = market === null ? null : { market: market.market, records: formatDuration(market.ms) };
      return { readings, originals, log, records, afterExpiry, ofMarket, kept };
    },
  };
  return { holds, deletions, retention };
}
