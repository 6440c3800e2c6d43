import { type Checkpoints, type Consumer, tracePosition } from '../../domain/index.ts';
import { LoggerFileIntake, LoggerFileThread } from '../../ingest/index.ts';
import { LoggerFileStore, PostgresDeviceFacts } from '../../storage/index.ts';
import type { Consumers } from './consumers.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';
import { WatchedFolder } from './watched-folder.ts';

/** How long an answer waits for its readings to be stored, ms. */
const WRITTEN_MS = 2_000;

/** Where files of loggers come in: through the page, the API and the watched folder alike. */
export function loggerFileIntake(
  { time }: Surroundings,
  storage: Storage,
  { writer, evaluator }: Pick<Consumers, 'writer' | 'evaluator'>,
): LoggerFileIntake {
  const { audit, database, log } = storage;
  const passed = async (consumer: Pick<Consumer, 'passed'>, positions: Checkpoints): Promise<void> => {
    const late = new AbortController();
    const timer = time.after('file worked in', WRITTEN_MS, () => late.abort());
    // Too late, or stopping: it is in the log, but not worked in yet.
    await consumer.passed(positions, late.signal).catch(() => {});
    timer.cancel();
  };
  return new LoggerFileIntake({
    ...{ audit, database, log, time },
    devices: new PostgresDeviceFacts({ client: database.pool }),
    files: new LoggerFileStore({ database }),
    reader: new LoggerFileThread({ time }),
    known: (position) => passed(evaluator, tracePosition(position)),
    written: (positions) => passed(writer, positions),
  });
}

/** The folder that files are put into, where one is configured; in the process that takes in. */
export async function watchFolder(surroundings: Surroundings, files: LoggerFileIntake): Promise<void> {
  const { config, lifetime, parts, time } = surroundings;
  const { folder, zone } = config.loggerFiles;
  if (folder === null || zone === null || !parts.has('broker')) return;
  const watched = new WatchedFolder({ folder, zone, files, time, logger: tools(surroundings, 'app').logger });
  await watched.start();
  lifetime.started(() => watched.stop());
}
