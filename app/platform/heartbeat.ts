import { durationMs } from '../config/index.ts';
import { Heartbeat } from '../heartbeat.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** Tells a watchdog outside that alerts would go out from here, where one is configured. */
export function startHeartbeat(surroundings: Surroundings, storage: Storage): void {
  const { config, parts, lifetime, troubles } = surroundings;
  const { url, every } = config.alerts.heartbeat;
  if (url === null || !parts.has('alerts')) return;
  const heartbeat = new Heartbeat({
    ...tools(surroundings, 'alerts'),
    ...{ url, everyMs: durationMs(every), troubles },
    answers: () => storage.database.query('SELECT 1').then(() => {}),
  });
  heartbeat.start();
  lifetime.started(() => heartbeat.stop());
}
