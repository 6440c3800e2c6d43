import type { Unheard } from '../../ingest/index.ts';
import { partnersTurnedAway, systemsTurnedAway, Tellings } from '../../partners/index.ts';
import { DEFAULT_LIMITS, holesSince, lastBackup, logSize, PostgresOwnership } from '../../storage/index.ts';
import { EpcisSubscriptions } from '../../trace/index.ts';
import { CalibrationConcerns } from '../calibration-concerns.ts';
import { durationMs } from '../config/index.ts';
import { DiskConcern } from '../disk-concern.ts';
import { type Concern, HealthWatch } from '../health-watch.ts';
import { HoleConcern } from '../hole-concern.ts';
import { LogConcern } from '../log-concern.ts';
import { QuotaConcern } from '../quota-concern.ts';
import { SubscriptionConcerns } from '../subscription-concerns.ts';
import { UntoldExceptions } from '../untold-exceptions.ts';
import { diskOf } from './disk.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

interface Concerned {
  at(now: number): Promise<readonly Concern[]>;
}

/** Isotherm's own health becomes alerts where alerts are made. */
export function startHealthWatch(
  surroundings: Surroundings,
  { audit, database, facts, findings, key, log }: Storage,
  unheard: () => readonly Unheard[],
): void {
  const { config, lifetime, parts, time, troubles } = surroundings;
  if (!parts.has('alerts')) return;
  const { logger } = tools(surroundings, 'app');
  const { within } = config.backup;
  const calibrations = new CalibrationConcerns(facts);
  const disk = new DiskConcern({ room: () => diskOf(config), least: config.data.leastFree });
  const subscriptions = new SubscriptionConcerns(
    new EpcisSubscriptions({ audit, database, key, outgoing: surroundings.outgoing, time }),
  );
  const logs = new LogConcern({
    size: () => logSize(database),
    caps: { capBytes: DEFAULT_LIMITS.capBytes, capMs: durationMs(config.retention.log) },
    most: config.data.mostLog,
  });
  const partnerQuotas = new QuotaConcern({ of: 'partner', turnedAway: (asked) => partnersTurnedAway(database, asked) });
  const systemQuotas = new QuotaConcern({ of: 'system', turnedAway: (asked) => systemsTurnedAway(database, asked) });
  const holes = new HoleConcern({ since: (at) => holesSince(database, at) });
  const untold = new UntoldExceptions(new Tellings({ audit, database, time }));
  const concerns: readonly Concerned[] = [
    ...[calibrations, disk, holes, logs, partnerQuotas, subscriptions, systemQuotas, untold],
  ];
  const watch = new HealthWatch({
    ...{ database, findings, log, troubles, unheard, time, logger },
    ownership: new PostgresOwnership({ database, time }),
    concerns: async (now) => (await Promise.all(concerns.map((concern) => concern.at(now)))).flat(),
    ...(within !== null && { backup: { last: () => lastBackup(audit), withinMs: durationMs(within) } }),
  });
  watch.start();
  lifetime.started(() => watch.stop());
}
