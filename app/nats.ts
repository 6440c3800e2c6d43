import { readFile } from 'node:fs/promises';
import { InputError, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Archive, type Database, type NatsOptions, natsHome, PostgresLog } from '../storage/index.ts';
import type { Config } from './config/index.ts';

/**
 * Where readings are on NATS, or null: they are in PostgreSQL.
 * @throws {InputError} NATS_CREDENTIALS_UNREADABLE
 */
export async function natsOf({ nats }: Pick<Config, 'nats'>): Promise<NatsOptions | null> {
  const { url, monitorUrl, systemUrl, replicas, partitions, stream } = nats;
  if (url === null) return null;
  const systemCredentials = await credentialsIn(nats, 'systemCredentials');
  return {
    ...{ replicas, partitions, stream },
    servers: url.split(','),
    monitors: monitorUrl?.split(',') ?? [],
    system: systemUrl === null ? null : { servers: systemUrl.split(','), credentials: systemCredentials },
    acceptsUnsynced: nats.acceptUnsynced,
    credentials: await credentialsIn(nats, 'credentials'),
  };
}

async function credentialsIn(
  nats: Config['nats'],
  setting: 'credentials' | 'systemCredentials',
): Promise<Uint8Array | null> {
  const file = nats[setting];
  if (file === null) return null;
  try {
    return await readFile(file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new InputError('NATS_CREDENTIALS_UNREADABLE', `nats.${setting}: ${file} cannot be read (${code})`, { file });
  }
}

/** The archive with what is still in the log, wherever that is, for a command beside the server. */
export async function withArchive<T>(
  config: Config,
  database: Database,
  run: (archive: Archive) => Promise<T>,
): Promise<T> {
  const nats = await natsOf(config);
  if (nats === null) return run(new Archive({ database }));
  const home = await natsHome(nats);
  const log = new PostgresLog({ database, home, time: systemTime, logger: silentLogger, meter: silentMeter });
  await log.start();
  try {
    return await run(new Archive({ database, inLog: (checkpoints) => log.recordsAfter('originals', checkpoints) }));
  } finally {
    await log.stop();
  }
}
