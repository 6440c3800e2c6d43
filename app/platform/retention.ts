import type { RetentionSource } from '../../dashboards/index.ts';
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
  const scope = () => ({ database, holds, period: recordPeriod(config), now: time.now() });
  if (parts.has('storage')) {
    const retention = new Retention({
      ...{ deletions, archive, time, logger, troubles },
      sweeper: new Sweeper({ database, partitions, deletions, time, logger }),
      readings: ageOf(config.retention.readings),
      originals: ageOf(config.retention.originals),
      kept: () => retentionScope(scope()),
    });
    retention.start();
    lifetime.started(() => retention.stop());
  }
  const { readings, originals, log, records, afterExpiry } = config.retention;
  const retention = {
    view: async () => ({ readings, originals, log, records, afterExpiry, kept: await keptCounts(scope()) }),
  };
  return { holds, deletions, retention };
}
