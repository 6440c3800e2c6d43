import { type LoggerFileMapping, mappingFrom, TWICE, type Twice } from '../codecs/logger-files/index.ts';
import { InputError } from '../domain/index.ts';

/** The door of files in the archive, and the topic of what waits of them in quarantine. */
export const LOGGER_FILE = 'logger-file';

/** How a file was read beside what stands in it: with this its bytes give the same readings again. */
export interface LoggerFileReading {
  readonly zone: string | null;
  readonly device: string | null;
  readonly mapping: LoggerFileMapping | null;
  readonly twice: Twice | null;
}

/** `logger-file?zone=Europe%2FBerlin&device=logger-7`. */
export function doorOf({ zone, device, mapping, twice }: LoggerFileReading): string {
  const query = new URLSearchParams();
  if (zone !== null) query.set('zone', zone);
  if (device !== null) query.set('device', device);
  if (twice !== null) query.set('twice', twice);
  if (mapping !== null) query.set('mapping', JSON.stringify(mapping));
  return `${LOGGER_FILE}?${query}`;
}

/** Inverse of {@link doorOf}; null for any other door. */
export function readingOf(door: string): LoggerFileReading | null {
  if (!door.startsWith(`${LOGGER_FILE}?`)) return null;
  const query = new URLSearchParams(door.slice(LOGGER_FILE.length + 1));
  const mapping = query.get('mapping');
  return {
    ...{ zone: query.get('zone'), device: query.get('device') },
    mapping: mapping === null ? null : mappingFrom(JSON.parse(mapping)),
    twice: twiceFrom(query.get('twice')),
  };
}

/** @throws {InputError} LOGGER_FILE_TWICE_BAD */
export function twiceFrom(given: string | null): Twice | null {
  if (given === null || given === '') return null;
  const known = TWICE.find((one) => one === given);
  if (known !== undefined) return known;
  throw new InputError('LOGGER_FILE_TWICE_BAD', `twice: given "${given.slice(0, 40)}", allowed: ${TWICE.join(', ')}`);
}
