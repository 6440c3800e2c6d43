import type { Unheard } from '../../ingest/index.ts';
import { lastBackup } from '../../storage/index.ts';
import { CalibrationConcerns } from '../calibration-concerns.ts';
import { durationMs } from '../config/index.ts';
import { DiskConcern } from '../disk-concern.ts';
import { HealthWatch } from '../health-watch.ts';
import { diskOf } from './disk.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** Isotherm's own health becomes alerts where alerts are made. */
export function startHealthWatch(
  surroundings: Surroundings,
  { audit, database, facts, findings, log }: Storage,
  unheard: () => readonly Unheard[],
): void {
  const { config, lifetime, parts, time, troubles } = surroundings;
  if (!parts.has('alerts')) return;
  const { logger } = tools(surroundings, 'app');
  const { within } = config.backup;
  const calibrations = new CalibrationConcerns(facts);
  const disk = new DiskConcern({ room: () => diskOf(config), least: config.data.leastFree });
  const watch = new HealthWatch({
    ...{ database, findings, log, troubles, unheard, time, logger },
    concerns: async (now) => [...(await calibrations.at(now)), ...(await disk.at(now))],
    ...(within !== null && { backup: { last: () => lastBackup(audit), withinMs: durationMs(within) } }),
  });
  watch.start();
  lifetime.started(() => watch.stop());
}
