import { ConflictError } from '../../domain/index.ts';
import { checkRecord } from '../archive-check.ts';
import { keptArchiveHead } from '../archive-head.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

const FIRST_AFTER_MS = 10 * 60_000;
const EVERY_MS = 24 * 3_600_000;
/** Of the segments before them one in so many has its readings compared, another each night. */
const ONE_IN = 50;
/** Segments of about a day: all of them. */
const NEWEST = 144;
/** As /readyz names it: not as the consumer that fills the archive, whose next success would take it back. */
export const RECORD_CHECK = 'archive-check';

/**
 * Checks the record ten minutes after the start and every night: all hashes, the index and ends of the whole archive,
 * and the readings of its newest segments and of a sample of the others. What does not fit is logged, counted, and
 * stands in /readyz until it fits.
 */
export function watchRecord(surroundings: Surroundings, storage: Storage): void {
  const { config, parts, lifetime, time, troubles } = surroundings;
  const { logger, meter } = tools(surroundings, 'storage');
  const { archive, database, log } = storage;
  const faults = meter.gauge({
    name: 'isotherm_archive_faults',
    help: 'What of the record was not as it was received when it was last checked (isotherm archive verify says what)',
  });
  let running: Promise<void> | null = null;
  const check = async () => {
    const newest = await archive.count();
    const night = Math.floor(time.now() / EVERY_MS);
    const { broken } = await checkRecord({
      ...{ archive, database, kept: await keptArchiveHead(config) },
      isSampled: (segment) => segment > newest - NEWEST || segment % ONE_IN === night % ONE_IN,
      isWritten: async () => (await log.lag()).every(({ consumer, records }) => consumer !== 'writer' || records === 0),
    });
    faults.set(broken.length);
    const [first] = broken;
    if (first === undefined) return troubles.passed(RECORD_CHECK);
    const where = first.segment === null ? '' : `segment ${first.segment}: `;
    troubles.failed(
      RECORD_CHECK,
      new ConflictError('RECORD_CHANGED', `${broken.length} things are not what was received; ${where}${first.reason}`),
      time.now(),
    );
    for (const { segment, reason: why } of broken.slice(0, 20)) {
      logger.error({ segment, reason: why }, 'the record is not what was received');
    }
  };
  const run = () => {
    running ??= check()
      .catch((error) => logger.warn({ error }, 'the record could not be checked; it is tried again the next night'))
      .finally(() => {
        running = null;
      });
  };
  if (!parts.has('storage')) return;
  const timers = [
    time.after('first check of the record', FIRST_AFTER_MS, run),
    time.every('check of the record', EVERY_MS, run),
  ];
  lifetime.started(async () => {
    for (const timer of timers) timer.cancel();
    await running;
  });
}
