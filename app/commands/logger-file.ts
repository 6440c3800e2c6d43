import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'yaml';
import { InputError, type LoggerFileAnswer, silentLogger, silentMeter, systemTime } from '../../domain/index.ts';
import { LoggerFileIntake, lookAtLoggerFile } from '../../ingest/index.ts';
import { LoggerFileStore, PostgresAuditTrail, PostgresDeviceFacts, PostgresLog } from '../../storage/index.ts';
import { atCommandLine, withDatabase } from '../administration.ts';
import type { Config } from '../config/index.ts';
import { configFor, readOptions, usageError } from './options.ts';

const OPTIONS = {
  zone: { type: 'string' },
  device: { type: 'string' },
  mapping: { type: 'string' },
  twice: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;
const USAGE =
  'logger-file FILE --zone ZONE [--device ID] [--mapping FILE] [--twice first|second] [--dry-run] [--config FILE]';
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * `isotherm logger-file FILE --zone Europe/Berlin`: takes in a file that a logger was read out into, and prints as JSON
 * what was taken, what not and why, and the file's own summary beside ours; `--dry-run` takes nothing and needs no
 * installation. Exit 1 where nothing was taken, 2 where something is missing or the file is none.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, OPTIONS);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usageError(USAGE);
  const upload = {
    ...{ bytes: await bytesOf(file), name: basename(file), shipment: null, who: atCommandLine() },
    ...{ zone: values.zone ?? null, device: values.device ?? null },
    mapping: values.mapping === undefined ? null : parsed(await bytesOf(values.mapping), values.mapping),
    twice: (values.twice ?? null) as 'first' | 'second' | null,
  };
  const answer =
    values['dry-run'] === true
      ? await lookAtLoggerFile(upload, systemTime.now())
      : await take(configFor(values.config), upload);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  const taken = answer.devices.reduce((sum, device) => sum + device.taken, 0);
  return taken > 0 || answer.repeated ? 0 : 1;
}

function take(config: Config, upload: Parameters<LoggerFileIntake['take']>[0]): Promise<LoggerFileAnswer> {
  return withDatabase(config, async (database) => {
    const log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
    await log.start();
    try {
      const intake = new LoggerFileIntake({
        ...{ database, log, time: systemTime, audit: new PostgresAuditTrail({ database }) },
        devices: new PostgresDeviceFacts({ client: database.pool }),
        files: new LoggerFileStore({ database }),
      });
      return await intake.take(upload);
    } finally {
      await log.stop();
    }
  });
}

/** @throws {InputError} LOGGER_FILE_UNREADABLE */
async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES)
      throw new InputError('LOGGER_FILE_TOO_LARGE', `${path}: ${size} bytes, allowed: ${MOST_BYTES}`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new InputError('LOGGER_FILE_UNREADABLE', `${path}: cannot be read (${reason})`);
  }
}

/** JSON is YAML. @throws {InputError} LOGGER_FILE_MAPPING_BAD */
function parsed(bytes: Uint8Array, path: string): unknown {
  try {
    return parse(new TextDecoder().decode(bytes), { maxAliasCount: 10 }) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new InputError('LOGGER_FILE_MAPPING_BAD', `mapping: ${path}: ${reason}`);
  }
}
