/**
 * Positions of records on a stream. A message has as many places as records fit into one, and its records stand at the end
 * of them: the last one of a family is always at the last place, so that the stream's last sequence alone says how far the
 * log reaches.
 */

/** Places of a message, and most records of one. 2^53 / 2^12 messages last 69 years at a thousand a second. */
export const PLACES = 4_096;
/** Largest message of a stream. */
export const MOST_MESSAGE_BYTES = 8 * 1_048_576;

/** Of the record `index` of `count` of its family, in the message `sequence` of the stream. */
export function positionOf(sequence: number, index: number, count: number): number {
  return (sequence + 1) * PLACES - count + index;
}

/** Of the last record that a message can hold. */
export function endOf(sequence: number): number {
  return (sequence + 1) * PLACES - 1;
}

/** The message that a position is in. */
export function sequenceOf(position: number): number {
  return Math.floor(position / PLACES);
}

/** The first message with something behind a position. */
export function nextSequence(position: number): number {
  return Math.max(sequenceOf(position + 1), 1);
}
