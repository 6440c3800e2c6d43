import { PostgresDeviceFacts, Readings } from '../../storage/index.ts';
import { StuckSensors } from '../stuck-sensors.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

const FIRST_AFTER_MS = 5 * 60_000;
/** What is judged are stretches of hours. */
const EVERY_MS = 30 * 60_000;

/** Sensors that are stuck are looked for, where rules are evaluated. */
export function watchStuckSensors(
  surroundings: Surroundings,
  { database, facts, history, log, upkeep: owner }: Storage,
): void {
  const { parts, lifetime, time } = surroundings;
  if (!parts.has('storage')) return;
  const { logger } = tools(surroundings, 'app');
  const sensors = new StuckSensors({
    ...{ facts, history, log, owner, time, logger },
    devices: new PostgresDeviceFacts({ client: database.pool }),
    readings: new Readings({ database }),
  });
  let running: Promise<void> | null = null;
  const look = () => {
    running ??= sensors
      .look()
      .catch((error) => logger.warn({ error }, 'stuck sensors could not be looked for; it is tried again'))
      .finally(() => {
        running = null;
      });
  };
  const timers = [
    time.after('first look for stuck sensors', FIRST_AFTER_MS, look),
    time.every('look for stuck sensors', EVERY_MS, look),
  ];
  lifetime.started(async () => {
    for (const timer of timers) timer.cancel();
    await running;
  });
}
