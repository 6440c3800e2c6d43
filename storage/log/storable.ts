import { DefectError, type NewRecord } from '../../domain/index.ts';

/**
 * What a home would refuse must not take the others of its commit down with it.
 * @throws {DefectError} LOG_RECORD_BAD
 */
export function requireStorable({ family, source, sequence, arrival, version }: NewRecord): void {
  const isRight =
    !source.includes('\0') &&
    (sequence === null || Number.isSafeInteger(sequence)) &&
    Number.isSafeInteger(arrival) &&
    Number.isInteger(version) &&
    Math.abs(version) <= 32_767;
  if (isRight) return;
  const details = { family, source, sequence, arrival, version };
  throw new DefectError('LOG_RECORD_BAD', 'a record has a field the log cannot hold', details);
}
