import type { Unheard } from '../../ingest/index.ts';
import { lastBackup } from '../../storage/index.ts';
import { CalibrationConcerns } from '../calibration-concerns.ts';
import { durationMs } from '../config/index.ts';
import { HealthWatch } from '../health-watch.ts';
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
  const watch = new HealthWatch({
    ...{ database, findings, log, troubles, unheard, time, logger },
    concerns: (now) => calibrations.at(now),
    ...(within !== null && { backup: { last: () => lastBackup(audit), withinMs: durationMs(within) } }),
  });
  watch.start();
  lifetime.started(() => watch.stop());
}
