import { METRICS, type SpeaksForAnswer } from '../domain/index.ts';

/** A device may be ahead of us by this much; beyond it its clock is bad. Contract: quarantine. */
export const TIME_AHEAD_MS = 10 * 60_000;
/** Older than this waits in quarantine until a person adopts it. */
export const TIME_TOO_OLD_MS = 400 * 86_400_000;
export const MAX_READINGS_PER_MESSAGE = 10_000;

/** Why something was not taken; docs/mqtt.md says what each means. */
export const REFUSAL_REASONS = [
  'TOPIC_UNKNOWN',
  'TOPIC_FOREIGN',
  'PAYLOAD_NOT_JSON',
  'READINGS_TOO_MANY',
  'READING_NOT_OBJECT',
  'READING_EMPTY',
  'FIELD_UNKNOWN',
  'FIELD_CHANGES_MEANING',
  'VALUE_NOT_NUMBER',
  'VALUE_NOT_PHYSICAL',
  'TIME_NOT_UNDERSTOOD',
  'TIME_AHEAD',
  'TIME_TOO_OLD',
  'CONFLICT',
  'BATCH_MALFORMED',
  'BATCH_FOREIGN',
  'BATCH_UNSIGNED',
  'BATCH_SIGNATURE_WRONG',
  'SOURCE_FOREIGN',
  'SOURCE_UNCONFIRMED',
  'SIGHTING_MALFORMED',
  'MESSAGE_MALFORMED',
  'UNIT_NOT_UNDERSTOOD',
  'DECODER_MISSING',
  'BIRTH_MISSING',
  'LINE_MALFORMED',
  'MAPPING_FAILED',
  'STATUS_MALFORMED',
  'DECODER_FAILED',
] as const;

/** Waits whole until a person adopts or discards it: nothing is wrong with the values. */
export const ADOPTABLE: ReadonlySet<string> = new Set([
  'TIME_TOO_OLD',
  'TIME_AHEAD',
  'FIELD_CHANGES_MEANING',
  'SOURCE_UNCONFIRMED',
]);

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Why a credential may not bring what a source says. */
export function refusalOfSource(answer: Exclude<SpeaksForAnswer, 'yes'>): 'SOURCE_FOREIGN' | 'SOURCE_UNCONFIRMED' {
  return answer === 'no' ? 'SOURCE_FOREIGN' : 'SOURCE_UNCONFIRMED';
}

/** What an operator reads of it. */
export function detailOfSource(answer: SpeaksForAnswer, credential: string, source: string): string {
  return answer === 'no'
    ? `${credential} does not speak for ${source}; allowed: what its credentials list`
    : `${credential} brings ${source} for the first time; an admin confirms or refuses it among the credentials`;
}

/** null where an event time may stand, given when it arrived. Epoch ms. */
export function refusalOfTime(time: number, arrival: number): 'TIME_AHEAD' | 'TIME_TOO_OLD' | null {
  if (time > arrival + TIME_AHEAD_MS) return 'TIME_AHEAD';
  return time < arrival - TIME_TOO_OLD_MS ? 'TIME_TOO_OLD' : null;
}

export const KNOWN_FIELDS = ['time', ...METRICS.map(({ name }) => name)].join(', ');

/** What a number that stands where epoch milliseconds are meant can only be, by its size; null where it may be them. */
export function unitOfTime(value: number): 'seconds' | 'microseconds' | 'nanoseconds' | null {
  const size = Math.abs(value);
  // As milliseconds these are the first three years of 1970, and after the year 5138.
  if (size >= 1e8 && size < 1e11) return 'seconds';
  if (size >= 1e14 && size < 1e17) return 'microseconds';
  return size >= 1e17 ? 'nanoseconds' : null;
}
