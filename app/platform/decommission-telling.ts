import { decommissionDesk } from '../../dashboards/index.ts';
import type { Consumer } from '../../domain/index.ts';
import { passedWithin } from './consumers.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

const TELL_EVERY_MS = 15_000;

/**
 * Tells the log of packs that were decommissioned, or whose decommissioning was reverted, where it could not be told at once: it
 * was full, or the process ended.
 */
export function tellDecommissioned(
  surroundings: Surroundings,
  storage: Pick<Storage, 'audit' | 'database' | 'facts' | 'log'>,
  tracer: Pick<Consumer, 'passed'>,
): void {
  const { lifetime, parts, time } = surroundings;
  if (!parts.has('alerts')) return;
  const { audit, database, facts, log } = storage;
  const desk = decommissionDesk({
    ...tools(surroundings, 'dashboards'),
    ...{ audit, database, facts, log, tracerPassed: passedWithin(time, tracer) },
  });
  let telling: Promise<void> | null = null;
  const timer = time.every('decommissioned packs to be told', TELL_EVERY_MS, () => {
    telling ??= desk.tell().finally(() => {
      telling = null;
    });
  });
  lifetime.started(async () => {
    timer.cancel();
    await telling;
  });
}
