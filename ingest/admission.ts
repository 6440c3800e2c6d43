import { METRICS } from '../domain/index.ts';

/** A device may be ahead of us by this much; beyond it its clock is bad. Contract: quarantine. */
export const TIME_AHEAD_MS = 10 * 60_000;
/** Older than this waits in quarantine until a person adopts it. */
export const TIME_TOO_OLD_MS = 400 * 86_400_000;
export const MAX_READINGS_PER_MESSAGE = 10_000;

/** Why something was not taken; docs/mqtt.md says what each means. */
export const REFUSAL_REASONS = [
  'TOPIC_UNKNOWN',
  'PAYLOAD_NOT_JSON',
  'READINGS_TOO_MANY',
  'READING_NOT_OBJECT',
  'READING_EMPTY',
  'FIELD_UNKNOWN',
  'VALUE_NOT_NUMBER',
  'VALUE_NOT_PHYSICAL',
  'TIME_NOT_UNDERSTOOD',
  'TIME_AHEAD',
  'TIME_TOO_OLD',
  'CONFLICT',
  'BATCH_MALFORMED',
  'BATCH_FOREIGN',
  'SIGHTING_MALFORMED',
  'STATUS_MALFORMED',
  'DECODER_FAILED',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** null where an event time may stand, given when it arrived. Epoch ms. */
export function refusalOfTime(time: number, arrival: number): 'TIME_AHEAD' | 'TIME_TOO_OLD' | null {
  if (time > arrival + TIME_AHEAD_MS) return 'TIME_AHEAD';
  return time < arrival - TIME_TOO_OLD_MS ? 'TIME_TOO_OLD' : null;
}

export const KNOWN_FIELDS = ['time', ...METRICS.map(({ name }) => name)].join(', ');
