import { caseKeeping } from '../../dashboards/index.ts';
import type { Consumer } from '../../domain/index.ts';
import { caseTargetsOf } from '../config/index.ts';
import { passedWithin } from './consumers.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

const ACT_EVERY_MS = 5_000;
/** Late data is told to its case within about this, as long as few cases are decided. */
const WATCH_EVERY_MS = 10_000;

/**
 * Tells the log of signed decisions that it could not be told of at once, and compares decided cases with what is known
 * now. Both run where cases are opened, in the process that has the part `alerts`, and in no other.
 */
export function watchCases(
  surroundings: Surroundings,
  storage: Pick<Storage, 'audit' | 'database' | 'facts' | 'history' | 'log'>,
  tracer: Pick<Consumer, 'passed'>,
): void {
  const { config, parts, lifetime, time } = surroundings;
  if (!parts.has('alerts')) return;
  const { audit, database, facts, history, log } = storage;
  const { decisionActs, evidenceWatch } = caseKeeping({
    ...tools(surroundings, 'quality'),
    ...{ audit, database, facts, history, log },
    caseTargets: caseTargetsOf(config),
    tracerPassed: passedWithin(time, tracer),
  });
  let acting: Promise<void> | null = null;
  const act = () => {
    acting ??= decisionActs.run().finally(() => {
      acting = null;
    });
  };
  const timers = [
    time.every('decisions to be told', ACT_EVERY_MS, act),
    time.every('evidence of decided cases', WATCH_EVERY_MS, () => void evidenceWatch.look()),
  ];
  lifetime.started(async () => {
    for (const timer of timers) timer.cancel();
    await Promise.all([acting, evidenceWatch.stop()]);
  });
}
