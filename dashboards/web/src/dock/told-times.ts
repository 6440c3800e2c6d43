/** A moment as the server writes it in its sentences (RFC 3339, UTC). */
const MOMENT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/**
 * A sentence of the server with its moments on the clock of the door: who stands there reads no other.
 *
 * @param clock of a moment, epoch ms UTC
 */
export function withTimes(sentence: string, clock: (at: number) => string): string {
  return sentence.replaceAll(MOMENT, (moment) => clock(Date.parse(moment)));
}
